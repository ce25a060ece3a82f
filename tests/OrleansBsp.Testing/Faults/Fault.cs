namespace OrleansBsp.Testing.Faults;

/// <summary>Something that goes wrong for a while. A value: it says what happens and for how long, and two that are equal do the same.</summary>
public abstract record Fault
{
    /// <summary>What happens, in words.</summary>
    public abstract string What { get; }

    /// <summary>Acts, and mends what it has broken: afterwards everything is there again, or this throws. Only silos that ended by themselves are still to be started.</summary>
    /// <param name="tell">Takes what it saw, for the report.</param>
    public abstract Task StrikeAsync(Stage stage, Action<string> tell, CancellationToken stop);

    /// <summary>Silos may end by themselves of it: they are started again. Of anything else they must not.</summary>
    public virtual bool MayEndSilos => false;

    /// <summary>Only a silo is struck: the others have all they need, and its campaigns go on there.</summary>
    public virtual bool LeavesOthers => false;

    /// <summary>So many silos are killed, or may end of it. What each had in its hands may stay unknown.</summary>
    public virtual int Deaths => 0;

    /// <summary>Requests to Meta, or its answers, are lost on the way: nobody can know what became of them.</summary>
    public virtual bool LosesAnswers => false;

    protected static Task LetActAsync(int seconds, CancellationToken stop) => Task.Delay(TimeSpan.FromSeconds(seconds), stop);
}

namespace OrleansBsp.Testing.Faults;

/// <summary>A silo stands still (SIGSTOP) until the others have declared it dead, and wakes up (SIGCONT): it must learn that it is dead, and end.</summary>
/// <param name="Seconds">How long it sleeps on after its death.</param>
public sealed record FreezeSilo(int Silo, int Seconds) : Fault
{
    public override string What => $"silo {Silo} frozen (SIGSTOP) until {Seconds} s past its death, then woken";

    public override bool LeavesOthers => true;

    public override int Deaths => 1;

    public override async Task StrikeAsync(Stage stage, Action<string> tell, CancellationToken stop)
    {
        var silo = stage.Silos[Silo];
        var deaths = await stage.DeathsAsync(Silo);
        await silo.SignalAsync("STOP");
        await Wait.UntilAsync(() => stage.DeathsAsync(Silo), count => count > deaths, "the others declare the frozen silo dead");
        await LetActAsync(Seconds, stop);
        await silo.SignalAsync("CONT");
        await Wait.UntilAsync(() => silo.HasEnded, "the silo that was woken learns that it is dead, and ends");
        await silo.StartAgainAsync();
    }
}

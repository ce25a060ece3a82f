namespace OrleansBsp.Testing.Faults;

/// <summary>A silo is killed at once (-9) and started again.</summary>
public sealed record KillSilo(int Silo, int DownSeconds) : Fault
{
    public override string What => $"silo {Silo} killed (-9), started again after {DownSeconds} s";

    public override bool LeavesOthers => true;

    public override int Deaths => 1;

    public override async Task StrikeAsync(Stage stage, Action<string> tell, CancellationToken stop)
    {
        await stage.Silos[Silo].KillAsync();
        await LetActAsync(DownSeconds, stop);
        await stage.Silos[Silo].StartAgainAsync();
    }
}

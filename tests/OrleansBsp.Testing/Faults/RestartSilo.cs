namespace OrleansBsp.Testing.Faults;

/// <summary>A silo is stopped in order, which must take less than 25 s and end with 0, and started again.</summary>
public sealed record RestartSilo(int Silo) : Fault
{
    public override string What => $"silo {Silo} stopped (SIGTERM) and started again";

    public override bool LeavesOthers => true;

    public override async Task StrikeAsync(Stage stage, Action<string> tell, CancellationToken stop)
    {
        await stage.Silos[Silo].StopAsync();
        await stage.Silos[Silo].StartAgainAsync();
    }
}

namespace OrleansBsp.Testing.Faults;

/// <summary>A silo gets only a part of the processor, in pieces: it runs a little and stands still for longer, again and again.</summary>
public sealed record StarveSilo(int Silo, int StillMs, int Seconds) : Fault
{
    private const int RunsMs = 100;

    public override string What => $"silo {Silo} stands still {StillMs} of each {StillMs + RunsMs} ms for {Seconds} s";

    public override bool LeavesOthers => true;

    public override int Deaths => 1;

    /// <summary>The others may have declared it dead.</summary>
    public override bool MayEndSilos => true;

    public override async Task StrikeAsync(Stage stage, Action<string> tell, CancellationToken stop)
    {
        var silo = stage.Silos[Silo];
        for (var until = DateTime.UtcNow.AddSeconds(Seconds); DateTime.UtcNow < until && !silo.HasEnded;)
        {
            await silo.SignalAsync("STOP");
            await Task.Delay(StillMs, CancellationToken.None);
            await silo.SignalAsync("CONT");
            await Task.Delay(RunsMs, stop);
        }
    }
}

namespace OrleansBsp.Testing.Faults;

/// <summary>One silo after another, whichever, is killed at once (-9) every few seconds, and started again.</summary>
/// <param name="Seed">Decides which.</param>
public sealed record KillSilos(int Times, int EverySeconds, int Seed) : Fault
{
    public override string What => $"{Times} times a random silo killed (-9), every {EverySeconds} s";

    public override int Deaths => Times;

    public override async Task StrikeAsync(Stage stage, Action<string> tell, CancellationToken stop)
    {
        var random = new Random(Seed);
        for (var time = 0; time < Times; time++)
        {
            var silo = random.Next(stage.Silos.Count);
            tell($"silo {silo}");
            var next = LetActAsync(EverySeconds, stop);
            await stage.Silos[silo].KillAsync();
            await stage.Silos[silo].StartAgainAsync();
            await next;
        }
    }
}

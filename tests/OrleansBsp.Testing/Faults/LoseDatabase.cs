using OrleansBsp.Server.Hosting.Silos;
using Xunit.Sdk;

namespace OrleansBsp.Testing.Faults;

/// <summary>One silo cannot reach the database, while its sends go on and the other silos see it well and alive; or none of them can.</summary>
/// <param name="Silo">Null: all of them.</param>
public sealed record LoseDatabase(int? Silo, Break Break, int Seconds) : Fault
{
    public override string What => $"{(Silo is { } silo ? $"silo {silo}'s line" : "the lines of all silos")} to PostgreSQL {Break.InWords()} for {Seconds} s";

    public override bool LeavesOthers => Silo is not null;

    public override int Deaths => 1;

    public override bool MayEndSilos => true;

    public override async Task StrikeAsync(Stage stage, Action<string> tell, CancellationToken stop)
    {
        var lines = Silo is { } silo ? [stage.DatabaseLines[silo]] : stage.DatabaseLines;
        foreach (var line in lines) await line.BreakAsync(Break);
        try
        {
            await LetActAsync(Seconds, stop);
        }
        finally
        {
            foreach (var line in lines) line.Mend();
        }

        // A silo that is alone with it gives its grains up and ends; if none has the database, all wait.
        if (Silo is not { } alone || !stage.Silos[alone].HasEnded) return;
        if (stage.Silos[alone].ExitCode is var code and not LoneSilo.ExitCode) throw new XunitException($"Silo {alone}, which alone had lost the database, ended with code {code} instead of {LoneSilo.ExitCode}.");
        tell("it ended by itself");
        await stage.Silos[alone].StartAgainAsync();
    }
}

namespace OrleansBsp.Testing.Faults;

/// <summary>One silo cannot reach the database, while its sends go on and the other silos see it well and alive.</summary>
public sealed record LoseDatabase(int Silo, Break Break, int Seconds) : Fault
{
    public override string What => $"silo {Silo}'s line to PostgreSQL {Break.InWords()} for {Seconds} s";

    public override async Task StrikeAsync(Stage stage, Action<string> tell, CancellationToken stop)
    {
        var line = stage.DatabaseLines[Silo];
        await line.BreakAsync(Break);
        try
        {
            await LetActAsync(Seconds, stop);
        }
        finally
        {
            line.Mend();
        }
    }
}

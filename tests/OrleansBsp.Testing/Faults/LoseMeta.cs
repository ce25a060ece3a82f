namespace OrleansBsp.Testing.Faults;

/// <summary>Nobody can reach Meta.</summary>
public sealed record LoseMeta(Break Break, int Seconds) : Fault
{
    public override string What => $"the line to Meta {Break.InWords()} for {Seconds} s";

    public override bool LosesAnswers => true;

    public override async Task StrikeAsync(Stage stage, Action<string> tell, CancellationToken stop)
    {
        await stage.Cable!.BreakAsync(Break);
        try
        {
            await LetActAsync(Seconds, stop);
        }
        finally
        {
            stage.Cable!.Mend();
        }
    }
}

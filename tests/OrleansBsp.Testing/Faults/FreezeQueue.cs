namespace OrleansBsp.Testing.Faults;

/// <summary>SQS answers nobody: requests hang.</summary>
public sealed record FreezeQueue(int Seconds) : Fault
{
    public override string What => $"SQS frozen for {Seconds} s";

    public override async Task StrikeAsync(Stage stage, Action<string> tell, CancellationToken stop)
    {
        await stage.Sqs!.SignalAsync("STOP");
        try
        {
            await LetActAsync(Seconds, stop);
        }
        finally
        {
            await stage.Sqs.SignalAsync("CONT");
        }
    }
}

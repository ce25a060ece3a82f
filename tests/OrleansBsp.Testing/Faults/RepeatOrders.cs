using OrleansBsp.Server.Campaigns.Sending;
using Xunit.Sdk;

namespace OrleansBsp.Testing.Faults;

/// <summary>SQS delivers orders twice and late: a second consumer takes what it gets and puts it back two times, each after a delay of its own; a silo is killed meanwhile, if asked for.</summary>
/// <param name="Silo">Killed in the middle and started again; null: none.</param>
public sealed record RepeatOrders(int LateMs, int Seconds, int? Silo) : Fault
{
    private const int Consumers = 4;

    public override string What => $"SQS delivers twice, up to {LateMs} ms late, for {Seconds} s{(Silo is { } silo ? $"; silo {silo} killed meanwhile" : "")}";

    public override bool LeavesOthers => true;

    public override int Deaths => Silo is null ? 0 : 1;

    public override async Task StrikeAsync(Stage stage, Action<string> tell, CancellationToken stop)
    {
        var repeating = RepeatAsync(stage, stop);
        if (Silo is { } silo)
        {
            await LetActAsync(Seconds / 2, stop);
            await stage.Silos[silo].KillAsync();
        }

        var repeated = await repeating;
        tell($"{repeated} orders delivered twice");
        if (Silo is { } killed) await stage.Silos[killed].StartAgainAsync();
        if (repeated == 0) throw new XunitException("Not one order could be taken from the queue to be delivered twice.");
    }

    private async Task<int> RepeatAsync(Stage stage, CancellationToken stop)
    {
        using var queues = SqsServer.Queues(stage.Queues!);
        var queue = await queues.GetAsync(SendWorker.Queue, stop);
        var until = DateTime.UtcNow.AddSeconds(Seconds);
        var (repeated, late) = (0, new List<Task>());
        await Task.WhenAll(Enumerable.Range(0, Consumers).Select(async _ =>
        {
            while (DateTime.UtcNow < until)
            {
                var received = await queue.ReceiveAsync(stop);
                if (received.Count == 0) continue;
                string[] bodies = [.. received.Select(message => message.Body)];
                for (var copy = 0; copy < 2; copy++)
                    lock (late) late.Add(SendLateAsync(bodies));
                await queue.DeleteAsync(received);
                Interlocked.Add(ref repeated, bodies.Length);
            }
        }));
        await Task.WhenAll(late);
        return repeated;

        async Task SendLateAsync(string[] bodies)
        {
            await Task.Delay(Random.Shared.Next(LateMs), CancellationToken.None);
            await queue.SendAsync(bodies, CancellationToken.None);
        }
    }
}

using Npgsql;
using OrleansBsp.Core.Pacing;
using OrleansBsp.Server.Cluster;
using OrleansBsp.Server.Queues;

namespace OrleansBsp.Server.Webhooks;

/// <summary>Takes webhooks from the queue to the inbox, and deletes them from the queue after the commit.</summary>
/// <remarks>
/// Killed between the two, it leaves messages that come again: the inbox holds a body twice then, and applying it again changes nothing.
/// While the database is away a batch stays in hand and is tried again. Given back it would be received again and again, and become a dead letter.
/// </remarks>
public sealed class IngestService(SqsQueues queues, SqsOptions options, InboxAppender inbox, Drain drain, TimeProvider clock, ILogger<IngestService> log) : BackgroundService
{
    // A thousand bodies, of some KB each, wait for their commit at most.
    private const int MaxBatches = 100;

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        new SqsConsumer(queues, QueuedIntake.Queue, options, MaxBatches, clock, HandleAsync, log).RunAsync(drain.Began);

    private async Task HandleAsync(SqsBatch batch, CancellationToken stop)
    {
        var bodies = batch.Messages.Select(message => (Message: message, Body: WebhookEnvelope.DecodeOrNull(message.Body, WebhookEndpoints.MaxBody))).ToList();
        var poisoned = bodies.Where(one => one.Body is null).Select(one => one.Message).ToList();
        if (poisoned.Count > 0)
        {
            log.NotOurMessages(QueuedIntake.Queue, poisoned.Count);
            await batch.ReturnAsync(poisoned);
        }

        // Each by itself, so that one that fails for good does not keep its neighbours.
        var appended = await Task.WhenAll(bodies.Where(one => one.Body is not null).Select(async one => (one.Message, Stored: await AppendAsync(one.Body!, stop))));
        var stored = appended.Where(one => one.Stored).Select(one => one.Message).ToList();
        if (stored.Count > 0) await batch.DeleteAsync(stored);
    }

    /// <returns>False: the process stops before it is known to be stored.</returns>
    private async Task<bool> AppendAsync(byte[] body, CancellationToken stop)
    {
        for (var failures = 0; ; failures++)
        {
            try
            {
                await inbox.AppendAsync(body);
                return true;
            }
            catch (Exception failure) when (failure is NpgsqlException or TimeoutException or InboxFullException or IOException)
            {
                if (stop.IsCancellationRequested) return false;
                await Task.Delay(Backoff.Ordinary.Spread(failures, Random.Shared.NextDouble(), least: 0.5), clock, stop).ContinueWith(static _ => { }, TaskScheduler.Default);
            }
        }
    }
}

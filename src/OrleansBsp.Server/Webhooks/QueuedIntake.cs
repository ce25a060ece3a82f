using OrleansBsp.Server.Queues;

namespace OrleansBsp.Server.Webhooks;

/// <summary>
/// Onto the queue, from which <see cref="IngestService"/> takes it to the inbox: the front door needs no database, and webhooks are taken while it is away.
/// </summary>
/// <remarks>
/// A body that does not fit into a message even when compressed goes to the inbox directly, where this process has the database. Meta sends at most 3 MB of JSON, which compresses to a
/// tenth, so that is next to never; refusing it would be refused again each time that Meta repeats it, for days, and splitting it would make parts
/// that nobody can check against the signature.
/// </remarks>
public sealed class QueuedIntake(SqsQueues queues, ILogger<SqsSender> log, DirectIntake? direct = null) : IWebhookIntake, IAsyncDisposable
{
    /// <summary>Name of the queue, without the prefix of the installation.</summary>
    public const string Queue = "webhooks";

    // Meta waits some seconds for an answer, and comes again after a 503 as after none.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly SqsSender _sender = new(queues, Queue, log);

    /// <inheritdoc/>
    public async Task AcceptAsync(byte[] body)
    {
        if (WebhookEnvelope.EncodeOrNull(body) is not { } message)
        {
            await AcceptTooLargeAsync(body);
            return;
        }

        try
        {
            using var patience = new CancellationTokenSource(Patience);
            await _sender.SendAsync(message, patience.Token);
        }
        catch (QueueRefusedException)
        {
            // A queue that was made with a smaller limit than Amazon's.
            await AcceptTooLargeAsync(body);
        }
        catch (Exception failure) when (failure is OperationCanceledException or QueueFullException or QueueAwayException)
        {
            throw new WebhookIntakeException(failure);
        }
    }

    private async Task AcceptTooLargeAsync(byte[] body)
    {
        if (direct is null)
        {
            log.TooLargeForQueue(Queue, body.Length);
            throw new WebhookIntakeException(new InvalidOperationException("The body does not fit into the queue."));
        }

        await direct.AcceptAsync(body);
    }

    public ValueTask DisposeAsync() => _sender.DisposeAsync();
}

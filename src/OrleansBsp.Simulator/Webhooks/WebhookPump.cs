using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Threading.Channels;

namespace OrleansBsp.Simulator.Webhooks;

/// <summary>One webhook: a batch of statuses, or bytes that were built elsewhere.</summary>
internal sealed record Delivery(string Callback, StatusUpdate[] Updates, byte[]? Body, int Generation, long BornMicros)
{
    public int Failures { get; set; }
}

/// <summary>
/// Delivers webhooks with a fixed number of workers and repeats what was not answered with exactly 200 (reference 3.8). The channel has no bound:
/// a status waits in 8 bytes, and Meta too keeps what a receiver does not take.
/// </summary>
internal sealed class WebhookPump : IAsyncDisposable
{
    private readonly Engine engine;
    private readonly HttpClient client;
    private readonly Channel<Delivery> channel = Channel.CreateUnbounded<Delivery>();
    private readonly CancellationTokenSource stopping = new();
    private readonly ConcurrentDictionary<int, TaskCompletionSource> early = new();
    private Task[] workers = [];
    private int outstanding;

    public WebhookPump(Engine engine)
    {
        this.engine = engine;
        client = new HttpClient(new SocketsHttpHandler { PooledConnectionIdleTimeout = TimeSpan.FromMinutes(2), UseProxy = false, AllowAutoRedirect = false })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    public WebhookStats Stats { get; } = new();

    /// <summary>Webhooks that are not delivered yet, those waiting for a retry included.</summary>
    public int Outstanding => Volatile.Read(ref outstanding);

    public void Start(int concurrency) => workers = [.. Enumerable.Range(0, Math.Max(1, concurrency)).Select(_ => Task.Run(WorkAsync))];

    public void Send(Delivery delivery)
    {
        Interlocked.Increment(ref outstanding);
        channel.Writer.TryWrite(delivery);
    }

    /// <summary>Completes when the first status of this message has been acknowledged.</summary>
    public Task WaitEarly(int ordinal) => early.GetOrAdd(ordinal, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    public void CompleteEarly(int ordinal)
    {
        if (!early.IsEmpty && early.TryRemove(ordinal, out var waiting))
        {
            waiting.TrySetResult();
        }
    }

    /// <summary>One POST outside the queue: the receiver's status, or 0 if there was no answer.</summary>
    public async Task<int> PostAsync(string callback, ReadOnlyMemory<byte> body, string? signature, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(engine.Behaviour.Webhooks.TimeoutMs);
        using var request = new HttpRequestMessage(HttpMethod.Post, callback) { Content = new ReadOnlyMemoryContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        if (signature is not null)
        {
            request.Headers.TryAddWithoutValidation(Signature.Header, signature);
        }

        try
        {
            using var response = await client.SendAsync(request, limit.Token);
            return (int)response.StatusCode;
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return 0;
        }
    }

    /// <summary>The verification GET (reference 5.1): true if the receiver answered 200 with the challenge.</summary>
    public async Task<bool> VerifyAsync(string callback, string verifyToken, CancellationToken cancellationToken)
    {
        var challenge = Random.Shared.Next(100_000_000, int.MaxValue).ToString(System.Globalization.CultureInfo.InvariantCulture);
        var separator = callback.Contains('?', StringComparison.Ordinal) ? '&' : '?';
        var url = $"{callback}{separator}hub.mode=subscribe&hub.challenge={challenge}&hub.verify_token={Uri.EscapeDataString(verifyToken)}";
        try
        {
            using var response = await client.GetAsync(url, cancellationToken);
            return response.StatusCode == HttpStatusCode.OK && await response.Content.ReadAsStringAsync(cancellationToken) == challenge;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await Task.WhenAll(workers);
        client.Dispose();
        stopping.Dispose();
    }

    private async Task WorkAsync()
    {
        var body = new StatusBody(engine.Ledger, engine.World, engine.Clock);
        var buffer = new WireBuffer();
        try
        {
            await foreach (var delivery in channel.Reader.ReadAllAsync(stopping.Token))
            {
                await DeliverAsync(delivery, body, buffer);
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    private async Task DeliverAsync(Delivery delivery, StatusBody body, WireBuffer buffer)
    {
        // A reset has emptied the ledger that the batch refers to.
        if (delivery.Generation != engine.Generation)
        {
            Interlocked.Decrement(ref outstanding);
            return;
        }

        buffer.Clear();
        if (delivery.Body is not null)
        {
            buffer.Raw(delivery.Body);
        }
        else
        {
            try
            {
                body.Write(buffer, delivery.Updates);
            }
            catch (IndexOutOfRangeException) when (delivery.Generation != engine.Generation)
            {
                Interlocked.Decrement(ref outstanding);
                return;
            }
        }

        var started = engine.Clock.RealMicros;
        var status = await PostAsync(delivery.Callback, buffer.Written, Signature.Of(engine.AppSecret, buffer.Written.Span), stopping.Token);
        if (status == 200)
        {
            Stats.Delivered(engine.Clock.RealMicros - started, Math.Max(1, delivery.Updates.Length));
            Acknowledge(delivery);
            Interlocked.Decrement(ref outstanding);
        }
        else
        {
            Stats.Failed();
            Retry(delivery);
        }
    }

    private void Acknowledge(Delivery delivery)
    {
        if (delivery.Generation != engine.Generation)
        {
            return;
        }

        foreach (var update in delivery.Updates)
        {
            engine.Ledger.Acknowledge(update.Ordinal, update.Status);
            CompleteEarly(update.Ordinal);
        }
    }

    private void Retry(Delivery delivery)
    {
        var options = engine.Behaviour.Webhooks;
        var now = engine.Clock.NowMicros;
        var waitMs = Math.Min(options.RetryMaxMs, options.RetryBaseMs * Math.Pow(2, Math.Min(30, delivery.Failures++)));
        if (now + (waitMs * 1000) - delivery.BornMicros > options.GiveUpAfterHours * 3600.0 * 1_000_000)
        {
            Stats.GivenUp();
            Interlocked.Decrement(ref outstanding);
            return;
        }

        lock (engine.ResetGate)
        {
            if (delivery.Generation == engine.Generation)
            {
                engine.Schedule(TimeSpan.FromMilliseconds(waitMs), () => channel.Writer.TryWrite(delivery), () => Interlocked.Decrement(ref outstanding));
                return;
            }
        }

        Interlocked.Decrement(ref outstanding);
    }
}

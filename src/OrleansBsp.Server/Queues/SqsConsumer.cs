using System.Collections.Concurrent;
using System.Diagnostics;
using OrleansBsp.Core.Pacing;

namespace OrleansBsp.Server.Queues;

/// <summary>
/// Receives from a queue until it is stopped, several receives at a time, and hands each batch to <paramref name="handle"/>, which deletes what it has
/// handled for good. While it works the batch stays with it, however long that takes; what it leaves comes again, and becomes a dead letter in the end.
/// </summary>
/// <remarks>What is left when it is stopped others have at once, also what a receive under way still brings.</remarks>
/// <param name="mostBatches">So many are handled at once; then nothing is received until one is done.</param>
public sealed class SqsConsumer(
    SqsQueues queues, string name, SqsOptions options, int mostBatches, TimeProvider clock, Func<SqsBatch, CancellationToken, Task> handle, ILogger log)
{
    private static readonly Backoff Pauses = new(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(5));

    // At a stop: what SQS has just given to a receive that is cut off would be kept from others for as long as it is held.
    private static readonly TimeSpan ReceiveOn = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim _free = new(mostBatches);
    private readonly ConcurrentDictionary<SqsBatch, long> _inHand = new(ReferenceEqualityComparer.Instance); // since when

    /// <summary>Of the queue, without the prefix.</summary>
    public string Name => name;

    /// <summary>Messages that are being handled.</summary>
    public int InHand => _inHand.Keys.Sum(batch => batch.Messages.Count);

    /// <summary>How long the oldest of them has been.</summary>
    public TimeSpan OldestAge => _inHand.Values.Select(started => Stopwatch.GetElapsedTime(started)).DefaultIfEmpty().Max();

    /// <summary>Ends when it was stopped and all that was received is handled.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        QueueMetrics.Add(this);
        await Task.WhenAll(Enumerable.Range(0, options.Receivers).Select(_ => Task.Run(() => LoopAsync(stop), CancellationToken.None)));
        for (var free = 0; free < mostBatches; free++) await _free.WaitAsync(CancellationToken.None);
        QueueMetrics.Remove(this);
    }

    private async Task LoopAsync(CancellationToken stop)
    {
        using var receiving = new CancellationTokenSource();
        using var stopping = stop.Register(() => receiving.CancelAfter(ReceiveOn));
        for (var failures = 0; !stop.IsCancellationRequested;)
        {
            try
            {
                var queue = await queues.GetAsync(name, stop);
                await _free.WaitAsync(stop);
                IReadOnlyList<SqsMessage> messages = [];
                try
                {
                    messages = await queue.ReceiveAsync(receiving.Token);
                }
                finally
                {
                    if (messages.Count == 0) _free.Release();
                }

                failures = 0;
                if (messages.Count > 0) _ = HandleAsync(new SqsBatch(queue, messages), stop);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                log.ReceivingFailed(name, failure.Message);
                await Task.Delay(Pauses.Spread(failures++, Random.Shared.NextDouble()), clock, stop).ContinueWith(static _ => { }, TaskScheduler.Default);
            }
        }
    }

    private async Task HandleAsync(SqsBatch batch, CancellationToken stop)
    {
        var started = Stopwatch.GetTimestamp();
        _inHand[batch] = started;
        using var done = new CancellationTokenSource();
        var keeping = KeepAsync(batch, done.Token);
        try
        {
            await handle(batch, stop);
        }
        catch (Exception failure)
        {
            log.HandlingFailed(name, batch.Messages.Count, failure.Message); // they come again
        }
        finally
        {
            await done.CancelAsync();
            await keeping;
            if (stop.IsCancellationRequested) await batch.KeepAsync(TimeSpan.Zero); // others may have at once what is left
            _inHand.TryRemove(batch, out _);
            QueueMetrics.Handled(name, started);
            _free.Release();
        }
    }

    private async Task KeepAsync(SqsBatch batch, CancellationToken done)
    {
        var time = TimeSpan.FromSeconds(options.VisibilitySeconds);
        while (true)
        {
            await Task.Delay(time / 2, clock, done).ContinueWith(static _ => { }, TaskScheduler.Default);
            if (done.IsCancellationRequested) return;
            await batch.KeepAsync(time);
        }
    }
}

/// <summary>Messages that were received together.</summary>
public sealed class SqsBatch(SqsQueue queue, IReadOnlyList<SqsMessage> messages)
{
    private readonly HashSet<SqsMessage> _gone = new(ReferenceEqualityComparer.Instance);

    public IReadOnlyList<SqsMessage> Messages => messages;

    /// <summary>These are handled, and committed wherever they were to be. Never throws.</summary>
    public Task DeleteAsync(IReadOnlyList<SqsMessage> handled)
    {
        lock (_gone) _gone.UnionWith(handled);
        return queue.DeleteAsync(handled);
    }

    /// <summary>Nobody can handle these: they go back at once and become dead letters as soon as they have been received often enough. Never throws.</summary>
    public Task ReturnAsync(IReadOnlyList<SqsMessage> poisoned)
    {
        lock (_gone) _gone.UnionWith(poisoned);
        return queue.KeepAsync(poisoned, TimeSpan.Zero);
    }

    internal Task KeepAsync(TimeSpan time)
    {
        List<SqsMessage> here;
        lock (_gone) here = [.. messages.Where(message => !_gone.Contains(message))];
        return queue.KeepAsync(here, time);
    }
}

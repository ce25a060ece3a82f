using System.Diagnostics;
using OrleansBsp.Core.Pacing;
using OrleansBsp.Core.Webhooks;
using OrleansBsp.Server.Cluster;

namespace OrleansBsp.Server.Webhooks;

/// <inheritdoc cref="IInboxGrain"/>
/// <remarks>
/// A loop beside the grain's turns reads a batch, hands its parts to their owners, and moves the cursor when all have committed. A
/// batch that was applied and whose cursor did not move is applied again; that changes nothing. The cursor carries the epoch.
/// </remarks>
[Orleans.Placement.RandomPlacement]
[Orleans.GrainDirectory.GrainDirectory(PostgresDirectory.Name)]
public sealed class InboxGrain(InboxStore store, WebhookRouter router, ILocalSiloDetails silo, ILogger<InboxGrain> log) : Grain, IInboxGrain
{
    // What one batch may hold in memory, about: some thousands of statuses, and as much again once they are read. One body may be
    // larger, up to 3 MB (reference 3.8).
    private const int MaxBodies = 2000;
    private const int MaxBytes = 1 << 20;

    private static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(30);
    private static readonly Backoff Pauses = new(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(5));

    private readonly SemaphoreSlim _signal = new(0, 1);
    private readonly CancellationTokenSource _stop = new();
    private Task _loop = Task.CompletedTask;
    private short _shard;
    private long _epoch;
    private long _offset;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _shard = short.Parse(this.GetPrimaryKeyString().AsSpan("i:".Length), System.Globalization.CultureInfo.InvariantCulture);
        (_epoch, _offset) = await store.TakeAsync(_shard, silo.Name, cancellationToken);
        _loop = Task.Run(() => RunAsync(_stop.Token), CancellationToken.None);
        var turns = TaskScheduler.Current;
        _ = _loop.ContinueWith(_ => DeactivateOnIdle(), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, turns);
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        await _stop.CancelAsync();
        await _loop;
    }

    public Task Poke()
    {
        if (_signal.CurrentCount == 0) _signal.Release();
        return Task.CompletedTask;
    }

    /// <summary>Ends when stopped, or when another activation has the shard.</summary>
    private async Task RunAsync(CancellationToken stop)
    {
        for (int failures = 0, lasting = 0; !stop.IsCancellationRequested;)
        {
            try
            {
                if (failures > 0) await Task.Delay(Pauses.After(failures - 1), TimeProvider.System, stop);
                var applied = await ApplyNextAsync(lasting, stop);
                failures = lasting = 0;
                if (applied is null) return;
                if (applied == 0) await _signal.WaitAsync(TimeSpan.FromSeconds(1), stop);
                // A lone webhook waits for nothing; under load larger batches cost less.
                else if (applied < 50) await Task.Delay(Gather, TimeProvider.System, stop);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                log.ApplyFailed(_shard, _offset, failures + 1, failure);
                failures++;
                // An outage says nothing about the batch: after a long one, nothing may be put aside at its first own failure.
                if (!Passing.Is(failure)) lasting++;
            }
        }
    }

    /// <returns>How many bodies were applied; null if another activation has the shard.</returns>
    /// <param name="failures">How often this batch has failed for reasons of its own.</param>
    private async Task<int?> ApplyNextAsync(int failures, CancellationToken stop)
    {
        var started = Stopwatch.GetTimestamp();
        var bodies = await store.ReadAsync(_shard, _offset, MaxBodies, MaxBytes, stop);
        if (bodies.Count == 0) return 0;

        var contents = bodies.ConvertAll(body => (body.Offset, WebhookReader.Read(body.Body)));
        await router.RouteAsync(_shard, contents, failures, stop);
        var last = bodies[^1].Offset;
        if (!await store.MoveAsync(_shard, _epoch, last, stop)) return null;
        _offset = last;
        WebhookMetrics.Applied(bodies.Count, started);
        return bodies.Count;
    }
}

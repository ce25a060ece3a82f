using System.Diagnostics;
using Npgsql;
using OrleansBsp.Core.Pacing;
using OrleansBsp.Server.Storage;

namespace OrleansBsp.Server.Campaigns;

/// <summary>
/// Writes what becomes known of a campaign's messages. One write is in flight; whatever arrives meanwhile, and for a while after the
/// last write, forms the next one: a lone outcome waits for nothing and a flood is written in large batches.
/// </summary>
/// <remarks>
/// A failed write is tried again as it is: merging is idempotent and counters follow from the real change of each row, so a write
/// that was committed although its answer was lost changes nothing the second time. Once the epoch is lost nothing is written
/// any more, and <see cref="Lost"/> says so.
/// Recording is never cancelled by shutdown: a send that has happened must be stored. It ends with <see cref="DisposeAsync"/>, bounded.
/// </remarks>
internal sealed class CampaignRecorder : IAsyncDisposable
{
    private const int MaxBatch = 2000;

    // Between two writes, so that larger batches form: a fixed cost of each is shared by more. Writes that take long, because the
    // database has much to do, come more rarely: a recorder writes for a fifth of the time at most.
    private static readonly TimeSpan ShortestRest = TimeSpan.FromMilliseconds(40);
    private static readonly TimeSpan LongestRest = TimeSpan.FromMilliseconds(200);
    private const int RestPerWrite = 4;

    private readonly CampaignLedger _ledger;
    private readonly CampaignProgress _progress;
    private readonly TimeSpan _uncertainWindow;
    private readonly ILogger _log;
    private readonly CampaignTraces? _traces;
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _work = new(0, 1);
    private readonly CancellationTokenSource _abandon = new();
    private readonly TaskCompletionSource _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _loop;
    private List<Change> _waiting = [];
    private List<TaskCompletionSource> _waiters = [];
    private volatile bool _closing;
    private volatile int _unrecorded;
    private long _waitingSince; // of the first that waits and of the first that is being written; 0: none
    private long _writingSince;

    public CampaignRecorder(CampaignLedger ledger, CampaignProgress progress, TimeSpan uncertainWindow, ILogger log, CampaignTraces? traces = null)
    {
        (_ledger, _progress, _uncertainWindow, _log, _traces) = (ledger, progress, uncertainWindow, log, traces);
        CampaignMetrics.Add(this);
        _loop = Task.Run(RunAsync);
    }

    /// <summary>Changes that are not stored yet.</summary>
    public int Unrecorded => _unrecorded;

    /// <summary>Age of the oldest change that is not stored yet.</summary>
    public TimeSpan OldestAge
    {
        get
        {
            lock (_lock)
            {
                var since = _writingSince != 0 ? _writingSince : _waitingSince;
                return since == 0 ? TimeSpan.Zero : Stopwatch.GetElapsedTime(since);
            }
        }
    }

    /// <summary>Completes when another activation owns the campaign.</summary>
    public Task Lost => _lost.Task;

    /// <summary>Called after each batch that is stored.</summary>
    public Action? Recorded { get; set; }

    public void Add(Change change)
    {
        lock (_lock)
        {
            if (_waiting.Count == 0) _waitingSince = Stopwatch.GetTimestamp();
            _waiting.Add(change);
            Interlocked.Increment(ref _unrecorded);
        }

        Wake();
    }

    /// <summary>Completes when the changes are committed.</summary>
    /// <exception cref="OwnershipLostException">They were not, and will not be here.</exception>
    public Task AddAsync(IReadOnlyCollection<Change> changes)
    {
        var committed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (_lost.Task.IsCompleted || _closing) return Task.FromException(new OwnershipLostException("the campaign"));
            if (_waiting.Count == 0) _waitingSince = Stopwatch.GetTimestamp();
            _waiting.AddRange(changes);
            _waiters.Add(committed);
            Interlocked.Add(ref _unrecorded, changes.Count);
        }

        Wake();
        return committed.Task;
    }

    /// <summary>Stores what waits, for at most ten seconds, and ends.</summary>
    public ValueTask DisposeAsync() => EndAsync(TimeSpan.FromSeconds(10));

    /// <summary>Stores what is known, and ends.</summary>
    /// <param name="limit">After this it gives up; at once if it is not above zero.</param>
    public async ValueTask EndAsync(TimeSpan limit)
    {
        lock (_lock) _closing = true;
        Wake();
        _abandon.CancelAfter(limit > TimeSpan.Zero ? limit : TimeSpan.Zero);
        await _loop;
        CampaignMetrics.Remove(this);
        _abandon.Dispose();
    }

    private void Wake()
    {
        lock (_lock)
            if (_work.CurrentCount == 0) _work.Release();
    }

    private async Task RunAsync()
    {
        var (rest, ended) = (TimeSpan.Zero, 0L);
        while (true)
        {
            await _work.WaitAsync();
            var early = rest - Stopwatch.GetElapsedTime(ended);
            if (early > TimeSpan.Zero && !_closing) await Task.Delay(early, TimeProvider.System);
            var began = Stopwatch.GetTimestamp();
            List<Change> changes;
            List<TaskCompletionSource> waiters;
            bool closing;
            lock (_lock)
            {
                (changes, _waiting) = (_waiting, []);
                (waiters, _waiters) = (_waiters, []);
                (_writingSince, _waitingSince) = (_waitingSince, 0);
                closing = _closing;
            }

            var failure = await WriteAllAsync(changes);
            ended = Stopwatch.GetTimestamp();
            rest = TimeSpan.FromTicks(Math.Clamp(Stopwatch.GetElapsedTime(began, ended).Ticks * RestPerWrite, ShortestRest.Ticks, LongestRest.Ticks));
            lock (_lock) _writingSince = 0;
            Interlocked.Add(ref _unrecorded, -changes.Count);
            foreach (var waiter in waiters)
            {
                if (failure is null) waiter.SetResult();
                else waiter.SetException(failure);
            }

            if (failure is not null)
            {
                _lost.TrySetResult();
                FailLateWaiters(failure);
                return;
            }

            Recorded?.Invoke();
            if (closing) return;
        }
    }

    /// <returns>Null when everything is stored; otherwise nothing more can be.</returns>
    private async Task<Exception?> WriteAllAsync(List<Change> changes)
    {
        foreach (var batch in changes.Chunk(MaxBatch))
        {
            for (var attempt = 0; ; attempt++)
            {
                try
                {
                    await WriteAsync(batch, mayBeWritten: attempt > 0);
                    break;
                }
                catch (OwnershipLostException lost)
                {
                    return lost;
                }
                catch (Exception failure) when (failure is NpgsqlException or TimeoutException or IOException && !_abandon.IsCancellationRequested)
                {
                    _log.WriteFailed(batch.Length, attempt + 1, failure.Message);
                    await Task.Delay(Backoff.Ordinary.After(attempt), TimeProvider.System, CancellationToken.None);
                }
                catch (Exception failure)
                {
                    _log.RecorderFailed(failure);
                    return failure;
                }
            }
        }

        return null;
    }

    /// <param name="mayBeWritten">An earlier try failed without telling whether it was committed: look at every row.</param>
    private async Task WriteAsync(Change[] changes, bool mayBeWritten)
    {
        var started = Stopwatch.GetTimestamp();
        var positions = changes.Select(change => change.Position).ToHashSet();
        var known = mayBeWritten ? [.. positions] : positions.Where(_progress.IsRecorded).ToArray();
        var stored = known.Length == 0 ? [] : await _ledger.ReadMessagesAsync(known, _abandon.Token);
        var batch = RecordedBatch.Merge(changes, stored, _uncertainWindow);
        var written = batch.New.Select(row => row.Position).Concat(stored.Keys).ToList();
        if (!batch.IsEmpty) await _ledger.WriteAsync(batch, _progress.RecordedThroughWith(written), _abandon.Token);
        _progress.Recorded(written);
        var took = Stopwatch.GetElapsedTime(started);
        CampaignMetrics.Recorded(changes.Length, batch, took);
        _traces?.Recorded(changes, took);
    }

    private void FailLateWaiters(Exception failure)
    {
        lock (_lock)
        {
            foreach (var waiter in _waiters) waiter.TrySetException(failure);
            _waiters = [];
        }
    }
}

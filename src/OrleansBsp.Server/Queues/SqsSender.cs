using System.Diagnostics;
using System.Text;
using OrleansBsp.Core.Pacing;

namespace OrleansBsp.Server.Queues;

/// <summary>
/// Sends messages to a queue, ten in a request where that many are waiting. Whoever sends is told when the queue has confirmed the message; until
/// then it is repeated, for as long as the sender has patience.
/// </summary>
public sealed class SqsSender : IAsyncDisposable
{
    // A round trip takes 5 to 20 ms at Amazon's: 64 of them at once carry some 30,000 messages a second.
    private const int MaxRequests = 64;
    private const long MaxWaitingBytes = 64 << 20;

    // While others are on their way, a few milliseconds fill a request. A lone message goes at once.
    private static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(3);
    private static readonly Backoff Pauses = new(TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(3));

    private readonly SqsQueues _queues;
    private readonly string _name;
    private readonly ILogger _log;
    private readonly Lock _lock = new();
    private readonly Queue<Waiting> _waiting = new();
    private readonly Dictionary<List<Waiting>, (int Count, long Since)> _groups = []; // on their way, a request each
    private readonly SemaphoreSlim _signal = new(0, 1);
    private readonly SemaphoreSlim _requests = new(MaxRequests);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;
    private long _waitingBytes;

    public SqsSender(SqsQueues queues, string name, ILogger<SqsSender> log)
    {
        (_queues, _name, _log) = (queues, name, log);
        QueueMetrics.Add(this);
        _loop = Task.Run(RunAsync);
    }

    /// <summary>Of the queue, without the prefix.</summary>
    public string Name => _name;

    /// <summary>Messages that are not confirmed yet.</summary>
    public int Unconfirmed
    {
        get { lock (_lock) return _waiting.Count + _groups.Values.Sum(group => group.Count); }
    }

    /// <summary>Age of the oldest of them; zero: there is none.</summary>
    public TimeSpan OldestAge
    {
        get
        {
            lock (_lock)
            {
                var oldest = _groups.Values.Select(group => group.Since).Append(_waiting.TryPeek(out var first) ? first.Since : long.MaxValue).Min();
                return oldest == long.MaxValue ? TimeSpan.Zero : Stopwatch.GetElapsedTime(oldest);
            }
        }
    }

    /// <summary>Completes when the queue has confirmed the message. It may have it twice then: an answer that is lost is followed by another try.</summary>
    /// <param name="giveUp">Ends the patience. Whether the queue has the message is not known then.</param>
    /// <exception cref="QueueRefusedException">The queue never takes this message.</exception>
    /// <exception cref="QueueFullException">Too much is waiting.</exception>
    /// <exception cref="OperationCanceledException">The patience has ended, or the process stops.</exception>
    public Task SendAsync(string body, CancellationToken giveUp)
    {
        var waiting = new Waiting(body, Encoding.UTF8.GetByteCount(body), Stopwatch.GetTimestamp(), giveUp);
        // SQS would refuse the whole request, which looks as if it were away.
        if (waiting.Bytes > SqsQueue.MaxBytes) return Task.FromException(new QueueRefusedException($"it has {waiting.Bytes} bytes, and {SqsQueue.MaxBytes} is the most that SQS takes"));
        lock (_lock)
        {
            if (_waitingBytes + waiting.Bytes > MaxWaitingBytes) throw new QueueFullException();
            _waitingBytes += waiting.Bytes;
            _waiting.Enqueue(waiting);
        }

        Signal();
        return giveUp.CanBeCanceled ? waiting.Confirmed.Task.WaitAsync(giveUp) : waiting.Confirmed.Task;
    }

    /// <summary>Gives up what is not confirmed within two seconds.</summary>
    public async ValueTask DisposeAsync()
    {
        _stop.CancelAfter(TimeSpan.FromSeconds(2));
        while (Unconfirmed > 0 && !_stop.IsCancellationRequested) await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, CancellationToken.None);
        await _stop.CancelAsync();
        await _loop;
        QueueMetrics.Remove(this);
        for (var taken = 0; taken < MaxRequests; taken++) await _requests.WaitAsync();
        for (var rest = Take(); rest.Count > 0; rest = Take()) Cancel(rest);
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                await _signal.WaitAsync(_stop.Token);
                while (true)
                {
                    if (IsBusy && !IsFull) await Task.Delay(Gather, TimeProvider.System, _stop.Token);
                    await _requests.WaitAsync(_stop.Token);
                    var group = Take();
                    if (group.Count > 0)
                    {
                        _ = SendGroupAsync(group);
                        continue;
                    }

                    _requests.Release();
                    break;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }
    }

    private bool IsBusy
    {
        get { lock (_lock) return _groups.Count > 0; }
    }

    private bool IsFull
    {
        get { lock (_lock) return _waiting.Count >= SqsQueue.MaxBatch; }
    }

    private List<Waiting> Take()
    {
        var group = new List<Waiting>(SqsQueue.MaxBatch);
        var bytes = 0;
        lock (_lock)
        {
            while (group.Count < SqsQueue.MaxBatch && _waiting.TryPeek(out var next) && (group.Count == 0 || bytes + next.Bytes <= SqsQueue.MaxBytes))
            {
                _waiting.Dequeue();
                _waitingBytes -= next.Bytes;
                if (next.GiveUp.IsCancellationRequested) continue; // nobody waits for it any more
                group.Add(next);
                bytes += next.Bytes;
            }

            if (group.Count > 0) _groups.Add(group, (group.Count, group[0].Since));
        }

        return group;
    }

    private async Task SendGroupAsync(List<Waiting> group)
    {
        var left = group;
        try
        {
            for (var failures = 0; ; failures++)
            {
                if (left.Count == 0) return;
                left = await TryAsync(left);
                if (left.Count == 0) return;
                await Task.Delay(Pauses.Spread(failures, Random.Shared.NextDouble()), TimeProvider.System, _stop.Token);
                left.RemoveAll(waiting => waiting.GiveUp.IsCancellationRequested);
            }
        }
        catch (OperationCanceledException)
        {
            Cancel(left);
        }
        finally
        {
            lock (_lock) _groups.Remove(group);
            _requests.Release();
        }
    }

    /// <returns>Those to be sent again.</returns>
    private async Task<List<Waiting>> TryAsync(List<Waiting> group)
    {
        try
        {
            var queue = await _queues.GetAsync(_name, _stop.Token);
            var refusals = await queue.SendAsync(group.ConvertAll(waiting => waiting.Body), _stop.Token);
            var again = new List<Waiting>();
            for (var index = 0; index < group.Count; index++)
            {
                if (refusals[index] is not { } refusal) group[index].Confirmed.TrySetResult();
                else if (refusal.IsForGood) group[index].Confirmed.TrySetException(new QueueRefusedException(refusal.Reason));
                else again.Add(group[index]);
            }

            if (again.Count > 0) _log.SendingFailed(_name, again.Count, "SQS took only a part of a batch");
            return again;
        }
        catch (QueueAwayException failure)
        {
            _log.SendingFailed(_name, group.Count, failure.Message);
            return group;
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            foreach (var waiting in group) waiting.Confirmed.TrySetException(failure);
            return [];
        }
    }

    private static void Cancel(List<Waiting> group)
    {
        foreach (var waiting in group) waiting.Confirmed.TrySetCanceled();
    }

    private void Signal()
    {
        lock (_lock)
            if (_signal.CurrentCount == 0) _signal.Release();
    }

    private sealed record Waiting(string Body, int Bytes, long Since, CancellationToken GiveUp)
    {
        public TaskCompletionSource Confirmed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

using System.Diagnostics;
using OrleansBsp.Core.Pacing;
using OrleansBsp.Core.PhoneNumbers;

namespace OrleansBsp.Server.PhoneNumbers;

/// <summary>
/// Starts messages at their moments, for all lanes of this process. A thread of its own, because a timer's callback waits its turn
/// in the thread pool, and a busy pool would bunch what should be even.
/// </summary>
public sealed class SendClock : IDisposable
{
    // Sends are started in steps of a millisecond: at 1,000/s that is one at a time.
    private const int StepMs = 1;

    // While a request waits, HttpClient keeps some 50 KB of buffers for it: these are 25 MB.
    private const int Unheard = 512;

    private readonly Dictionary<string, SendLane> _lanes = [];
    private readonly HashSet<SendLane> _busy = [];
    private readonly HashSet<SendLane> _toTell = [];
    private readonly AutoResetEvent _work = new(false);
    private readonly Thread _thread;
    private readonly long _origin = Stopwatch.GetTimestamp();
    private volatile bool _stopping;
    private volatile int _shareUnheard = Unheard;

    public SendClock()
    {
        _thread = new Thread(Run) { IsBackground = true, Name = "send-clock", Priority = ThreadPriority.AboveNormal };
        _thread.Start();
    }

    /// <summary>The process's monotonic time, for lanes and grants.</summary>
    public TimeSpan Now => Stopwatch.GetElapsedTime(_origin);

    /// <summary>What is known of the way to Meta, which all lanes go.</summary>
    public RoundTrips RoundTrips { get; } = new();

    /// <summary>How many requests of each lane may be unheard of (<see cref="SendWindow.Unheard"/>) whatever the way is like.</summary>
    public int ShareUnheard => _shareUnheard;

    /// <summary>The lane of a number; there is exactly one in a process.</summary>
    public SendLane LaneOf(PhoneNumberId number)
    {
        lock (_lanes)
        {
            if (_lanes.TryGetValue(number.Value, out var known)) return known;
            var lane = _lanes[number.Value] = new SendLane(number, this);
            PhoneNumberMetrics.Add(lane);
            return lane;
        }
    }

    /// <summary>Messages of all numbers that were started in the last full second.</summary>
    public int SentPerSecond
    {
        get { lock (_lanes) return _lanes.Values.Sum(lane => lane.SentPerSecond); }
    }

    /// <summary>Lanes that know of arrivals which their numbers want to be told.</summary>
    internal SendLane[] LanesToTell()
    {
        lock (_toTell) return [.. _toTell];
    }

    internal void HasToTell(SendLane lane)
    {
        lock (_toTell) _toTell.Add(lane);
    }

    internal ArrivalReport TakeArrivals(SendLane lane)
    {
        // Taken off before it is asked: what is added meanwhile puts it on again.
        lock (_toTell) _toTell.Remove(lane);
        var report = lane.TakeArrivals(out var nothingLeft);
        if (!nothingLeft) HasToTell(lane);
        return report;
    }

    internal void Wake(SendLane lane)
    {
        lock (_busy) _busy.Add(lane);
        _work.Set();
    }

    public void Dispose()
    {
        _stopping = true;
        _work.Set();
        _thread.Join();
        foreach (var lane in _lanes.Values) PhoneNumberMetrics.Remove(lane);
        _work.Dispose();
    }

    private void Run()
    {
        var lanes = new List<SendLane>();
        while (!_stopping)
        {
            lock (_busy) lanes.AddRange(_busy);
            if (lanes.Count == 0)
            {
                _work.WaitOne();
                continue;
            }

            _shareUnheard = Unheard / lanes.Count;
            var now = Now;
            foreach (var lane in lanes)
                if (!lane.StartDue(now)) Rest(lane);
            lanes.Clear();
            _work.WaitOne(StepMs);
        }
    }

    private void Rest(SendLane lane)
    {
        lock (_busy)
        {
            // Something may have been enqueued since: its Wake came before this, so look again under the lock.
            if (lane.Waiting == 0) _busy.Remove(lane);
        }
    }
}

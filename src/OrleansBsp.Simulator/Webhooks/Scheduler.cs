namespace OrleansBsp.Simulator.Webhooks;

/// <summary>Something due: a step of a message's plan, or work of another kind.</summary>
/// <param name="Generation">Low bits of the generation in which the ordinal is valid.</param>
internal readonly record struct DueItem(int Ordinal, short Step, short Generation, DueWork? Work = null);

/// <param name="Run">What to do on the scheduler's thread.</param>
/// <param name="Dropped">Called instead if a reset comes first.</param>
internal sealed record DueWork(Action Run, Action? Dropped);

/// <summary>
/// One priority queue over the simulator's clock and one thread that empties it, at most once per millisecond: a timer per message would cost
/// more than the message. Any thread may schedule; due items are handed over on the loop's own thread, one pass at a time.
/// </summary>
internal sealed class Scheduler : IDisposable
{
    private const int LongestSleepMs = 1000;
    private readonly Clock clock;
    private readonly Action<DueItem> handle;
    private readonly Func<long, long> flush;
    private readonly Lock gate = new();
    private readonly PriorityQueue<DueItem, long> queue = new();
    private readonly AutoResetEvent wake = new(false);
    private readonly List<DueItem> due = [];
    private readonly Thread loop;
    private long sleepingUntil = long.MaxValue;
    private bool busy;
    private volatile bool stopping;

    /// <param name="handle">Takes one due item.</param>
    /// <param name="flush">Called after each pass with the time; returns when it wants to be called again.</param>
    public Scheduler(Clock clock, Action<DueItem> handle, Func<long, long> flush)
    {
        this.clock = clock;
        this.handle = handle;
        this.flush = flush;
        loop = new Thread(Run) { IsBackground = true, Name = "simulator-scheduler" };
    }

    public void Start() => loop.Start();

    public void Schedule(long dueMicros, DueItem item)
    {
        bool earlier;
        lock (gate)
        {
            queue.Enqueue(item, dueMicros);
            earlier = dueMicros < sleepingUntil;
        }

        if (earlier)
        {
            wake.Set();
        }
    }

    /// <summary>Looks at the clock again, after it was pushed forward.</summary>
    public void Wake() => wake.Set();

    public void Clear()
    {
        (DueItem Element, long Priority)[] dropped;
        lock (gate)
        {
            dropped = [.. queue.UnorderedItems];
            queue.Clear();
        }

        foreach (var (item, _) in dropped)
        {
            item.Work?.Dropped?.Invoke();
        }
    }

    /// <summary>Items not yet handed over.</summary>
    public int Count
    {
        get
        {
            lock (gate)
            {
                return queue.Count;
            }
        }
    }

    /// <summary>Whether nothing is due and no pass is under way; with <paramref name="alsoFuture"/> nothing may be queued at all.</summary>
    public bool IsIdle(bool alsoFuture)
    {
        lock (gate)
        {
            return !busy && (!queue.TryPeek(out _, out var next) || (!alsoFuture && next > clock.NowMicros));
        }
    }

    public void Dispose()
    {
        stopping = true;
        wake.Set();
        if (loop.IsAlive)
        {
            loop.Join();
        }

        wake.Dispose();
    }

    private void Run()
    {
        while (!stopping)
        {
            var now = clock.NowMicros;
            lock (gate)
            {
                sleepingUntil = 0;
                busy = true;
                while (queue.TryPeek(out _, out var at) && at <= now)
                {
                    due.Add(queue.Dequeue());
                }
            }

            foreach (var item in due)
            {
                handle(item);
            }

            due.Clear();
            var next = flush(clock.NowMicros);
            lock (gate)
            {
                busy = false;
                next = queue.TryPeek(out _, out var at) ? Math.Min(at, next) : next;
                sleepingUntil = next;
            }

            // The wait may end early, but never before a millisecond has passed: passes gather what is due together.
            Thread.Sleep(1);
            var waitMs = (next - clock.NowMicros) / 1000;
            if (waitMs > 0)
            {
                wake.WaitOne((int)Math.Min(waitMs, LongestSleepMs));
            }
        }
    }
}

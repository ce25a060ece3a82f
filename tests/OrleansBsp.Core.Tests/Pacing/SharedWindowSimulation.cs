using OrleansBsp.Core.Pacing;

namespace OrleansBsp.Core.Tests.Pacing;

/// <summary>Three processes that always have something to send ask one number for permits, as lanes and number grains do, on a simulated clock of a millisecond.</summary>
internal sealed class SharedWindowSimulation(int limit, int seed)
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Slot = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan Guard = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongGuard = TimeSpan.FromMinutes(18);
    private static readonly TimeSpan LatestStart = TimeSpan.FromSeconds(2.5);
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    private readonly Random _random = new(seed);
    private SharedWindow _window = new(1, Guard);
    private readonly PermitSchedule _schedule = new(limit);
    private readonly Process[] _processes = [new(limit, 30), new(limit, 28), new(limit, 25.5)];
    private readonly PriorityQueue<(long Permit, TimeSpan? Age), TimeSpan> _reports = new();

    public int Limit => limit;

    public TimeSpan Now { get; private set; } = TimeSpan.FromHours(1);

    /// <summary>Stalls of each process in a second, on average; each lasts up to 0.9 s.</summary>
    public double Stalls { get; init; }

    /// <summary>How much longer a way to the receiver can be than the shortest.</summary>
    public int JitterMs { get; init; }

    /// <summary>How long at most what is told is on its way, and how much longer an answer than the shortest. Both are counted as if requests had arrived so much later.</summary>
    public int DelayMs { get; init; } = 25;

    /// <summary>The schedule alone decides, and what is told is not looked at.</summary>
    public bool IsBlind { get; init; }

    /// <summary>Nothing arrives before this moment, and then everything does; nobody waits for an answer any longer than five seconds.</summary>
    public TimeSpan SilentUntil { get; set; }

    /// <summary>Processes do not say that requests are still on their way.</summary>
    public bool IsSilenceUntold { get; init; }

    /// <summary>Only this one of the processes has something to send; null: all of them.</summary>
    public int? Only { get; set; }

    public List<TimeSpan> Arrivals { get; } = [];

    public void Run(TimeSpan time)
    {
        for (var end = Now + time; Now < end; Now += Step)
        {
            while (_reports.TryPeek(out var report, out var at) && at <= Now)
            {
                _reports.Dequeue();
                if (report.Age is { } age) _window.Arrived(report.Permit, Now - age);
                else _window.StillOnItsWay(report.Permit, Now);
            }

            _schedule.SetRate(Only is null ? 0.99 * limit : limit);
            foreach (var process in _processes) Turn(process);
        }
    }

    /// <summary>One of the processes is lost with all it knows; what it has posted goes on.</summary>
    public void LoseOne() => _processes[0].StalledUntil = TimeSpan.MaxValue;

    /// <summary>Another owner takes the number over, of a former one that has ended in order: with what that one knew, or as after a loss.</summary>
    public void ChangeOwner(bool isTold)
    {
        if (isTold)
        {
            _window.Leave(Now);
            var former = _window;
            _window = new SharedWindow(former.First, Guard, former.Known);
            foreach (var permit in former.OnTheirWay) _window.StillOnItsWay(permit, Now);
            return;
        }

        _window = new SharedWindow((_window.First >> 32) + 1 << 32, Guard);
        var until = _schedule.Offer(Now, 1, Second).Start;
        _window.Enter(new PermitGrant(limit, until - Second, Second / limit), until - Second, isTold: false);
    }

    public int MostInAnySecond()
    {
        var (sorted, most, from) = (Arrivals.Order().ToArray(), 0, 0);
        for (var until = 0; until < sorted.Length; until++)
        {
            while (sorted[until] - sorted[from] >= Second) from++;
            most = Math.Max(most, until - from + 1);
        }

        return most;
    }

    private void Turn(Process process)
    {
        if (Now < process.StalledUntil) return;
        if (_random.NextDouble() < Stalls / 1000)
        {
            process.StalledUntil = Now + Milliseconds(900);
            return;
        }

        while (process.Ends.TryPeek(out var end, out var at) && at <= Now)
        {
            process.Ends.Dequeue();
            if (end.IsAnswer) process.Window.Answered(end.Place, Now);
            else process.Window.Failed(end.Place, Now);
        }

        while (process.Granted.TryPeek(out var late, out var granted) && granted + LatestStart <= Now)
            _reports.Enqueue((process.Granted.Dequeue(), Second), Now + Milliseconds(DelayMs)); // it will not be posted
        while (process.Granted.TryPeek(out var permit, out var moment) && moment <= Now && process.Window.TryEnter(Now) is { } place)
        {
            process.Granted.Dequeue();
            place.Writing(Now);
            place.Written(Now);
            process.ToTell.Add((permit, place));
            var arrival = Now + process.OneWay + Milliseconds(JitterMs);
            arrival = arrival > SilentUntil ? arrival : SilentUntil;
            Arrivals.Add(arrival);
            var answer = arrival + process.OneWay + Milliseconds(DelayMs);
            if (answer <= Now + Timeout) process.Ends.Enqueue((place, true), answer);
            else process.Ends.Enqueue((place, false), Now + Timeout);
        }

        if (Now >= process.TellsAt) Tell(process);
        if (Only is { } only && process != _processes[only]) return;
        if (Now >= process.AsksAt && (process.Granted.Count == 0 || !process.Window.IsSilent(Now))) Ask(process);
    }

    private void Ask(Process process)
    {
        var horizon = Slot * 1.5;
        var offer = _schedule.Offer(Now, process.Window.IsSilent(Now) ? 1 : (int)Math.Max(1, limit * Slot.TotalSeconds), horizon);
        var grant = IsBlind ? offer : _window.Fit(offer, limit, Now + horizon);
        _schedule.Take(grant);
        var first = _window.Enter(grant, Now, isTold: true);
        for (var index = 0; index < grant.Count; index++) process.Granted.Enqueue(first + index, grant.MomentOf(index));
        process.AsksAt = Now + Milliseconds(20);
    }

    private void Tell(Process process)
    {
        foreach (var (permit, place) in process.ToTell)
            if (process.Window.LatestArrivalOf(place) is { } latest) _reports.Enqueue((permit, Now - latest), Now + Milliseconds(DelayMs));
        process.ToTell.RemoveAll(one => process.Window.LatestArrivalOf(one.Place) is not null);
        if (Now >= process.TellsOfSilenceAt && !IsSilenceUntold)
        {
            foreach (var (permit, _) in process.ToTell) _reports.Enqueue((permit, null), Now + Milliseconds(DelayMs));
            process.TellsOfSilenceAt = Now + Second;
        }

        process.TellsAt = Now + TimeSpan.FromMilliseconds(50);
    }

    private TimeSpan Milliseconds(int most) => TimeSpan.FromMilliseconds(_random.NextDouble() * most);

    /// <param name="wayMs">Each way without what varies; how long it is does not matter, but how much longer than that of another process.</param>
    private sealed class Process(int limit, double wayMs)
    {
        public TimeSpan OneWay { get; } = TimeSpan.FromMilliseconds(wayMs);

        public SendWindow Window { get; } = new(limit, LongGuard, Known(TimeSpan.FromMilliseconds(2 * wayMs)));

        public PriorityQueue<long, TimeSpan> Granted { get; } = new();

        public PriorityQueue<(SendWindow.Place Place, bool IsAnswer), TimeSpan> Ends { get; } = new();

        public List<(long Permit, SendWindow.Place Place)> ToTell { get; } = [];

        public TimeSpan StalledUntil { get; set; }

        public TimeSpan TellsAt { get; set; }

        public TimeSpan TellsOfSilenceAt { get; set; }

        public TimeSpan AsksAt { get; set; }

        // The way is known: what a process does before is the matter of SendWindow's own tests.
        private static RoundTrips Known(TimeSpan shortest)
        {
            var trips = new RoundTrips();
            for (var answer = 0; answer < 40_000; answer++) trips.Add(shortest, TimeSpan.FromHours(1));
            return trips;
        }
    }
}

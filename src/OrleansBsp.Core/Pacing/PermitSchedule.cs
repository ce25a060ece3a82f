namespace OrleansBsp.Core.Pacing;

/// <summary>
/// Hands out moments to send: one every 1/rate seconds, never two for the same moment, never in the past. Unused time is
/// lost, not saved up: after a pause there is no burst. Any second holds at most the rate, rounded up to a whole number.
/// </summary>
/// <remarks>Times are of one monotonic clock that the caller chooses. Not thread-safe.</remarks>
public sealed class PermitSchedule(double perSecond)
{
    private TimeSpan _next = TimeSpan.MinValue;

    /// <summary>Messages per second, above 0.</summary>
    public double PerSecond { get; private set; } = perSecond;

    /// <summary>Rounded up to whole ticks: rounded down, a second would now and then hold one more than the rate.</summary>
    public TimeSpan Interval => TimeSpan.FromTicks((long)Math.Ceiling(TimeSpan.TicksPerSecond / PerSecond));

    public void SetRate(double perSecond) => PerSecond = perSecond;

    /// <summary>Nothing before <paramref name="until"/>.</summary>
    public void HoldUntil(TimeSpan until)
    {
        if (until > _next) _next = until;
    }

    /// <summary>Takes up to <paramref name="want"/> moments that lie before <paramref name="now"/> + <paramref name="horizon"/>.</summary>
    /// <returns>A grant of 0 permits says when to ask again: its start.</returns>
    public PermitGrant Take(TimeSpan now, int want, TimeSpan horizon)
    {
        var grant = Offer(now, want, horizon);
        Take(grant);
        return grant;
    }

    /// <summary>What <see cref="Take(TimeSpan, int, TimeSpan)"/> would grant. Nothing of it is taken yet.</summary>
    public PermitGrant Offer(TimeSpan now, int want, TimeSpan horizon)
    {
        var start = _next > now ? _next : now;
        var room = (now + horizon - start) / Interval;
        var count = room < 0 ? 0 : (int)Math.Min(want, Math.Ceiling(room));
        return new PermitGrant(count, start, Interval);
    }

    /// <summary>Takes what is used of an offer: maybe fewer of its moments, the first ones.</summary>
    public void Take(PermitGrant used)
    {
        if (used.Count > 0) HoldUntil(used.Start + used.Interval * used.Count);
    }

    /// <summary>Something was sent or received outside the schedule and uses up <paramref name="count"/> moments.</summary>
    public void Spend(TimeSpan now, int count) => _next = (_next > now ? _next : now) + Interval * count;

    /// <summary>The same, but no moment later than <paramref name="now"/> + <paramref name="horizon"/> is used up: what was received long ago and is told of now, all at once, takes nothing from later.</summary>
    public void Spend(TimeSpan now, int count, TimeSpan horizon)
    {
        var before = _next;
        Spend(now, count);
        if (_next > now + horizon) _next = before > now + horizon ? before : now + horizon;
    }
}

/// <summary>The right to send <paramref name="Count"/> messages, one every <paramref name="Interval"/> from <paramref name="Start"/> on.</summary>
/// <param name="First">Number of the first permit, the others follow: when their requests have arrived is to be told (<see cref="SharedWindow"/>). 0: it need not be.</param>
/// <param name="Late">By so much at most its moments are later here than where they were granted.</param>
public readonly record struct PermitGrant(int Count, TimeSpan Start, TimeSpan Interval, long First = 0, TimeSpan Late = default)
{
    /// <summary>When the permit is used at the earliest.</summary>
    public TimeSpan MomentOf(int index) => Start + Interval * index;

    /// <summary>Its number; 0 if nothing of it is to be told.</summary>
    public long PermitOf(int index) => First == 0 ? 0 : First + index;
}

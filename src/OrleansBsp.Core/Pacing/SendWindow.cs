namespace OrleansBsp.Core.Pacing;

/// <summary>
/// Never more than the limit in any second, as seen by the receiver, and no bursts.
/// </summary>
/// <remarks>
/// What counts is when a request arrives, and we see only when it starts and when its answer comes. It arrived at the latest one
/// shortest round trip before its answer. So a request stays in the window until one second after that moment; then no second of the
/// receiver can hold more than the limit, whatever the network did in between. A request without an answer may still be under way,
/// but for longer than <see cref="Guard"/> we do not wait for it: the price of a slow receiver would be the whole rate.
/// After a stall the backlog goes out at twice the pace, not all at once.
/// Times are of one monotonic clock. Not thread-safe.
/// </remarks>
public sealed class SendWindow(int limit, TimeSpan guard)
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    // The caller looks about every millisecond; what fell between two looks may go together.
    private static readonly TimeSpan Slack = TimeSpan.FromMilliseconds(4);

    private const int AnswersToTrust = 1000;

    private Entry[] _ring = new Entry[64];
    private long _first; // number of the oldest entry kept
    private long _end;   // number that the next entry gets
    private TimeSpan _notBefore = TimeSpan.MinValue;
    private TimeSpan _shortest = TimeSpan.MaxValue;
    private long _answers;

    /// <summary>Messages per second, at least 1. A lower limit holds at once: what was sent under the old one counts.</summary>
    public int Limit { get; set; } = limit;

    /// <summary>For how long at most a request may be on its way before its arrival is assumed.</summary>
    public TimeSpan Guard { get; } = guard;

    /// <summary>Takes a place in the window.</summary>
    /// <returns>The ticket for <see cref="Answered"/>, or null: not now.</returns>
    public long? TryEnter(TimeSpan now)
    {
        if (now < _notBefore || Occupied(now) >= Limit) return null;
        if (_end - _first == _ring.Length) Grow();
        this[_end] = new Entry(now, null);
        _notBefore = (_notBefore > now - Slack ? _notBefore : now - Slack) + Second / (2.0 * Limit);
        return _end++;
    }

    /// <summary>The answer of the request with this ticket has come, or it has failed.</summary>
    public void Answered(long ticket, TimeSpan now)
    {
        if (ticket < _first || ticket >= _end) return;
        ref var entry = ref this[ticket];
        var roundTrip = now - entry.Start;
        // Forgets slowly: a path that got longer for good must not cost rate for ever.
        _shortest = roundTrip < _shortest ? roundTrip : _shortest + (roundTrip - _shortest) * 0.0001;
        _answers++;
        // The shortest of few is not short: until enough have come, a request counts as arriving with its answer.
        var arrived = _answers < AnswersToTrust ? now : now - _shortest;
        entry.Arrived = arrived > entry.Start ? arrived : entry.Start;
    }

    private int Occupied(TimeSpan now)
    {
        while (_first < _end && HasLeft(this[_first], now)) _first++;
        var occupied = (int)(_end - _first);
        // Only the oldest few, started more than a second ago, can have left the window early.
        for (var ticket = _first; ticket < _end; ticket++)
        {
            ref var entry = ref this[ticket];
            if (entry.Start + Second > now) break;
            if (HasLeft(entry, now)) occupied--;
        }

        return occupied;
    }

    private bool HasLeft(Entry entry, TimeSpan now) =>
        entry.Start + Guard + Second <= now || (entry.Arrived is { } arrived && arrived + Second <= now);

    private ref Entry this[long ticket] => ref _ring[ticket & (_ring.Length - 1)];

    private void Grow()
    {
        var larger = new Entry[_ring.Length * 2];
        for (var ticket = _first; ticket < _end; ticket++) larger[ticket & (larger.Length - 1)] = this[ticket];
        _ring = larger;
    }

    private record struct Entry(TimeSpan Start, TimeSpan? Arrived);
}

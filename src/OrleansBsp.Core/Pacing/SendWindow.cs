namespace OrleansBsp.Core.Pacing;

/// <summary>
/// Never more than the limit in any second, as seen by the receiver, and no bursts.
/// </summary>
/// <remarks>
/// What counts is when a request arrives, and we see only when it starts and when its answer comes. Less the shortest way there,
/// which all of them need, a request arrives at its start or later, and at the latest one shortest round trip before its answer.
/// So a request stays in the window until one second after that moment; then no second of the receiver can hold more than the limit,
/// whatever the network did in between. A request without an answer may still be under way, but for longer than
/// <see cref="Guard"/> we do not wait for it: the price of a slow receiver would be the whole rate.
/// The shortest round trip is the shortest of the last ten to twenty thousand. The fewer there were, the less it can be trusted:
/// requests count as that much later, at first by the whole guard. With ten thousand that is a twenty-fifth of it, 0.2 % of the rate.
/// After a stall the backlog goes out at twice the pace, not all at once: in any time t, 2 × limit × (t + 4 ms) + 1 at most.
/// Times are of one monotonic clock. Not thread-safe.
/// </remarks>
public sealed class SendWindow(int limit, TimeSpan guard)
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    // The caller looks about every millisecond; what fell between two looks may go together.
    private static readonly TimeSpan Slack = TimeSpan.FromMilliseconds(4);

    private const int AnswersToTrust = 100;

    // How much longer than the shortest an ordinary way to the receiver may be.
    private static readonly TimeSpan Spread = TimeSpan.FromMilliseconds(50);

    // For so many answers at least a round trip is remembered, and for twice as many at most: a path that got longer for good must
    // not cost rate for ever.
    private const int Generation = 10_000;

    private Entry[] _ring = new Entry[64];
    private long _first; // number of the oldest entry kept
    private long _end;   // number that the next entry gets
    private TimeSpan _notBefore = TimeSpan.MinValue;
    private TimeSpan _shortest = TimeSpan.MaxValue; // of this generation
    private TimeSpan _shortestBefore = TimeSpan.MaxValue; // of the one before
    private int _answers; // in both; a generation begins when it is Generation

    /// <summary>Messages per second, at least 1. A lower limit holds at once: what was sent under the old one counts.</summary>
    public int Limit { get; set; } = limit;

    /// <summary>For how long at most a request may be on its way before its arrival is assumed.</summary>
    public TimeSpan Guard { get; } = guard;

    /// <summary>The shortest round trip of the last ten to twenty thousand; null before the first answer.</summary>
    public TimeSpan? ShortestRoundTrip => _answers == 0 ? null : _shortest < _shortestBefore ? _shortest : _shortestBefore;

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
        var arrived = now - Shortest(roundTrip) + Doubt;
        // It cannot have come after its answer; and the shortest of few round trips is not short (a cold start has only long ones).
        if (arrived > now || _answers < AnswersToTrust) arrived = now;
        entry.Arrived = arrived > entry.Start ? arrived : entry.Start;
    }

    // By how much the shortest way could be shorter than the shortest seen. Of n round trips whose two ways are up to one spread
    // longer, with even chances, none comes within 4 spreads / √n of the shortest in 3 of 10,000 cases.
    private TimeSpan Doubt => Spread * Math.Min(1, 4 / Math.Sqrt(_answers));

    private TimeSpan Shortest(TimeSpan roundTrip)
    {
        if (_answers == 2 * Generation) _answers = Generation;
        if (_answers == Generation) (_shortestBefore, _shortest) = (_shortest, TimeSpan.MaxValue);
        _answers++;
        _shortest = roundTrip < _shortest ? roundTrip : _shortest;
        return ShortestRoundTrip!.Value;
    }

    private int Occupied(TimeSpan now)
    {
        while (_first < _end && this[_first].Start + Guard + Second <= now) _first++;
        var occupied = (int)(_end - _first);
        // Only the oldest few, started more than a second ago, can have left the window early.
        for (var ticket = _first; ticket < _end; ticket++)
        {
            ref var entry = ref this[ticket];
            if (entry.Start + Second > now) break;
            if (entry.Arrived is { } arrived && arrived + Second <= now) occupied--;
        }

        return occupied;
    }

    private ref Entry this[long ticket] => ref _ring[ticket & (_ring.Length - 1)];

    private void Grow()
    {
        var larger = new Entry[_ring.Length * 2];
        for (var ticket = _first; ticket < _end; ticket++) larger[ticket & (larger.Length - 1)] = this[ticket];
        _ring = larger;
    }

    private record struct Entry(TimeSpan Start, TimeSpan? Arrived);
}

namespace OrleansBsp.Core.Pacing;

/// <summary>
/// Never more than the limit in any second, as seen by the receiver, and no bursts.
/// </summary>
/// <remarks>
/// What counts is when a request arrives, and we see only when it starts and when its answer comes. Less the shortest way there,
/// which all of them need, a request arrives at its start or later, and at the latest one shortest round trip before its answer
/// (<see cref="RoundTrips.Lead"/>, as well as it is known by now). So a request stays in the window until one second after that moment;
/// then no second of the receiver can hold more than the limit, whatever the network did in between. A request without an answer may
/// still be under way, but for longer than <paramref name="guard"/> we do not wait for it: the price of a slow receiver would be the whole rate.
/// After a stall the backlog goes out at twice the pace, not all at once: in any time t, 2 × limit × (t + 4 ms) + 1 at most.
/// Times are of one monotonic clock. Not thread-safe.
/// </remarks>
/// <param name="limit">See <see cref="Limit"/>.</param>
/// <param name="guard">For how long at most a request may be on its way before its arrival is assumed.</param>
/// <param name="roundTrips">What is known of the way to the receiver; learns from the answers here.</param>
public sealed class SendWindow(int limit, TimeSpan guard, RoundTrips roundTrips)
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    // The caller looks about every millisecond; what fell between two looks may go together.
    private static readonly TimeSpan Slack = TimeSpan.FromMilliseconds(4);

    private readonly Queue<Place> _lastSecond = new();
    private readonly List<Place> _older = []; // started more than a second ago, and possibly arrived within it
    private TimeSpan _notBefore = TimeSpan.MinValue;
    private int _underWay;

    /// <summary>Messages per second, at least 1. A lower limit holds at once: what was sent under the old one counts.</summary>
    public int Limit { get; set; } = limit;

    /// <summary>Requests of the last second that have not ended. Older ones hang: they are not counted, or they would stop everything.</summary>
    public int UnderWay(TimeSpan now)
    {
        Leave(now);
        return _underWay;
    }

    /// <summary>Takes a place in the window for a request that starts now.</summary>
    /// <returns>The place, for <see cref="Ended"/>; or null: not now.</returns>
    public Place? TryEnter(TimeSpan now)
    {
        if (now < _notBefore) return null;
        Leave(now);
        if (_lastSecond.Count + _older.Count >= Limit) return null;
        var place = new Place(now);
        _lastSecond.Enqueue(place);
        _underWay++;
        _notBefore = (_notBefore > now - Slack ? _notBefore : now - Slack) + Second / (2.0 * Limit);
        return place;
    }

    /// <summary>The request has ended. The first end of a request counts.</summary>
    /// <param name="answered">
    /// False if it failed without an answer or was never posted: that tells nothing of the way. Whether it arrived is not asked; it counts as if it had, just now.
    /// </param>
    public void Ended(Place place, TimeSpan now, bool answered)
    {
        if (place.End is not null) return;
        (place.End, place.IsAnswered) = (now, answered);
        if (!place.IsOlder) _underWay--;
        if (answered) roundTrips.Add(now - place.Start, now);
    }

    private void Leave(TimeSpan now)
    {
        while (_lastSecond.TryPeek(out var place) && place.Start + Second <= now)
        {
            _older.Add(_lastSecond.Dequeue());
            place.IsOlder = true;
            if (place.End is null) _underWay--;
        }

        var lead = roundTrips.Lead;
        var stay = 0;
        for (var index = 0; index < _older.Count; index++)
            if (LatestArrival(_older[index], lead) + Second > now) _older[stay++] = _older[index];
        _older.RemoveRange(stay, _older.Count - stay);
    }

    private TimeSpan LatestArrival(Place place, TimeSpan lead)
    {
        var latest = place.Start + guard;
        if (place.End is not { } end) return latest;
        var arrived = place.IsAnswered ? end - lead : end;
        return arrived < place.Start ? place.Start : arrived < latest ? arrived : latest;
    }

    /// <summary>A request's place in the window.</summary>
    public sealed class Place
    {
        internal Place(TimeSpan start) => Start = start;

        internal TimeSpan Start { get; }

        internal TimeSpan? End { get; set; }

        internal bool IsAnswered { get; set; }

        internal bool IsOlder { get; set; }
    }
}

namespace OrleansBsp.Core.Pacing;

/// <summary>
/// Never more than the limit in any second, as seen by the receiver, and no bursts.
/// </summary>
/// <remarks>
/// What counts is when a request arrives, and we see only when it starts and when its answer comes. Less the shortest way there,
/// which all of them need, a request arrives at its start or later, and at the latest one shortest round trip before its answer
/// (<see cref="RoundTrips.Lead"/>, as well as it is known by now). Requests arrive nearly in the order of their starts, so an answer
/// tells the same of those that started a little earlier: how long the receiver works on one, or whether it answers at all, matters little.
/// A request stays in the window until one second after its latest arrival; then no second of the receiver can hold more than the
/// limit, whatever the network did in between. While nothing is heard requests may be under way, but for longer than
/// <paramref name="guard"/> we do not wait: the price of a silent receiver would be the whole rate.
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

    // A request that starts so much later than another does not arrive before it, though they may go by two threads and connections.
    private static readonly TimeSpan Reordering = TimeSpan.FromMilliseconds(10);

    private readonly Queue<Place> _places = new(); // in the order of their starts, as is the next
    private readonly Queue<Place> _toHearOf = new(); // from the first on of which nothing has been heard
    private TimeSpan _notBefore = TimeSpan.MinValue;

    /// <summary>Messages per second, at least 1. A lower limit holds at once: what was sent under the old one counts.</summary>
    public int Limit { get; set; } = limit;

    /// <summary>
    /// Requests that may be under way: not those whose answer just takes long, as later ones have been answered, nor those that failed.
    /// </summary>
    public int Unheard { get; private set; }

    /// <summary>Takes a place in the window for a request that starts now.</summary>
    /// <returns>The place, for <see cref="Answered"/> or <see cref="Failed"/>; or null: not now.</returns>
    public Place? TryEnter(TimeSpan now)
    {
        if (now < _notBefore) return null;
        Leave(now);
        if (_places.Count >= Limit) return null;
        var place = new Place(now);
        _places.Enqueue(place);
        _toHearOf.Enqueue(place);
        Unheard++;
        _notBefore = (_notBefore > now - Slack ? _notBefore : now - Slack) + Second / (2.0 * Limit);
        return place;
    }

    /// <summary>The receiver has answered this request. Each ends once, here or with <see cref="Failed"/>.</summary>
    public void Answered(Place place, TimeSpan now)
    {
        roundTrips.Add(now - place.Start, now);
        Hear(place, now);
        while (_toHearOf.TryPeek(out var earlier) && (earlier.HeardAt is not null || earlier.Start + Reordering <= place.Start))
            Hear(_toHearOf.Dequeue(), now);
    }

    /// <summary>The request failed on the way, or was not posted at all: that tells nothing of the way. It keeps its place.</summary>
    public void Failed(Place place)
    {
        if (place.HeardAt is null) Unheard--;
        place.HasFailed = true;
    }

    /// <summary>When the request has arrived at the latest, as well as it is known now; null: it may still be on its way.</summary>
    public TimeSpan? LatestArrivalOf(Place place) => place.HeardAt is null ? null : LatestArrival(place, roundTrips.Lead);

    private void Hear(Place place, TimeSpan now)
    {
        if (place.HeardAt is not null) return;
        place.HeardAt = now;
        if (!place.HasFailed) Unheard--;
    }

    private void Leave(TimeSpan now)
    {
        var lead = roundTrips.Lead;
        while (_places.TryPeek(out var place) && LatestArrival(place, lead) + Second <= now) Hear(_places.Dequeue(), now);
        while (_toHearOf.TryPeek(out var place) && place.HeardAt is not null) _toHearOf.Dequeue();
    }

    private TimeSpan LatestArrival(Place place, TimeSpan lead)
    {
        var latest = place.Start + guard;
        if (place.HeardAt is not { } heard || heard - lead >= latest) return latest;
        return heard - lead > place.Start ? heard - lead : place.Start;
    }

    /// <summary>A request's place in the window.</summary>
    public sealed class Place
    {
        internal Place(TimeSpan start) => Start = start;

        /// <summary>When the request was started.</summary>
        public TimeSpan Start { get; }

        /// <summary>When its answer came or that of a later one, whichever was first, or its place was given up.</summary>
        internal TimeSpan? HeardAt { get; set; }

        internal bool HasFailed { get; set; }
    }
}

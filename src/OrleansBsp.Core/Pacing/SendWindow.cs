namespace OrleansBsp.Core.Pacing;

/// <summary>
/// Never more than the limit in any second, as seen by the receiver, and no bursts.
/// </summary>
/// <remarks>
/// What counts is when a request arrives, and we see only when it starts and when its answer comes. Less the shortest way there,
/// which all of them need, a request arrives at its start or later, and at the latest one shortest round trip before its answer
/// (<see cref="RoundTrips.Lead"/>, as well as it is known by now). Requests arrive nearly in the order in which they were written, so an answer
/// tells the same of those that were written a little earlier: how long the receiver works on one, or whether it answers at all, matters little. It tells nothing of those that have started and
/// wait to be written: on a busy machine some wait for tens of milliseconds while later ones are answered. An answer that ends a silence
/// tells of its own request only: what the silence has held back arrives at once and in any order.
/// A request stays in the window until one second after its latest arrival; then no second of the receiver can hold more than the
/// limit, whatever the network did in between.
/// A request that failed without an answer may still arrive: what a silent network has taken it can deliver long after we have given up waiting. So it too stays until
/// a later one is answered, maybe one of another window that goes the same way, however long that takes, for <paramref name="guard"/> at most.
/// While the way is silent (<see cref="IsSilent"/>) single requests try it, at growing intervals: more would arrive together in the end, or never, and nobody would know which.
/// A window that is full of failed requests lets one try too, beyond the limit, or sending could stop for ever.
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

    // A request that is written so much later than another does not arrive before it, though they may go by two connections.
    private static readonly TimeSpan Reordering = TimeSpan.FromMilliseconds(10);

    // Shorter, and ordinary pauses of a receiver would be taken for silence; longer, and the window would be full by then: what is left of it is for those that try the way.
    private static readonly TimeSpan LeastSilence = TimeSpan.FromMilliseconds(500);

    // The next one tries when the silence has doubled, but not so late that sending would go on long after the way is back.
    private static readonly TimeSpan LongestBetweenTries = TimeSpan.FromSeconds(10);

    private readonly List<Place> _unheard = []; // in the order of their starts, from the first on of which nothing has been heard
    private readonly Queue<Place> _heard = new(); // in the order in which they were heard of
    private int _unheardCount;
    private TimeSpan _usual; // of this window's answers: a receiver may be slow for it alone. It rises quicker than it falls: too short, and slow answers would be taken for silence for long
    private TimeSpan _lastVoucher = TimeSpan.MinValue; // when the last of those started whose answers tell of earlier ones
    private TimeSpan _notBefore = TimeSpan.MinValue;
    private TimeSpan _nextTry = TimeSpan.MinValue;

    /// <summary>Messages per second, at least 1. A lower limit holds at once: what was sent under the old one counts.</summary>
    public int Limit { get; set; } = limit;

    /// <summary>
    /// Requests that may be under way: not those whose answer just takes long, as later ones have been answered, nor those that failed.
    /// </summary>
    public int Unheard { get; private set; }

    /// <summary>When the oldest of them was started; null: there is none.</summary>
    public TimeSpan? OldestUnheard => _unheard.Find(place => place is { HeardAt: null, HasFailed: false })?.Start;

    /// <summary>Of a request nothing has been heard for longer than answers take, nor of any later one, or of more requests than are sent in that time.</summary>
    public bool IsSilent(TimeSpan now) => SilentSince(now) is not null;

    /// <summary>Takes a place in the window for a request that starts now.</summary>
    /// <returns>The place, for <see cref="Answered"/>, <see cref="Failed"/> or <see cref="NotPosted"/>; or null: not now.</returns>
    public Place? TryEnter(TimeSpan now)
    {
        if (now < _notBefore) return null;
        var silentSince = SilentSince(now);
        if (silentSince is null ? _unheardCount + _heard.Count >= Limit : !MayTry(now)) return null;
        if (silentSince is { } since) _nextTry = now + Clamp(now - since, LeastSilence, LongestBetweenTries);
        var place = new Place(now);
        _unheard.Add(place);
        _unheardCount++;
        Unheard++;
        _notBefore = (_notBefore > now - Slack ? _notBefore : now - Slack) + Second / (2.0 * Limit);
        return place;
    }

    /// <summary>The receiver has answered this request. Each ends once, here or with <see cref="Failed"/> or <see cref="NotPosted"/>.</summary>
    public void Answered(Place place, TimeSpan now)
    {
        var roundTrip = now - place.Start;
        var vouches = roundTrip <= LongestUnheard;
        roundTrips.Add(Max(now - place.Began, TimeSpan.Zero), now, vouches);
        _usual += (roundTrip - _usual) / (roundTrip > _usual ? 16 : 64);
        if (vouches)
        {
            _lastVoucher = Max(_lastVoucher, place.Start);
            HearOfEarlier(place, now);
        }
        else _nextTry = TimeSpan.MinValue; // the next one will tell of the others
        Hear(place, now);
    }

    /// <summary>The request failed on the way: that tells nothing of the way. It keeps its place.</summary>
    public void Failed(Place place, TimeSpan now)
    {
        if (place.HeardAt is null) Unheard--;
        place.HasFailed = true;
        place.Ended(now);
    }

    /// <summary>The request was not posted and will not be: its place is free as soon as those before it are.</summary>
    public void NotPosted(Place place)
    {
        place.WasNotPosted = true;
        Hear(place, place.Start);
        _nextTry = TimeSpan.MinValue; // it may have been the one that was to try the way
    }

    /// <summary>When the request has arrived at the latest, as well as it is known now; null: it may still be on its way.</summary>
    public TimeSpan? LatestArrivalOf(Place place) => place.HeardAt is null ? null : LatestArrival(place, roundTrips.Lead);

    /// <summary>What is over leaves. Called by itself before anything enters; by others only to learn of arrivals.</summary>
    public void Leave(TimeSpan now)
    {
        var over = 0;
        for (; over < _unheard.Count && _unheard[over] is var place && (place.HeardAt is not null || place.Start + guard + Second <= now || IsOvertaken(place)); over++) Hear(place, now);
        if (over > 0) _unheard.RemoveRange(0, over);
        var lead = roundTrips.Lead;
        while (_heard.TryPeek(out var place) && LatestArrival(place, lead) + Second <= now) _heard.Dequeue();
    }

    // Answers of a few requests come one after another: of one request alone it would be no silence yet.
    private TimeSpan LongestUnheard => Max(LeastSilence, 2 * Max(_usual, roundTrips.Usual)) + 2 * Second / Limit;

    private TimeSpan? SilentSince(TimeSpan now)
    {
        Leave(now);
        var overtaken = 0;
        foreach (var place in _unheard)
        {
            if (place.HeardAt is not null) continue;
            if (!place.HasFailed && place.Start + Reordering <= _lastVoucher)
            {
                overtaken++; // it waits to be written while later ones are answered; what has failed waits for nothing
                continue;
            }

            if (now - place.Start >= guard) return null;
            var longest = LongestUnheard;
            return now - place.Start > longest || _unheardCount - overtaken >= Limit * longest.TotalSeconds ? place.Start : null;
        }

        return null;
    }

    private bool MayTry(TimeSpan now) => now >= _nextTry && (_unheardCount + _heard.Count < Limit || (Unheard == 0 && _unheardCount >= Limit));

    /// <summary>An answer tells of what was written before its request. What has started earlier and is not written yet stays, and stays first.</summary>
    private void HearOfEarlier(Place answered, TimeSpan now)
    {
        var (written, looked, kept) = (answered.Began - Reordering, 0, 0);
        for (; looked < _unheard.Count && _unheard[looked].Start <= answered.Start; looked++)
        {
            var earlier = _unheard[looked];
            if (earlier.LeftBy <= written) Hear(earlier, now);
            else if (earlier.HeardAt is null) _unheard[kept++] = earlier;
        }

        _unheard.RemoveRange(kept, looked - kept);
    }

    private void Hear(Place place, TimeSpan now)
    {
        if (place.HeardAt is not null) return;
        place.HeardAt = now;
        _heard.Enqueue(place);
        _unheardCount--;
        if (!place.HasFailed) Unheard--;
    }

    /// <summary>It has failed, and a later one that went the same way was answered, if not one from here: who has nothing more to send would never hear.</summary>
    private bool IsOvertaken(Place place) => place.HasFailed && place.LeftBy + Reordering <= roundTrips.Answered;

    private TimeSpan LatestArrival(Place place, TimeSpan lead)
    {
        if (place.WasNotPosted) return place.Start - Second;
        var latest = place.Start + guard;
        if (place.HeardAt is not { } heard || heard - lead >= latest) return latest;
        return heard - lead > place.Start ? heard - lead : place.Start;
    }

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private static TimeSpan Clamp(TimeSpan time, TimeSpan least, TimeSpan most) => time < least ? least : time > most ? most : time;

    /// <summary>A request's place in the window.</summary>
    public sealed class Place
    {
        internal Place(TimeSpan start) => Start = start;

        /// <summary>When the request was started.</summary>
        public TimeSpan Start { get; }

        /// <summary>When its answer came or that of a later one, whichever was first, or its place was given up.</summary>
        internal TimeSpan? HeardAt { get; set; }

        internal bool HasFailed { get; set; }

        internal bool WasNotPosted { get; set; }

        private long _beganTicks = long.MaxValue;
        private long _leftByTicks = long.MaxValue;

        /// <summary>Nothing of the request was written earlier: its start, until more is known.</summary>
        internal TimeSpan Began => Volatile.Read(ref _beganTicks) is < long.MaxValue and var ticks ? new TimeSpan(ticks) : Start;

        /// <summary>All of the request that will be written was written by then; null: more may be.</summary>
        internal TimeSpan? LeftBy => Volatile.Read(ref _leftByTicks) is < long.MaxValue and var ticks ? new TimeSpan(ticks) : null;

        /// <summary>The request is about to be handed to the network; said before it is, on any thread.</summary>
        public void Writing(TimeSpan now) => Interlocked.CompareExchange(ref _beganTicks, now.Ticks, long.MaxValue);

        /// <summary>
        /// The request has been handed to the network; said after it was, on any thread. A busy process says both with delay, and each errs to the safe side: of an answered request counts when
        /// it began, of those it tells of when they had left.
        /// </summary>
        public void Written(TimeSpan now) => Volatile.Write(ref _leftByTicks, now.Ticks);

        /// <summary>Nothing of it is written any more.</summary>
        internal void Ended(TimeSpan now) => Interlocked.CompareExchange(ref _leftByTicks, now.Ticks, long.MaxValue);
    }
}

namespace OrleansBsp.Core.Pacing;

/// <summary>
/// Never more than the limit in any second, as seen by the receiver, where several processes send what one grants: <see cref="SendWindow"/> keeps each of them to the
/// limit by what it sees of its own requests; together they are kept to it by what they tell.
/// </summary>
/// <remarks>
/// Each permit has a place. It counts from its moment until one second, and <see cref="Apart"/>, after the latest time at which its request can have arrived. That is told by the process which
/// used it; until then the request is taken to be on its way, for <paramref name="guard"/> at most, or for so long after the process has said that it still is
/// (<see cref="StillOnItsWay"/>). So a silent way to the receiver keeps its places while who sent into it lives, and a lost process gives them up. What is known here is older by a report, and permits are granted a
/// little ahead of their moments; as long as both and the way to the receiver come to less than a second that costs nothing, because places of the last moments do not
/// have to leave yet. Times are of one monotonic clock, and grants come in the order of their moments or nearly. Not thread-safe.
/// </remarks>
/// <param name="first">Number of the first permit, above 0. Numbers of one window after another of the same number must not meet.</param>
/// <param name="guard">For how long after its moment a request may be on its way before its arrival is assumed.</param>
public sealed class SharedWindow(long first, TimeSpan guard)
{
    /// <summary>Of requests that nobody tells of, because who sends them is of an older version or has been lost: they have arrived so long after their moment.</summary>
    public static readonly TimeSpan Untold = TimeSpan.FromMilliseconds(100);

    /// <summary>Each process tells arrivals by its own shortest way to the receiver. Those of two processes differ by so much at most, or the limit is exceeded by what is sent in the rest.</summary>
    public static readonly TimeSpan Apart = TimeSpan.FromMilliseconds(5);

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Counts = Second + Apart;

    // When all places are taken by requests that are on their way for good, one more tries it now and then, or sending could stop for ever. Longer than requests are waited for.
    private static readonly TimeSpan LongestWithout = TimeSpan.FromSeconds(30);

    private readonly List<TimeSpan> _latest = []; // arrival of each permit from _first on
    private long _first = first;

    // Those of which was told that they are on their way: apart, as they may be so for minutes; also some that another window granted.
    private readonly Dictionary<long, TimeSpan> _onTheirWay = [];
    private TimeSpan _lastMoment = TimeSpan.Zero;

    /// <summary>A window that goes on with what another knew.</summary>
    /// <param name="known">See <see cref="Known"/>.</param>
    public SharedWindow(long first, TimeSpan guard, IEnumerable<TimeSpan> known)
        : this(first, guard) => _latest.AddRange(known);

    /// <summary>Number of the first permit that still counts.</summary>
    public long First => _first;

    /// <summary>The latest arrival of each permit from <see cref="First"/> on.</summary>
    public IReadOnlyList<TimeSpan> Known => _latest;

    /// <summary>Permits of which was told that their requests are still on their way.</summary>
    public IReadOnlyCollection<long> OnTheirWay => _onTheirWay.Keys;

    /// <summary>As much of an offer as fits, as early as it fits, evenly.</summary>
    /// <param name="limit">Messages in any second.</param>
    /// <param name="until">No permit of it is for a later moment.</param>
    /// <returns>A grant of 0 permits says when there is room again: its start.</returns>
    public PermitGrant Fit(PermitGrant offer, int limit, TimeSpan until)
    {
        if (offer.Count > 0 && offer.Start >= _lastMoment + LongestWithout && _onTheirWay.Count >= limit) return offer with { Count = 1 };
        var leaving = _latest.Concat(_onTheirWay.Values).Select(latest => latest + Counts).Where(leaves => leaves > offer.Start).ToArray();
        if (leaving.Length + offer.Count <= limit) return offer;
        Array.Sort(leaving);
        var (start, count) = (offer.Start, 0);
        for (; count < offer.Count; count++)
        {
            // Before the next one goes so many have to have left; its own predecessors do not leave within a second.
            var mustHaveLeft = leaving.Length + count + 1 - limit;
            if (mustHaveLeft > leaving.Length) break;
            var earliest = mustHaveLeft <= 0 ? start : leaving[mustHaveLeft - 1] - offer.Interval * count;
            var shifted = earliest > start ? earliest : start;
            if (count == 0) start = shifted;
            if (shifted + offer.Interval * count > until) break;
            start = shifted;
        }

        return offer with { Count = count, Start = start };
    }

    /// <summary>Takes the places of a grant.</summary>
    /// <param name="isTold">Whether the arrivals will be told.</param>
    /// <returns>The number of its first permit.</returns>
    public long Enter(PermitGrant grant, TimeSpan now, bool isTold)
    {
        Leave(now);
        var number = _first + _latest.Count;
        for (var index = 0; index < grant.Count; index++) _latest.Add(grant.MomentOf(index) + (isTold ? guard : Untold));
        if (grant.Count > 0) _lastMoment = grant.MomentOf(grant.Count - 1);
        return number;
    }

    /// <summary>This permit's request has arrived by then, or was not and will not be posted (any time a second ago). Unknown numbers are ignored.</summary>
    public void Arrived(long permit, TimeSpan latest)
    {
        if (_onTheirWay.ContainsKey(permit)) _onTheirWay[permit] = latest;
        else Know(permit, latest);
    }

    /// <summary>This permit's request has not arrived for all that is known, says who posted it. Its number may be one that a former window gave.</summary>
    public void StillOnItsWay(long permit, TimeSpan now)
    {
        _onTheirWay[permit] = now + guard;
        Know(permit, now - Counts);
    }

    /// <summary>Whether there are requests of which <see cref="StillOnItsWay"/> was told lately.</summary>
    public bool IsAnyOnItsWay(TimeSpan now)
    {
        Leave(now);
        return _onTheirWay.Count > 0;
    }

    private void Know(long permit, TimeSpan latest)
    {
        var index = permit - _first;
        if (index >= 0 && index < _latest.Count) _latest[(int)index] = latest;
    }

    /// <summary>Forgets what does not count any more.</summary>
    public void Leave(TimeSpan now)
    {
        var gone = 0;
        while (gone < _latest.Count && _latest[gone] + Counts <= now) gone++;
        _latest.RemoveRange(0, gone);
        _first += gone;
        foreach (var (permit, latest) in _onTheirWay)
            if (latest + Counts <= now) _onTheirWay.Remove(permit);
    }
}

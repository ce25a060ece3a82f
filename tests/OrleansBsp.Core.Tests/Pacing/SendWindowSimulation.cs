using OrleansBsp.Core.Pacing;

namespace OrleansBsp.Core.Tests.Pacing;

/// <summary>
/// A caller that always has something to send looks at a <see cref="SendWindow"/> every millisecond; a network carries the
/// requests to a receiver and the answers back. All of it on a simulated clock, so that each run is the same.
/// </summary>
internal sealed class SendWindowSimulation(SendWindow window, int seed)
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan NeverYet = TimeSpan.MaxValue;

    private readonly Random _random = new(seed);
    private readonly PriorityQueue<(SendWindow.Place Place, bool IsAnswer), TimeSpan> _ends = new();
    private readonly PriorityQueue<(SendWindow.Place Place, int Index), TimeSpan> _writes = new();
    private TimeSpan _lastArrival = TimeSpan.Zero;

    public TimeSpan Now { get; private set; } = TimeSpan.FromHours(1);

    public TimeSpan Look { get; init; } = TimeSpan.FromMilliseconds(1);

    /// <summary>Shortest ways there and back; the receiver's work is part of the way back.</summary>
    public TimeSpan There { get; set; } = TimeSpan.FromMilliseconds(30);

    public TimeSpan Back { get; set; } = TimeSpan.FromMilliseconds(60);

    /// <summary>How much longer each way can be, evenly spread. Requests arrive in their order, answers come in any.</summary>
    public TimeSpan JitterThere { get; set; }

    public TimeSpan JitterBack { get; set; }

    /// <summary>Share of the requests that are not written when they start but up to <see cref="LatestWrite"/> later, as on a machine that has no time for them. Others overtake them.</summary>
    public double WrittenLate { get; init; }

    public TimeSpan LatestWrite { get; init; } = TimeSpan.FromMilliseconds(60);

    /// <summary>The caller does not say when requests were written, but takes them for written when they start.</summary>
    public bool IsWriteUntold { get; init; }

    /// <summary>Nothing arrives before this moment: the network stands still.</summary>
    public TimeSpan FrozenUntil { get; set; }

    /// <summary>Share of the requests that arrive but are never answered.</summary>
    public double Unanswered { get; set; }

    /// <summary>So long the caller waits for an answer; then the request has failed, though it may still arrive. Null: for ever.</summary>
    public TimeSpan? Timeout { get; set; }

    /// <summary>In the order of their start.</summary>
    public List<Request> Requests { get; } = [];

    public void Run(TimeSpan time)
    {
        for (var end = Now + time; Now < end; Now += Look)
        {
            HandOverEnds(stalledUntil: null);
            while (window.TryEnter(Now) is { } place) Send(place);
        }
    }

    /// <summary>The caller stands still: answers come in, and it sees them only afterwards.</summary>
    public void StallSender(TimeSpan time)
    {
        Now += time;
        HandOverEnds(stalledUntil: Now);
    }

    /// <summary>The caller has nothing to send for a while.</summary>
    public void Idle(TimeSpan time)
    {
        Now += time;
        HandOverEnds(stalledUntil: null);
    }

    /// <summary>
    /// By how many arrivals the fullest second at the receiver is above the limit, 0 if none is. After a change of the limit, the one
    /// that counts is that of the second's last start: what was sent before under a higher limit cannot be called back.
    /// </summary>
    /// <param name="from">Seconds that begin before do not matter.</param>
    public int WorstExcess(TimeSpan from = default)
    {
        var order = Enumerable.Range(0, Requests.Count).Where(index => Requests[index].Arrival >= from && Requests[index].Arrival != NeverYet).OrderBy(index => Requests[index].Arrival).ToArray();
        var (worst, lowest) = (0, Requests.Min(request => request.Limit));
        for (var first = 0; first + lowest < order.Length; first++)
        {
            var end = Requests[order[first]].Arrival + Second;
            if (Requests[order[first + lowest]].Arrival >= end) continue; // within the lowest limit: no need to look closer
            var lastStarted = 0;
            for (var last = first; last < order.Length && Requests[order[last]].Arrival < end; last++)
            {
                lastStarted = Math.Max(lastStarted, order[last]);
                worst = Math.Max(worst, last - first + 1 - Requests[lastStarted].Limit);
            }
        }

        return worst;
    }

    /// <summary>The most starts in any half-open span of this length.</summary>
    public int MostStartsIn(TimeSpan span)
    {
        var most = 0;
        for (int first = 0, last = 0; last < Requests.Count; last++)
        {
            while (Requests[last].Start - Requests[first].Start >= span) first++;
            most = Math.Max(most, last - first + 1);
        }

        return most;
    }

    private void Send(SendWindow.Place place)
    {
        Requests.Add(new Request(Now, NeverYet, window.Limit));
        if (IsWriteUntold) Tell(place, Now);
        if (WrittenLate > 0 && _random.NextDouble() < WrittenLate) _writes.Enqueue((place, Requests.Count - 1), Now + LatestWrite * _random.NextDouble());
        else Write(place, Requests.Count - 1, Now);
    }

    private void Write(SendWindow.Place place, int index, TimeSpan at)
    {
        if (!IsWriteUntold) Tell(place, at);
        var arrival = at + There + JitterThere * _random.NextDouble();
        arrival = arrival > FrozenUntil ? arrival : FrozenUntil;
        _lastArrival = arrival > _lastArrival ? arrival : _lastArrival;
        Requests[index] = Requests[index] with { Arrival = _lastArrival };
        TimeSpan? answer = _random.NextDouble() >= Unanswered ? _lastArrival + Back + JitterBack * _random.NextDouble() : null;
        if (Requests[index].Start + Timeout is { } failure && !(answer <= failure)) _ends.Enqueue((place, false), failure);
        else if (answer is { } moment) _ends.Enqueue((place, true), moment);
    }

    private static void Tell(SendWindow.Place place, TimeSpan written)
    {
        place.Writing(written);
        place.Written(written);
    }

    private void HandOverEnds(TimeSpan? stalledUntil)
    {
        while (_writes.TryPeek(out var write, out var at) && at <= Now)
        {
            _writes.Dequeue();
            Write(write.Place, write.Index, at);
        }

        while (_ends.TryPeek(out var end, out var moment) && moment <= Now)
        {
            _ends.Dequeue();
            if (end.IsAnswer) window.Answered(end.Place, stalledUntil ?? moment);
            else window.Failed(end.Place, stalledUntil ?? moment);
        }
    }

    internal readonly record struct Request(TimeSpan Start, TimeSpan Arrival, int Limit);
}

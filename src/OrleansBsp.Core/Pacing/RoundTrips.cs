namespace OrleansBsp.Core.Pacing;

/// <summary>
/// What the answers of a receiver tell of the way to it: the shortest round trip, and how long before its answer a request has
/// surely arrived.
/// </summary>
/// <remarks>
/// One for all that goes the same way: the more answers, the sooner the shortest is known. It is remembered for half a minute to a
/// minute and at least ten thousand answers, so that a busy moment is not taken for a longer way, nor a longer way paid for ever.
/// Times are of one monotonic clock. Thread-safe.
/// </remarks>
public sealed class RoundTrips
{
    // A cold start has only long round trips; the shortest of so few is not short.
    private const int AnswersToTrust = 100;

    // How much longer than the shortest an ordinary way may be at least, whatever has been seen.
    private static readonly TimeSpan LeastSpread = TimeSpan.FromMilliseconds(50);

    private const int AnswersOfGeneration = 10_000;
    private static readonly TimeSpan AgeOfGeneration = TimeSpan.FromSeconds(30);

    private readonly Lock _lock = new();
    private (int Answers, TimeSpan Shortest) _before = (0, TimeSpan.MaxValue);
    private (int Answers, TimeSpan Shortest) _present = (0, TimeSpan.MaxValue);
    private TimeSpan _presentSince = TimeSpan.MinValue;
    private TimeSpan _usual;
    private long _shortestTicks = -1;
    private long _leadTicks;
    private long _usualTicks;
    private long _answeredTicks = TimeSpan.MinValue.Ticks;

    /// <summary>The shortest round trip that is remembered; null before the first answer.</summary>
    public TimeSpan? Shortest => Volatile.Read(ref _shortestTicks) is >= 0 and var ticks ? new TimeSpan(ticks) : null;

    /// <summary>How long the last hundred answers or so took, on average; zero before the first.</summary>
    public TimeSpan Usual => new(Volatile.Read(ref _usualTicks));

    /// <summary>When the latest request was written that has been answered in ordinary time.</summary>
    public TimeSpan Answered => new(Volatile.Read(ref _answeredTicks));

    /// <summary>
    /// A request has arrived at least so long before its answer, less the shortest way there, which all of them need. Zero until there
    /// are enough answers to say more.
    /// </summary>
    public TimeSpan Lead => new(Volatile.Read(ref _leadTicks));

    /// <summary>An answer came <paramref name="roundTrip"/> after its request was written.</summary>
    /// <param name="vouches">It tells of requests that were written earlier too (<see cref="Answered"/>).</param>
    public void Add(TimeSpan roundTrip, TimeSpan now, bool vouches = true)
    {
        lock (_lock)
        {
            if (_presentSince == TimeSpan.MinValue) (_presentSince, _usual) = (now, roundTrip);
            else if (_present.Answers >= AnswersOfGeneration && now - _presentSince >= AgeOfGeneration)
                (_before, _present, _presentSince) = (_present, (0, TimeSpan.MaxValue), now);
            _present = (_present.Answers + 1, Min(_present.Shortest, roundTrip));
            _usual += (roundTrip - _usual) / 64;

            var shortest = Min(_before.Shortest, _present.Shortest);
            var answers = _before.Answers + _present.Answers;
            var lead = answers < AnswersToTrust ? TimeSpan.Zero : shortest - Doubt(shortest, answers);
            Volatile.Write(ref _shortestTicks, shortest.Ticks);
            Volatile.Write(ref _leadTicks, Math.Max(0, lead.Ticks));
            Volatile.Write(ref _usualTicks, _usual.Ticks);
            if (vouches) Volatile.Write(ref _answeredTicks, Math.Max(_answeredTicks, (now - roundTrip).Ticks));
        }
    }

    // By how much the shortest way could be shorter than the shortest seen. Of n round trips whose two ways are up to one spread
    // longer, with even chances, none comes within 4 spreads / √n of the shortest in 3 of 10,000 cases.
    private TimeSpan Doubt(TimeSpan shortest, int answers)
    {
        var spread = _usual - shortest;
        return (spread > LeastSpread ? spread : LeastSpread) * Math.Min(1, 4 / Math.Sqrt(answers));
    }

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;
}

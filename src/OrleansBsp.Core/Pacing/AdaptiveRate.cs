namespace OrleansBsp.Core.Pacing;

/// <summary>
/// How much of its allowed rate a number uses. Meta's word 130429 cuts it by a fifth and stops sending for a moment (design
/// section 6; Meta's reference 2.4); without another it creeps back by a hundredth of the full rate each second.
/// </summary>
/// <remarks>Times are of one monotonic clock. Not thread-safe.</remarks>
public sealed class AdaptiveRate
{
    private const double Cut = 0.8;
    private const double Floor = 0.05;
    private const double RecoveryPerSecond = 0.01;

    // A burst of refusals is one message from Meta, not a hundred.
    private static readonly TimeSpan OneCutPer = TimeSpan.FromSeconds(1);

    private double _factor = 1;
    private TimeSpan _since = TimeSpan.Zero;
    private TimeSpan _lastCut = TimeSpan.MinValue;

    /// <summary>Share of the allowed rate, above 0, at most 1.</summary>
    public double FactorAt(TimeSpan now) => Math.Min(1, _factor + (now - _since).TotalSeconds * RecoveryPerSecond);

    /// <summary>Meta refused for throughput.</summary>
    /// <param name="chance">0 to 1: spreads the pauses of many numbers.</param>
    /// <returns>Until when nothing should be sent: one to two seconds from now. Null: this refusal belongs to a burst that is dealt with.</returns>
    public TimeSpan? Throttled(TimeSpan now, double chance)
    {
        if (_lastCut != TimeSpan.MinValue && now - _lastCut < OneCutPer) return null;
        _factor = Math.Max(Floor, FactorAt(now) * Cut);
        _since = now;
        _lastCut = now;
        return now + TimeSpan.FromSeconds(1 + chance);
    }
}

namespace OrleansBsp.Core.Pacing;

/// <summary>
/// Meta's limit for one number writing to one person (reference 3.2): one message per 6 s on average, with bursts of up to 45
/// that borrow from the future.
/// </summary>
/// <remarks>Times are of one monotonic clock. Not thread-safe.</remarks>
public sealed class PairLimit
{
    private const double Burst = 45;
    private const double RefillSeconds = 6;

    private double _tokens = Burst;
    private TimeSpan _at = TimeSpan.Zero;

    /// <summary>Takes one message, or says how long to wait for it.</summary>
    public TimeSpan Take(TimeSpan now)
    {
        _tokens = Math.Min(Burst, _tokens + (now - _at).TotalSeconds / RefillSeconds);
        _at = now;
        if (_tokens < 1) return TimeSpan.FromSeconds((1 - _tokens) * RefillSeconds);
        _tokens--;
        return TimeSpan.Zero;
    }
}

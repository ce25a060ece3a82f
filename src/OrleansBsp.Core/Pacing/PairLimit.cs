namespace OrleansBsp.Core.Pacing;

/// <summary>
/// Meta's limit for one number writing to one person (reference 3.2): one message per 6 s on average, with bursts of up to 45
/// that borrow from the future.
/// </summary>
/// <remarks>
/// Times are of one monotonic clock. Not thread-safe. Kept as the moment at which the burst is whole again, not as a count of
/// tokens: fractions of a token would be rounded, and "wait for less than a tick" reads like "taken".
/// </remarks>
public sealed class PairLimit
{
    private const int Burst = 45;

    private static readonly TimeSpan Refill = TimeSpan.FromSeconds(6);

    private TimeSpan _wholeAgain = TimeSpan.MinValue;

    /// <summary>Takes one message, or says how long to wait for it.</summary>
    public TimeSpan Take(TimeSpan now)
    {
        var borrowed = _wholeAgain > now ? _wholeAgain - now : TimeSpan.Zero;
        var wait = borrowed - Refill * (Burst - 1);
        if (wait > TimeSpan.Zero) return wait;
        _wholeAgain = now + borrowed + Refill;
        return TimeSpan.Zero;
    }
}

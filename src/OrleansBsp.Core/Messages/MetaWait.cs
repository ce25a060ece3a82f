namespace OrleansBsp.Core.Messages;

/// <summary>How long to wait before attempt n + 1: <c>First × Factor^(n − 1)</c>, at most <c>Cap</c>.</summary>
/// <param name="First">Wait after the first attempt.</param>
/// <param name="Factor">Growth per further attempt; 1 keeps the wait constant.</param>
/// <param name="Cap">Longest wait before jitter.</param>
public readonly record struct MetaWait(TimeSpan First, double Factor, TimeSpan Cap)
{
    /// <summary>
    /// Share of the wait that full jitter adds. Jitter only ever lengthens: Meta's waits are lower bounds, and
    /// marketing repeated too early prolongs Meta's block of it (reference 2.4).
    /// </summary>
    private const double JitterShare = 0.25;

    /// <summary>Nothing to wait for: the sender does not repeat this by itself.</summary>
    public static MetaWait None => default;

    /// <summary>1, 2, 4 … 60 s: the reference's recommendation where Meta publishes none (2.2).</summary>
    public static MetaWait Backoff => new(TimeSpan.FromSeconds(1), 2, TimeSpan.FromSeconds(60));

    /// <summary>The same wait after every attempt.</summary>
    public static MetaWait Always(TimeSpan wait) => new(wait, 1, wait);

    /// <summary>The wait after <paramref name="attempt"/> attempts.</summary>
    /// <param name="attempt">Number of the attempt that failed, from 1; less is taken as 1.</param>
    /// <param name="jitter">Chance drawn by the caller, 0..1: 0 is the bare wait, 1 adds a quarter. Clamped; NaN is 0.</param>
    public TimeSpan After(int attempt, double jitter)
    {
        var bare = Math.Min(First.TotalSeconds * Math.Pow(Factor, Math.Max(attempt, 1) - 1), Cap.TotalSeconds);
        var chance = double.IsNaN(jitter) ? 0 : Math.Clamp(jitter, 0, 1);
        return TimeSpan.FromSeconds(bare * (1 + JitterShare * chance));
    }
}

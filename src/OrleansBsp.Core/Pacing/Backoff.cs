namespace OrleansBsp.Core.Pacing;

/// <summary>How long to wait between the tries of something that fails for the moment: twice as long after each failure.</summary>
/// <param name="First">After the first failure.</param>
/// <param name="Longest">However many there were.</param>
public readonly record struct Backoff(TimeSpan First, TimeSpan Longest)
{
    /// <summary>For what one process waits for: the database, another silo.</summary>
    public static readonly Backoff Ordinary = new(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(3));

    /// <param name="failures">In a row before this one; 0: it is the first.</param>
    public TimeSpan After(int failures)
    {
        var wait = First * Math.Pow(2, Math.Min(failures, 30));
        return wait < Longest ? wait : Longest;
    }

    /// <summary>Any time up to <see cref="After"/>: processes that have lost something at the same moment must not come back at the same one.</summary>
    /// <param name="random">0 to 1.</param>
    /// <param name="least">Share of it that is waited at least.</param>
    public TimeSpan Spread(int failures, double random, double least = 0) => After(failures) * (least + (1 - least) * random);
}

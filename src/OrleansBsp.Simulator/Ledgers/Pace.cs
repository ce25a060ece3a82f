namespace OrleansBsp.Simulator.Ledgers;

/// <summary>The most messages of one number in any window, sliding and exact.</summary>
/// <param name="MaxPerSecond">In any second: what Meta limits.</param>
/// <param name="MaxPer100Ms">In any 100 ms: evenness. A number paced evenly at r/s shows about r/10.</param>
/// <param name="MaxPer10Ms">In any 10 ms: evenness, about r/100.</param>
/// <param name="MeanPerSecond">Over the time from the first to the last message.</param>
public sealed record Pace(int Count, int MaxPerSecond, int MaxPer100Ms, int MaxPer10Ms, double MeanPerSecond)
{
    /// <summary>Measures instants in microseconds, in any order.</summary>
    public static Pace Of(long[] instants)
    {
        instants = [.. instants];
        Array.Sort(instants);
        var spanSeconds = instants.Length < 2 ? 0 : (instants[^1] - instants[0]) / 1e6;
        return new Pace(
            instants.Length, Max(instants, 1_000_000), Max(instants, 100_000), Max(instants, 10_000),
            spanSeconds > 0 ? Math.Round((instants.Length - 1) / spanSeconds, 1) : 0);
    }

    // The window is half open: a message exactly one width later is in the next one.
    private static int Max(long[] sorted, long width)
    {
        var max = 0;
        for (int first = 0, last = 0; last < sorted.Length; last++)
        {
            while (sorted[first] <= sorted[last] - width)
            {
                first++;
            }

            max = Math.Max(max, last - first + 1);
        }

        return max;
    }
}

using System.Diagnostics.Metrics;

namespace OrleansBsp.Server.Telemetry;

/// <summary>
/// The one meter. Instruments live with their slices (<c>XMetrics</c>); what they share is here. Names are <c>bsp.&lt;slice&gt;.&lt;what&gt;</c>, durations are in
/// seconds. Labels name numbers, campaigns, grains and outcomes, never people.
/// </summary>
internal static class Instruments
{
    public const string Name = "OrleansBsp";

    public static readonly Meter Meter = new(Name);

    // From a commit of a fast disk to Meta's time limit.
    private static readonly InstrumentAdvice<double> Durations = new() { HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20] };

    private static readonly InstrumentAdvice<int> Sizes = new() { HistogramBucketBoundaries = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000] };

    /// <summary>A duration in seconds.</summary>
    public static Histogram<double> Duration(string name, string what) => Meter.CreateHistogram(name, "s", what, advice: Durations);

    /// <summary>The size of a batch.</summary>
    /// <param name="things">What is counted, in the singular.</param>
    public static Histogram<int> Size(string name, string things, string what) => Meter.CreateHistogram(name, $"{{{things}}}", what, advice: Sizes);
}

using System.Diagnostics;
using System.Diagnostics.Metrics;
using OrleansBsp.Server.Telemetry;

namespace OrleansBsp.Server.Campaigns.Audience;

/// <summary>Measures of imports.</summary>
internal static class AudienceMetrics
{
    private static readonly Histogram<int> CopySize = Instruments.Size("bsp.audience.copy.size", "row", "Rows of an uploaded audience copied at once, rejected ones included");
    private static readonly Histogram<double> CopyTime = Instruments.Duration("bsp.audience.copy.duration", "Duration of one copy");

    /// <param name="started">By <see cref="Stopwatch"/>.</param>
    public static void Copied(AudienceBatch batch, long started)
    {
        CopySize.Record(batch.Accepted.Count + batch.Rejected.Count);
        CopyTime.Record(Stopwatch.GetElapsedTime(started).TotalSeconds);
    }
}

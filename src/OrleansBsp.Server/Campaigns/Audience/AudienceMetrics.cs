using System.Diagnostics;
using OrleansBsp.Server.Telemetry;

namespace OrleansBsp.Server.Campaigns.Audience;

/// <summary>Measures of imports.</summary>
internal static class AudienceMetrics
{
    private static readonly BatchMeter Copies = new("bsp.audience.copy", "row", "Rows of an uploaded audience copied at once, rejected ones included", "Duration of one copy");

    /// <param name="started">By <see cref="Stopwatch"/>.</param>
    public static void Copied(AudienceBatch batch, long started) => Copies.Record(batch.Accepted.Count + batch.Rejected.Count, started);
}

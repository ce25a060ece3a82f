using System.Diagnostics.Metrics;

namespace OrleansBsp.Server.Campaigns;

/// <summary>Measures of the campaign slice, meter <c>orleansbsp</c>.</summary>
internal static class CampaignMetrics
{
    private static readonly Meter Meter = new("orleansbsp");
    private static readonly Histogram<int> BatchSize = Meter.CreateHistogram<int>("bsp.campaign.record.batch", "changes", "Changes written in one transaction");
    private static readonly Histogram<double> BatchTime = Meter.CreateHistogram<double>("bsp.campaign.record.duration", "ms", "Duration of one write");
    private static readonly Counter<long> Released = Meter.CreateCounter<long>("bsp.campaign.released", "messages", "Messages released for sending");

    public static void Batch(int size, TimeSpan duration)
    {
        BatchSize.Record(size);
        BatchTime.Record(duration.TotalMilliseconds);
    }

    public static void Release(int count) => Released.Add(count);
}

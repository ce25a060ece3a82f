using System.Diagnostics.Metrics;

namespace OrleansBsp.Server.Webhooks;

/// <summary>Measures of the webhook slice, meter <c>orleansbsp</c>.</summary>
internal static class WebhookMetrics
{
    private static readonly Meter Meter = new("orleansbsp");
    private static readonly Histogram<int> BatchSize = Meter.CreateHistogram<int>("bsp.inbox.apply.batch", "bodies", "Webhook bodies applied at once");
    private static readonly Histogram<double> BatchTime = Meter.CreateHistogram<double>("bsp.inbox.apply.duration", "ms", "Duration of applying one batch");

    public static void Batch(int size, TimeSpan duration)
    {
        BatchSize.Record(size);
        BatchTime.Record(duration.TotalMilliseconds);
    }
}

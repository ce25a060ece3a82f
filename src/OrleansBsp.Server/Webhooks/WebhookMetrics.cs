using System.Diagnostics;
using System.Diagnostics.Metrics;
using OrleansBsp.Server.Telemetry;

namespace OrleansBsp.Server.Webhooks;

/// <summary>Measures of the webhook slice: the front door, its group commit, and the applying of the inbox. The backlog between them is in the database.</summary>
internal static class WebhookMetrics
{
    private static readonly Histogram<double> AckTime = Instruments.Duration("bsp.webhook.ack.duration", "From a webhook's first byte to our answer, by status code");
    private static readonly BatchMeter Appends = new("bsp.inbox.append", "body", "Webhooks stored in one transaction", "Duration of storing one group of webhooks");
    private static readonly BatchMeter Applies = new("bsp.inbox.apply", "body", "Webhooks applied at once", "Duration of applying one batch");
    private static readonly Counter<long> Problems = Instruments.Meter.CreateCounter<long>("bsp.inbox.problems", "{part}", "Parts of webhooks that were put aside: not understood, not ours, or not applicable");
    private static readonly LiveSet<InboxAppender> Appenders = new();

    static WebhookMetrics()
    {
        Instruments.Meter.CreateObservableGauge("bsp.inbox.append.waiting", () => Appenders.Sum(appender => appender.WaitingBytes), "By", "Webhooks that wait to be stored and are not answered yet");
        Instruments.Meter.CreateObservableGauge("bsp.inbox.append.oldest", () => Appenders.Max(appender => appender.OldestAge.TotalSeconds), "s", "Age of the oldest of them");
    }

    public static void Add(InboxAppender appender) => Appenders.Add(appender);

    public static void Remove(InboxAppender appender) => Appenders.Remove(appender);

    /// <param name="started">By <see cref="Stopwatch"/>.</param>
    public static void Answered(int status, long started) =>
        AckTime.Record(Stopwatch.GetElapsedTime(started).TotalSeconds, new KeyValuePair<string, object?>("status", status));

    public static void Appended(int size, long started) => Appends.Record(size, started);

    public static void Applied(int size, long started) => Applies.Record(size, started);

    public static void PutAside(int count) => Problems.Add(count);
}

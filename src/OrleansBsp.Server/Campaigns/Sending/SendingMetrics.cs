using System.Diagnostics;
using System.Diagnostics.Metrics;
using OrleansBsp.Server.Telemetry;

namespace OrleansBsp.Server.Campaigns.Sending;

/// <summary>Measures of sending by way of a queue. The queue's own are in <c>bsp.queue</c>, of <c>sends</c>.</summary>
internal static class SendingMetrics
{
    private static readonly Histogram<int> ClaimSize = Instruments.Size("bsp.send.claim.size", "message", "Orders claimed in one transaction");
    private static readonly Histogram<double> ClaimTime = Instruments.Duration("bsp.send.claim.duration", "Duration of one transaction of claims");
    private static readonly Histogram<int> ReportSize = Instruments.Size("bsp.send.report.size", "message", "Outcomes told to the owner of a campaign in one call");
    private static readonly Histogram<double> ReportTime = Instruments.Duration("bsp.send.report.duration", "Duration of one such call, until the owner has committed them");
    private static readonly LiveSet<OutcomeReporter> Reporters = new();

    static SendingMetrics()
    {
        var meter = Instruments.Meter;
        meter.CreateObservableGauge("bsp.send.report.waiting", () => Reporters.Sum(reporter => reporter.Unreported), "{message}", "Outcomes that the owners of their campaigns have not committed yet");
        meter.CreateObservableGauge("bsp.send.report.oldest", () => Reporters.Max(reporter => reporter.OldestAge.TotalSeconds), "s", "Age of the oldest such outcome");
    }

    public static void Add(OutcomeReporter reporter) => Reporters.Add(reporter);

    /// <param name="started">By <see cref="Stopwatch"/>.</param>
    public static void Claimed(int orders, long started) => Record(ClaimSize, ClaimTime, orders, started);

    /// <param name="started">By <see cref="Stopwatch"/>.</param>
    public static void Reported(int outcomes, long started) => Record(ReportSize, ReportTime, outcomes, started);

    private static void Record(Histogram<int> size, Histogram<double> time, int count, long started)
    {
        size.Record(count);
        time.Record(Stopwatch.GetElapsedTime(started).TotalSeconds);
    }
}

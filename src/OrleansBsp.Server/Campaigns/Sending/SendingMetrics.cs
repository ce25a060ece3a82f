using System.Diagnostics;
using OrleansBsp.Server.Telemetry;

namespace OrleansBsp.Server.Campaigns.Sending;

/// <summary>Measures of sending by way of a queue. The queue's own are in <c>bsp.queue</c>, of <c>sends</c>.</summary>
internal static class SendingMetrics
{
    private static readonly BatchMeter Claims = new("bsp.send.claim", "message", "Orders claimed in one transaction", "Duration of one transaction of claims");
    private static readonly BatchMeter Reports = new("bsp.send.report", "message", "Outcomes told to the owner of a campaign in one call", "Duration of one such call, until the owner has committed them");
    private static readonly LiveSet<OutcomeReporter> Reporters = new();

    static SendingMetrics()
    {
        var meter = Instruments.Meter;
        meter.CreateObservableGauge("bsp.send.report.waiting", () => Reporters.Sum(reporter => reporter.Unreported), "{message}", "Outcomes that the owners of their campaigns have not committed yet");
        meter.CreateObservableGauge("bsp.send.report.oldest", () => Reporters.Max(reporter => reporter.OldestAge.TotalSeconds), "s", "Age of the oldest such outcome");
    }

    public static void Add(OutcomeReporter reporter) => Reporters.Add(reporter);

    /// <param name="started">By <see cref="Stopwatch"/>.</param>
    public static void Claimed(int orders, long started) => Claims.Record(orders, started);

    /// <param name="started">By <see cref="Stopwatch"/>.</param>
    public static void Reported(int outcomes, long started) => Reports.Record(outcomes, started);
}

using System.Diagnostics;
using System.Diagnostics.Metrics;
using OrleansBsp.Server.PhoneNumbers;
using OrleansBsp.Server.Telemetry;

namespace OrleansBsp.Server.Campaigns;

/// <summary>Measures of the campaign slice.</summary>
internal static class CampaignMetrics
{
    private static readonly BatchMeter Releases = new("bsp.campaign.release", "message", "Messages released in one transaction", "Duration of one release");
    private static readonly BatchMeter Records = new("bsp.campaign.record", "change", "Outcomes and receipts written in one transaction", "Duration of one write of outcomes and receipts");
    private static readonly Counter<long> Reached = Instruments.Meter.CreateCounter<long>("bsp.campaign.reached", "{message}", "Messages that reached a state");
    private static readonly LiveSet<CampaignRecorder> Recorders = new();
    private static readonly LiveSet<CampaignRun> Runs = new();

    static CampaignMetrics()
    {
        var meter = Instruments.Meter;
        meter.CreateObservableGauge("bsp.campaign.record.waiting", () => Recorders.Sum(recorder => recorder.Unrecorded), "{change}", "Outcomes and receipts that are not stored yet");
        meter.CreateObservableGauge("bsp.campaign.record.oldest", () => Recorders.Max(recorder => recorder.OldestAge.TotalSeconds), "s", "Age of the oldest outcome or receipt that is not stored yet");
        meter.CreateObservableGauge("bsp.campaign.inflight", () => Runs.Sum(run => run.InFlight), "{message}", "Messages released here and not answered yet");
        meter.CreateObservableGauge(
            "bsp.campaign.limited", Limited, "{campaign}", "Campaigns that are sending, by what keeps them from sending faster");
    }

    public static void Add(CampaignRecorder recorder) => Recorders.Add(recorder);

    public static void Remove(CampaignRecorder recorder) => Recorders.Remove(recorder);

    public static void Add(CampaignRun run) => Runs.Add(run);

    public static void Remove(CampaignRun run) => Runs.Remove(run);

    /// <param name="started">By <see cref="Stopwatch"/>.</param>
    public static void Released(int count, long started) => Releases.Record(count, started);

    public static void Recorded(int changes, RecordedBatch batch, TimeSpan duration)
    {
        Records.Record(changes, duration);
        foreach (var (state, count) in batch.Events.CountByState()) Reached.Add(count, new KeyValuePair<string, object?>("state", state));
    }

    // Not by campaign: there are ever more of them, and a combination of labels is never forgotten in the life of a process.
    private static IEnumerable<Measurement<int>> Limited() => Runs.All
        .Where(run => run.LimitedBy.Length > 0)
        .GroupBy(run => (Number: PhoneNumberMetrics.Label(run.Number), By: LimitingFactor.Label(run.LimitedBy)))
        .Select(runs => new Measurement<int>(runs.Count(), new("number", runs.Key.Number), new("by", runs.Key.By)));
}

using System.Diagnostics;
using OrleansBsp.Load.Reports;
using OrleansBsp.Load.Rig;

namespace OrleansBsp.Load.Scenarios;

/// <summary>One campaign on one number at Meta's highest throughput, by the instants at which its messages reached Meta.</summary>
/// <param name="slow">Meta answers after 80 to 400 ms, and one send in a hundred not at all, though it is accepted.</param>
internal sealed class Pacing(RigPlan plan, int seconds, bool slow) : IScenario
{
    private const int Limit = World.MessagesPerSecond;

    private static readonly object[] SlowAnswers =
    [
        new { kind = "latency", target = "send", minMs = 80, maxMs = 400 },
        new { kind = "hangAfterAccept", target = "send", probability = 0.01 },
    ];

    public string Name => $"one number paced at {Limit:N0}/s for {seconds} s{(slow ? ", answers after 80 to 400 ms or never" : "")}";

    public RigPlan Plan => plan;

    public async Task<RunResult> RunAsync(LoadRig rig, CancellationToken cancel)
    {
        if (slow) await rig.Simulator.PostAsync("faults", SlowAnswers, cancel);
        await Campaigns.WarmUpAsync(rig, 1, 6000, cancel);
        var campaigns = await Campaigns.PrepareAsync(rig, 1, Limit * seconds, cancel);
        var costs = await Costs.StartAsync(rig, cancel);
        var clock = Stopwatch.StartNew();
        await Campaigns.LaunchAsync(rig, campaigns, cancel);
        await Campaigns.WaitAsync(rig, campaigns, books => books.Read == books.Planned, _ => costs.Sample(), cancel);
        var used = await costs.StopAsync(Limit * seconds, clock.Elapsed.TotalSeconds, cancel);

        var arrivals = (await rig.Simulator.ArrivalsAsync(cancel)).Select(arrival => arrival.ArrivalUnixMicros).Order().ToArray();
        var mean = (arrivals.Length - 1) / ((arrivals[^1] - arrivals[0]) / 1e6);
        var perTenth = new Spread(CountPer(arrivals, 100_000));
        return new RunResult(
            [
                new("mean rate", mean, "messages/s", "990 to 1,000"),
                new("most in any 1 s", MostIn(arrivals, 1_000_000), "messages", "1,000"),
                new("most in any 100 ms", MostIn(arrivals, 100_000), "messages", "about 100"),
                new("most in any 10 ms", MostIn(arrivals, 10_000), "messages", "about 10"),
                new("evenness: deviation per 100 ms", perTenth.StandardDeviation(), "messages"),
                new("longest gap", LongestGapMs(arrivals), "ms"),
                .. used,
            ],
            await Reckoning.CheckAsync(rig, campaigns, Limit * seconds, cancel));
    }

    // Any window, not calendar seconds; half open, so a message exactly one width later is in the next one.
    private static int MostIn(long[] sorted, long widthMicros)
    {
        var most = 0;
        for (int first = 0, last = 0; last < sorted.Length; last++)
        {
            while (sorted[first] <= sorted[last] - widthMicros) first++;
            most = Math.Max(most, last - first + 1);
        }

        return most;
    }

    /// <summary>Messages in each whole interval from the first message on; the last, which is not whole, is left out.</summary>
    private static IEnumerable<double> CountPer(long[] sorted, long widthMicros)
    {
        var counts = new double[((sorted[^1] - sorted[0]) / widthMicros) + 1];
        foreach (var instant in sorted) counts[(instant - sorted[0]) / widthMicros]++;
        return counts.Length > 1 ? counts[..^1] : counts;
    }

    private static double LongestGapMs(long[] sorted) => sorted.Zip(sorted.Skip(1), (one, next) => next - one).Max() / 1e3;
}

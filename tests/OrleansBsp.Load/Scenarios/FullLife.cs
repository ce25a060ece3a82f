using System.Diagnostics;
using OrleansBsp.Load.Reports;
using OrleansBsp.Load.Rig;

namespace OrleansBsp.Load.Scenarios;

/// <summary>
/// Campaigns on as many numbers as it takes for no number's pace to be the limit. The clock runs from the launch to the moment when all
/// books say that everybody has read: release, send, outcome and three signed receipts of every message, all committed.
/// </summary>
/// <param name="messages">In all, spread over the numbers.</param>
/// <param name="webhookBatch">Status updates that the simulator puts into one body.</param>
internal sealed class FullLife(RigPlan plan, int messages, int webhookBatch) : IScenario
{
    public string Name => $"full life, {(webhookBatch == 1 ? "1 status" : $"up to {webhookBatch} statuses")} per webhook";

    public RigPlan Plan => plan;

    public async Task<RunResult> RunAsync(LoadRig rig, CancellationToken cancel)
    {
        await rig.Simulator.PostAsync("webhooks", new { maxUpdates = webhookBatch }, cancel);
        await Campaigns.WarmUpAsync(rig, plan.Numbers, 20_000 / plan.Numbers, cancel);
        var campaigns = await Campaigns.PrepareAsync(rig, plan.Numbers, messages / plan.Numbers, cancel);
        var planned = messages / plan.Numbers * plan.Numbers;
        rig.LimitSilos();

        Console.Error.WriteLine("  measuring");
        var costs = await Costs.StartAsync(rig, cancel);
        var clock = Stopwatch.StartNew();
        await Campaigns.LaunchAsync(rig, campaigns, cancel);
        await Campaigns.WaitAsync(rig, campaigns, books => books.Read == planned, _ => costs.Sample(), cancel);
        var seconds = clock.Elapsed.TotalSeconds;
        var used = await costs.StopAsync(planned, seconds, cancel);

        List<Figure> figures =
        [
            new("full life", planned / seconds, "messages/s", "6,000"),
            new("sending phase", await SendingRateAsync(rig, cancel), "messages/s"),
            .. used,
        ];
        return new RunResult(figures, await Reckoning.CheckAsync(rig, campaigns, planned, cancel));
    }

    private static async Task<double> SendingRateAsync(LoadRig rig, CancellationToken cancel)
    {
        var instants = (await rig.Simulator.ArrivalsAsync(cancel)).Select(arrival => arrival.ArrivalUnixMicros).ToList();
        return instants.Count / ((instants.Max() - instants.Min()) / 1e6);
    }
}

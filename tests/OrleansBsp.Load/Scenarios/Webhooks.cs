using System.Diagnostics;
using OrleansBsp.Load.Processes;
using OrleansBsp.Load.Reports;
using OrleansBsp.Load.Rig;

namespace OrleansBsp.Load.Scenarios;

/// <summary>
/// Signed webhooks with one status each at a steady rate, whatever the server does (open loop): the time from the moment at which a request
/// should have started to its 200. The statuses are those of finished campaigns, which the server knows already, so that the front door and
/// the intake are measured, and applying them finds its messages but changes no row.
/// </summary>
internal sealed class Webhooks(int numbers, int seconds) : IScenario
{
    private const int PerSecond = 3000;

    public string Name => $"webhooks, {PerSecond:N0} requests/s for {seconds} s";

    public RigPlan Plan => new(numbers);

    public async Task<RunResult> RunAsync(LoadRig rig, CancellationToken cancel)
    {
        await Campaigns.WarmUpAsync(rig, numbers, 10_000 / numbers, cancel);
        var campaigns = await Campaigns.PrepareAsync(rig, numbers, 10_000 / numbers, cancel);
        await Campaigns.LaunchAsync(rig, campaigns, cancel);
        await Campaigns.WaitAsync(rig, campaigns, books => books.Read == books.Planned, null, cancel);
        await rig.Simulator.WaitIdleAsync(TimeSpan.FromSeconds(30), cancel);

        var messages = await rig.Simulator.ArrivalsAsync(cancel);
        using var door = new WebhookDoor(rig.WebhookUrl, LoadRig.AppSecret);
        await new OpenLoop(PerSecond, PerSecond, i => door.PostAsync(messages[i % messages.Count], cancel)).RunAsync(cancel);
        await DrainAsync(rig, cancel);
        await Task.Delay(TimeSpan.FromSeconds(2), cancel);

        var cpu = new CpuMeter(rig.Parties);
        var loop = new OpenLoop(PerSecond, PerSecond * seconds, i => door.PostAsync(messages[i % messages.Count], cancel));
        await loop.RunAsync(cancel);
        var drain = await DrainAsync(rig, cancel);
        var used = cpu.Stop();

        var acknowledged = new Spread(loop.LatenciesMs);
        return new RunResult(
            [
                new("acknowledgement, p50", acknowledged.At(0.5), "ms"),
                new("acknowledgement, p99", acknowledged.At(0.99), "ms", "< 50"),
                new("acknowledgement, slowest", acknowledged.Max, "ms"),
                new("of it the load tool started late, p99", new Spread(loop.StartedLateMs).At(0.99), "ms"),
                new("inbox applied after the last answer", drain.TotalSeconds, "s"),
                .. used.Select(party => new Figure($"CPU of {party.Name}", party.Seconds / acknowledged.Count * 1000, "s per 1,000 requests")),
            ],
            [new("every answer was 200", door.Refused == 0, $"{door.Refused} others")]);
    }

    private static async Task<TimeSpan> DrainAsync(LoadRig rig, CancellationToken cancel)
    {
        var clock = Stopwatch.StartNew();
        while (await rig.Books.InboxWaitingAsync(cancel) > 0) await Task.Delay(20, cancel);
        return clock.Elapsed;
    }
}

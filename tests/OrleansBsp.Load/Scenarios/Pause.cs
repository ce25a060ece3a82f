using OrleansBsp.Load.Reports;
using OrleansBsp.Load.Rig;

namespace OrleansBsp.Load.Scenarios;

/// <summary>A campaign at full rate is paused: how long do messages still reach Meta after the API has answered?</summary>
internal sealed class Pause : IScenario
{
    private const int Recipients = 30_000;
    private static readonly TimeSpan RunFor = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan ListenFor = TimeSpan.FromSeconds(4);

    public string Name => "pause";

    public RigPlan Plan => new(1);

    public async Task<RunResult> RunAsync(LoadRig rig, CancellationToken cancel)
    {
        await Campaigns.WarmUpAsync(rig, 1, 6000, cancel);
        var campaigns = await Campaigns.PrepareAsync(rig, 1, Recipients, cancel);
        await Campaigns.LaunchAsync(rig, campaigns, cancel);
        await Task.Delay(RunFor, cancel);

        var asked = WallClock.UnixMicros;
        await rig.Api.CommandAsync(campaigns[0], "pause", cancel);
        var answered = WallClock.UnixMicros;
        await Task.Delay(ListenFor, cancel);

        var arrivals = (await rig.Simulator.ArrivalsAsync(cancel)).Select(arrival => arrival.ArrivalUnixMicros).Order().ToArray();
        var books = await rig.Books.ReadAsync(campaigns, cancel);
        return new RunResult(
            [
                new("answer to the pause", (answered - asked) / 1e3, "ms"),
                new("last arrival after the answer", Math.Max(0, (arrivals[^1] - answered) / 1e3), "ms", "< 1,000"),
                new("arrivals after the answer", arrivals.Count(instant => instant > answered), "messages"),
            ],
            [
                new("was still running", books.Released < books.Planned, $"{books.Released} of {books.Planned} released"),
                new("everything released was sent", arrivals.Length == books.Released, $"{arrivals.Length} arrived"),
            ]);
    }
}

using OrleansBsp.Load.Reports;
using OrleansBsp.Load.Rig;

namespace OrleansBsp.Load.Scenarios;

/// <summary>
/// Single messages through the API, each to somebody new: from the client's POST to the arrival of the POST at Meta. First on an idle
/// number, then beside a campaign that uses all of the number's rate.
/// </summary>
internal sealed class SingleSends(int seconds) : IScenario
{
    private const int PerSecond = 10;

    // What the operator keeps for replies and single sends; above what is sent, so that the reserve is not what is measured.
    private const int Reserved = 20;

    public string Name => $"single sends, {PerSecond}/s";

    public RigPlan Plan => new(1);

    public async Task<RunResult> RunAsync(LoadRig rig, CancellationToken cancel)
    {
        await rig.Api.ConfigureNumberAsync(World.NumberId(0), new { reservedForReplies = Reserved }, cancel);
        await Campaigns.WarmUpAsync(rig, 1, 6000, cancel);
        await SendAsync(rig, 5, cancel);
        await Task.Delay(TimeSpan.FromSeconds(1), cancel);
        var idle = await SendAsync(rig, seconds, cancel);

        var campaigns = await Campaigns.PrepareAsync(rig, 1, World.MessagesPerSecond * (seconds + 10), cancel);
        await Campaigns.LaunchAsync(rig, campaigns, cancel);
        await Task.Delay(TimeSpan.FromSeconds(2), cancel);
        var beside = await SendAsync(rig, seconds, cancel);
        var books = await rig.Books.ReadAsync(campaigns, cancel);
        return new RunResult(
            [
                new("idle, p50", idle.At(0.5), "ms"),
                new("idle, p99", idle.At(0.99), "ms", "< 50"),
                new("idle, slowest", idle.Max, "ms"),
                new("beside a campaign, p50", beside.At(0.5), "ms"),
                new("beside a campaign, p99", beside.At(0.99), "ms", "< 150"),
                new("beside a campaign, slowest", beside.Max, "ms"),
            ],
            [new("the campaign ran all the time", books.Released < books.Planned, $"{books.Released} of {books.Planned} released at the end")]);
    }

    /// <summary>Milliseconds of each. Requests start by the clock, whether or not the ones before are answered.</summary>
    private static async Task<Spread> SendAsync(LoadRig rig, int seconds, CancellationToken cancel)
    {
        var started = new Dictionary<string, long>();
        var sends = new List<Task>();
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / PerSecond));
        for (var i = 0; i < seconds * PerSecond && await timer.WaitForNextTickAsync(cancel); i++)
        {
            var to = rig.Recipients.Next();
            started[to[1..]] = WallClock.UnixMicros;
            sends.Add(rig.Api.SendSingleAsync(World.NumberId(0), to, cancel));
        }

        await Task.WhenAll(sends);
        // What is accepted is sent at once; a second is far more than the aim.
        await Task.Delay(TimeSpan.FromSeconds(1), cancel);
        var arrived = (await rig.Simulator.ArrivalsAsync(cancel)).Where(arrival => started.ContainsKey(arrival.To)).ToList();
        if (arrived.Count != started.Count) throw new InvalidOperationException($"Of {started.Count} single messages {arrived.Count} arrived at Meta.");
        return new Spread(arrived.Select(arrival => (arrival.ArrivalUnixMicros - started[arrival.To]) / 1e3));
    }
}

using System.Diagnostics;
using OrleansBsp.Load.Processes;
using OrleansBsp.Load.Reports;
using OrleansBsp.Load.Rig;

namespace OrleansBsp.Load.Scenarios;

/// <summary>A large CSV through the API, then the launch of its campaign: how soon does its first message reach Meta?</summary>
internal sealed class Import(int rows) : IScenario
{
    private static readonly TimeSpan FirstMessageLimit = TimeSpan.FromSeconds(60);

    public string Name => $"import of {rows:N0} rows";

    public RigPlan Plan => new(1);

    public async Task<RunResult> RunAsync(LoadRig rig, CancellationToken cancel)
    {
        await Campaigns.WarmUpAsync(rig, 1, 6000, cancel);
        var file = Path.GetTempFileName();
        try
        {
            rig.Recipients.WriteCsv(file, rows);
            var campaign = await rig.Api.CreateCampaignAsync("import", World.NumberId(0), cancel);

            var memory = new MemoryMeter(rig.GrainHosts);
            var cpu = new CpuMeter(rig.Parties);
            var clock = Stopwatch.StartNew();
            await using (var csv = File.OpenRead(file)) await rig.Api.UploadAsync(campaign, csv, rows, cancel);
            var seconds = clock.Elapsed.TotalSeconds;
            var used = cpu.Stop();
            var peak = memory.PeakMb;

            var launched = WallClock.UnixMicros;
            await rig.Api.CommandAsync(campaign, "launch", cancel);
            var answered = WallClock.UnixMicros;
            var first = await FirstArrivalAsync(rig, cancel);
            await rig.Api.CommandAsync(campaign, "cancel", cancel);
            return new RunResult(
                [
                    new("import", rows / seconds, "rows/s"),
                    new("import of all", seconds, "s", "< 30 for 1,000,000"),
                    new("server memory, peak", peak, "MiB", "< 300"),
                    .. used.Where(party => party.Name is "server" or "PostgreSQL").Select(party => new Figure($"CPU of {party.Name}", party.Seconds / rows * 1e6, "s per 1,000,000 rows")),
                    new("launch until it is answered", (answered - launched) / 1e3, "ms"),
                    new("launch until the first message", (first - launched) / 1e3, "ms", "< 2,000"),
                ], []);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static async Task<long> FirstArrivalAsync(LoadRig rig, CancellationToken cancel)
    {
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < FirstMessageLimit; await Task.Delay(50, cancel))
            if (await rig.Simulator.ArrivalsAsync(cancel, limit: 1) is [var first]) return first.ArrivalUnixMicros;
        throw new TimeoutException($"No message arrived within {FirstMessageLimit.TotalSeconds:0} s of the launch.");
    }
}

using OrleansBsp.Chaos;
using OrleansBsp.Chaos.Plans;
using OrleansBsp.Server.Storage;
using OrleansBsp.Testing.Faults;
using Xunit.Abstractions;

namespace OrleansBsp.Server.Tests.Scenarios;

/// <summary>A fixed set of what <c>./bsp chaos</c> does at random, of what no other scenario does. Each round ends with every message accounted for, and no second above a limit.</summary>
public abstract class FaultTests(ITestOutputHelper output) : ScenarioTests(output)
{
    private protected async Task HoldsAsync(Dispatch dispatch, params Fault[] faults)
    {
        foreach (var (number, limit) in CampaignStream.Limits) await Stage.Api.ConfigureNumberAsync(number, new { maxPerSecond = limit });
        var round = new Round(1, [.. faults.Select(fault => new Step(TimeSpan.FromSeconds(1), fault.GetType().Name, fault))]);
        var result = await new RoundRunner(Stage, dispatch, Tell).RunAsync(round, CancellationToken.None);
        foreach (var strike in result.Strikes)
            Tell($"{strike.Step.Fault.What}: longest gap {strike.LongestGap.Length.TotalSeconds:0.0} s, sending again after {strike.SendingAgainAfter.TotalSeconds:0.0} s, unknown {strike.Unknown}; {string.Join(", ", strike.Seen)}");
        Tell($"{result.Accepted} accepted and {result.Unknown} unknown of {result.Planned}; {result.Singles} single messages, {result.UnknownSingles} unknown; most in a second {string.Join(", ", result.MostPerSecond.Values)}");
        Assert.True(result.HasHeld, string.Join("; ", result.Broken.Concat(result.TooFast)));
        Assert.Equal(faults.Length, result.Strikes.Count);
        Assert.True(result.Singles > 20, "Hardly anybody wrote while things broke.");
        Assert.True(result.Accepted > 1000, "Hardly anything was sent while things broke.");
    }
}

/// <summary>Three silos and a front process; released messages stay in the process that releases them.</summary>
[Collection(AloneCollection.Name)]
public sealed class SilosFaultTests(ITestOutputHelper output) : FaultTests(output)
{
    protected override Task<Stage> SetStageAsync() => Stage.SetAsync(ownPostgres: true, cable: true, silos: 3, databaseLines: true);

    [Fact]
    public Task One_silo_loses_the_database_and_then_all_of_them_their_connections() => HoldsAsync(
        Dispatch.Memory, new LoseDatabase(Silo: 0, Break.Cut, Seconds: 8), new LoseDatabase(Silo: 1, Break.Mute, Seconds: 12), new TakeConnections(Seconds: 8));

    [Fact]
    public Task Random_silos_are_killed_every_few_seconds_and_one_has_no_threads_left() => HoldsAsync(
        Dispatch.Memory, new KillSilos(Times: 5, EverySeconds: 4, Seed: 1), new ExhaustThreads(Silo: 2, Requests: 100, Seconds: 8));

    [Fact]
    public Task PostgreSQL_is_away_for_20_seconds_and_then_killed() => HoldsAsync(
        Dispatch.Memory, new StopDatabase(Killed: false, Seconds: 20), new StopDatabase(Killed: true, Seconds: 2));

    [Fact]
    public Task A_clock_is_wrong_and_Meta_storms_and_repeats_itself_while_a_silo_dies() => HoldsAsync(
        Dispatch.Memory, new SkewClock(Silo: 2, By: 60, Seconds: 6), new SkewClock(Silo: 0, By: -60, Seconds: 6), new StormAtMeta(Storm.Throttle, Percent: 30, Seconds: 5), new StormAtMeta(Storm.ServerError, Percent: 20, Seconds: 5),
        new StormAtMeta(Storm.Hang, Percent: 5, Seconds: 5), new StormAtMeta(Storm.Reset, Percent: 20, Seconds: 5), new FloodWebhooks(PerSecond: 5000, Seconds: 6, Silo: 1) { LeastShare = 0.4 });
}

/// <summary>Two connections for the work of each process: when tables are locked all of them wait, and membership, which has its own, must live.</summary>
[Collection(AloneCollection.Name)]
public sealed class SmallPoolFaultTests(ITestOutputHelper output) : FaultTests(output)
{
    private const int PoolSize = 2;

    protected override Task<Stage> SetStageAsync() => Stage.SetAsync(ownPostgres: true, cable: true, silos: 3, settings: ("Database__PoolSize", $"{PoolSize}"));

    [Fact]
    public async Task All_connections_for_the_work_are_taken_and_wait_and_then_a_silo_dies()
    {
        using var over = new CancellationTokenSource();
        var waiting = MostWaitingAsync(over.Token);
        await HoldsAsync(Dispatch.Memory, new LockTables(Seconds: 7), new KillSilo(Silo: 1, DownSeconds: 2));
        await over.CancelAsync();
        Tell($"{await waiting} statements waited for locks at the same time");
        Assert.True(await waiting >= 2 * PoolSize, $"Only {await waiting} statements waited at the same time: no pool was used up.");
    }

    private async Task<long> MostWaitingAsync(CancellationToken over)
    {
        await using var command = Stage.Database.CreateCommand($"select count(*) from pg_stat_activity where application_name = '{Database.Application}' and wait_event_type = 'Lock'");
        for (long most = 0; ; await Task.Delay(100, CancellationToken.None))
        {
            if (over.IsCancellationRequested) return most;
            most = Math.Max(most, (long)(await command.ExecuteScalarAsync(CancellationToken.None))!);
        }
    }
}

/// <summary>Three silos with released messages and webhooks on SQS.</summary>
[Collection(AloneCollection.Name)]
public sealed class QueueFaultTests(ITestOutputHelper output) : FaultTests(output)
{
    protected override Task<Stage> SetStageAsync() => Stage.SetAsync(ownPostgres: true, cable: true, silos: 3, databaseLines: true, sqs: true);

    [Fact]
    public Task The_queue_repeats_and_delays_while_a_silo_dies_and_falls_silent() => HoldsAsync(
        Dispatch.Sqs, new RepeatOrders(LateMs: 1500, Seconds: 8, Silo: 1), new FreezeQueue(Seconds: 5));
}

using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Npgsql;
using OrleansBsp.Chaos;
using OrleansBsp.Server.Telemetry;
using OrleansBsp.Simulator.Webhooks;
using Xunit.Abstractions;

namespace OrleansBsp.Server.Tests.Scenarios;

/// <summary>Three silos and a front process without grains: what a lost, hung or restarted silo does to a campaign.</summary>
[Collection(AloneCollection.Name)]
public sealed class SilosTests(ITestOutputHelper output) : SeveralSilosTests(output)
{
    protected override Task<Stage> SetStageAsync() => Stage.SetAsync(silos: 3, settings: ("Cluster__OrleansDashboard", "true"));

    [Fact]
    public async Task The_cluster_tells_of_its_processes_and_of_who_owns_what()
    {
        var campaign = await Stage.LaunchAsync(Audience.Of(3000), maxPerSecond: 200);
        await Stage.WaitForAcceptedAsync(300);
        var cluster = await Wait.UntilAsync(ClusterAsync, view => view["processes"]!.AsArray().Sum(one => (int)one!["sendingPerSecond"]!) > 100 && Sum(view, "inboxShards") == 4,
            "the sending silo says how fast it sends, and all shards of the inbox have an owner");

        Assert.Equal(
            ["front active api,webhooks", "silo-0 active dispatch", "silo-1 active dispatch", "silo-2 active dispatch"],
            cluster["processes"]!.AsArray().Select(one => $"{one!["name"]} {one["state"]} {string.Join(',', one["roles"]!.AsArray())}"));
        Assert.All(cluster["processes"]!.AsArray(), one => Assert.Equal(Product.Version, (string?)one!["version"]));
        Assert.Contains(cluster["backlog"]!["timers"]!.AsArray(), timer => ((string?)timer!["of"], (string?)timer["kind"], (long)timer["waiting"]!, (double)timer["overdueSeconds"]!) == ("campaign", "uncertain", 0, 0));
        Assert.Equal(1, Sum(cluster, "campaigns"));
        var owner = await OwnerAsync(campaign.Id);
        var grains = await Stage.Api.GetAsync<JsonNode>($"cluster/grains?owner={owner}&limit=100");
        var owned = Assert.Single(grains["items"]!.AsArray(), grain => (string?)grain!["key"] == $"c:{campaign.Id}");
        Assert.Equal((owner, await EpochAsync(campaign.Id), "running"), ((string?)owned!["owner"], (long)owned["epoch"]!, (string?)owned["state"]));
        await TellsOfBacklogAsync();
        await FinishAsync(campaign.Id, 3000);
    }

    [Fact]
    public async Task Conversations_and_shards_of_the_inbox_spread_over_the_silos()
    {
        const int People = 300;
        for (var person = 0; person < People; person++) Stage.Meta.ReceiveInbound(new InboundMessage { PhoneNumberId = Stage.Number1000, From = $"{919800000000 + person}", Text = "Are you open?" });
        var cluster = await Wait.UntilAsync(ClusterAsync, view => Activations(view, "conversations").Sum() >= People && Activations(view, "inboxShards") is [<= 2, <= 2, <= 2],
            "all conversations are in memory, and no silo has more than two of the four shards");
        Tell($"conversations by silo: {string.Join(", ", Activations(cluster, "conversations"))}");
        Assert.All(Activations(cluster, "conversations"), count => Assert.InRange(count, People / 6, People / 2)); // by chance; each of these is six standard deviations away

        static int[] Activations(JsonNode cluster, string kind) =>
            [.. cluster["processes"]!.AsArray().Where(one => one!["siloAddress"] is not null).Select(one => (int?)one!["activations"]![kind] ?? 0)];
    }

    [Fact]
    public async Task Orleans_dashboard_is_there_for_operators_only()
    {
        using var stranger = new HttpClient { BaseAddress = Stage.Server.Url };
        Assert.Equal(System.Net.HttpStatusCode.Unauthorized, (await stranger.GetAsync("ops/orleans")).StatusCode);
        Assert.Equal(System.Net.HttpStatusCode.Unauthorized, (await stranger.GetAsync("ops/orleans/DashboardCounters")).StatusCode);
        Assert.Contains("<html", await Stage.Api.Http.GetStringAsync("ops/orleans/"), StringComparison.Ordinal);
        var counters = await Stage.Api.Http.GetFromJsonAsync<JsonNode>("ops/orleans/DashboardCounters");
        Assert.Equal(3, counters!["hosts"]!.AsArray().Count);
    }

    [Fact]
    public async Task A_killed_silo_costs_seconds_and_nobody_is_lost_or_written_to_twice()
    {
        var campaign = await Stage.LaunchAsync(Audience.Of(6000), maxPerSecond: 500);
        await Stage.WaitForAcceptedAsync(1000);
        await SiloOf(await OwnerAsync(campaign.Id)).KillAsync();
        await GoesOnAsync(campaign.Id, "killed");
        await Stage.WaitUntilCompletedAsync(campaign.Id);
        var books = (await Stage.ReckonAsync(campaign.Id)).Books;
        Assert.Equal(6000, books.Accepted + books.Unknown);
        Assert.InRange(books.Unknown, 0, 300); // a slot and a half of permits, and as much on its way
        Tell($"unknown: {books.Unknown}");
    }

    [Fact]
    public async Task A_silo_that_slept_past_its_death_sends_nothing_more_and_changes_nothing()
    {
        var campaign = await Stage.LaunchAsync(Audience.Of(8000), maxPerSecond: 500);
        await Stage.WaitForAcceptedAsync(1000);
        var sleeper = await OwnerAsync(campaign.Id);
        var hung = SiloOf(sleeper);
        await hung.SignalAsync("STOP");
        await GoesOnAsync(campaign.Id, "hung");
        var epoch = await EpochAsync(campaign.Id);
        var inItsHands = await UncertainAsync(campaign.Id); // released by it, and nobody knows whether it has sent them
        Assert.NotEmpty(inItsHands);
        await NothingIsLeftToAsync(sleeper);
        await WatchChangesAsync();
        var woken = DateTimeOffset.UtcNow;
        await hung.SignalAsync("CONT");
        await Wait.UntilAsync(() => hung.HasEnded, "the silo learns that it is dead, and ends");
        Assert.Equal(epoch, await EpochAsync(campaign.Id));
        await HasChangedNothingAsync(sleeper, campaign.Id);

        await Stage.WaitUntilCompletedAsync(campaign.Id);
        var books = (await Stage.ReckonAsync(campaign.Id)).Books; // nobody twice
        Assert.Equal(8000, books.Accepted + books.Unknown);
        Assert.InRange(Stage.MostArrivedPerSecond(Stage.Number1000), 1, 1000);
        var sent = Stage.LedgerOf(campaign.Id);
        var late = inItsHands.SelectMany(position => sent[position]).Count(record => record.ArrivalUnixMicros > woken.ToUnixTimeMilliseconds() * 1000);
        Tell($"{inItsHands.Count} in the hands of the silo that slept, {late} of them arrived when it woke; unknown: {books.Unknown}");
        Assert.InRange(late, 0, MostBeingWritten); // a request whose last bytes were not written yet when it was stopped goes on where it stood
    }

    [Fact]
    public async Task Campaigns_of_one_number_on_several_silos_keep_its_limit_together_also_when_one_stands_still()
    {
        const int Each = 3000;
        var campaigns = new List<string>();
        // Where a campaign is placed is left to chance: now and then four are all in one place.
        while (campaigns.Count < 4 || (await ReadOwnersAsync(campaigns)).Distinct().Count() < 2)
            campaigns.Add((await Stage.LaunchAsync(Audience.Of(Each, start: campaigns.Count))).Id);
        for (var pause = 0; pause < 4; pause++)
        {
            await Stage.WaitForAcceptedAsync((pause + 1) * 2000);
            var silo = SiloOf(await OwnerAsync(campaigns[pause]));
            await silo.SignalAsync("STOP");
            await Task.Delay(TimeSpan.FromMilliseconds(400)); // what it was granted for this time goes afterwards, beside what others have by then
            await silo.SignalAsync("CONT");
        }

        foreach (var campaign in campaigns) await FinishAsync(campaign, Each);
        Tell($"most in a second: {Stage.MostArrivedPerSecond(Stage.Number1000)}; mean {Stage.MeanPerSecond():0}/s");
        Assert.InRange(Stage.MostArrivedPerSecond(Stage.Number1000), 1, 1000);
    }

    [Fact]
    public async Task A_killed_silo_interrupts_nothing_of_the_others()
    {
        var campaigns = await LaunchEvenlyAsync(2800, perSecond: 100);
        var owners = await ReadOwnersAsync(campaigns);
        var lost = owners[0];
        var (its, others) = (campaigns.Where((_, index) => owners[index] == lost).ToList(), campaigns.Where((_, index) => owners[index] != lost).ToList());
        var before = await EpochsAsync(others);
        await SiloOf(lost).KillAsync();
        await Wait.UntilAsync(() => ReadOwnersAsync(its), now => !now.Contains(lost), "the lost silo's campaigns have other owners");
        Assert.Equal(before, await EpochsAsync(others));
        foreach (var campaign in campaigns) await Stage.WaitUntilCompletedAsync(campaign);
        foreach (var campaign in others) Assert.Equal(0, (await Stage.ReckonAsync(campaign)).Books.Unknown);
    }

    [Fact]
    public async Task Two_silos_that_stop_together_leave_everything_to_the_third_and_nothing_to_each_other()
    {
        var campaigns = await LaunchEvenlyAsync(1500, perSecond: 50);
        var before = await EpochsAsync(campaigns);
        await Task.WhenAll(Stage.Silos[0].StopAsync(), Stage.Silos[1].StopAsync()); // exit code 0, within 25 s
        await Wait.UntilAsync(() => ReadOwnersAsync(campaigns), owners => owners.TrueForAll(owner => owner == "silo-2"), "the third silo has all campaigns");
        // By way of the other one at most, where that had not yet said that it leaves.
        Assert.All((await EpochsAsync(campaigns)).Zip(before), epochs => Assert.InRange(epochs.First - epochs.Second, 0, 2));
        foreach (var campaign in campaigns)
        {
            await FinishAsync(campaign, 1500);
            Assert.Equal(0, (await Stage.ReckonAsync(campaign)).Books.Unknown);
        }

        foreach (var silo in Stage.Silos.Take(2)) await silo.StartAgainAsync();
    }

    // Measured on two cores: 480/s and 0.6 s; while thirty other processes wanted them too 468/s and 0.8 s.
    [Fact]
    public Task A_rolling_restart_leaves_the_books_exact_and_the_campaign_sending() => RestartRollingAsync(leastMean: 400, longestGap: TimeSpan.FromSeconds(2));

    [Fact]
    public async Task Campaigns_spread_evenly_over_silos_that_come_back_without_a_gap_or_an_overlap()
    {
        const int Each = 1500;
        await Stage.Api.ConfigureNumberAsync(Stage.Number1000, new { maxPerSecond = 200 });
        var campaigns = new List<string>();
        for (var number = 0; number < 6; number++) campaigns.Add((await Stage.LaunchAsync(Audience.Of(Each, start: number))).Id);
        await Stage.Silos[2].StopAsync();
        await Wait.UntilAsync(OwnedAsync, owned => owned.Keys.Order().SequenceEqual(["silo-0", "silo-1"]) && owned.Values.All(count => count == 3), "two silos have three campaigns each");
        await Stage.Silos[2].StartAgainAsync();
        await Wait.UntilAsync(OwnedAsync, owned => owned.Count == 3 && owned.Values.All(count => count == 2), "three silos have two campaigns each");
        foreach (var campaign in campaigns) await FinishAsync(campaign, Each);
        var gap = LongestGap();
        var standstill = new Pulse(Stage.Meta.Ledger).LongestGap(DateTimeOffset.UnixEpoch, DateTimeOffset.UtcNow).Length;
        Tell($"longest gap between two sends: {gap.TotalSeconds:0.00} s, of one campaign: {standstill.TotalSeconds:0.00} s; most in a second: {Stage.MostArrivedPerSecond(Stage.Number1000)}");
        Assert.InRange(Stage.MostArrivedPerSecond(Stage.Number1000), 1, 200);
        Assert.InRange(gap, TimeSpan.Zero, TimeSpan.FromSeconds(3));
        Assert.InRange(standstill, TimeSpan.Zero, TimeSpan.FromSeconds(8)); // decision 5: what a move may take

        async Task<Dictionary<string, int>> OwnedAsync() => (await ReadOwnersAsync(campaigns)).GroupBy(owner => owner).ToDictionary(group => group.Key, group => group.Count());
    }

    private async Task<List<long>> EpochsAsync(List<string> campaigns) => [.. await Task.WhenAll(campaigns.Select(EpochAsync))];

    /// <summary>While cursors cannot move, webhooks wait and grow old.</summary>
    private async Task TellsOfBacklogAsync()
    {
        await using var connection = await Stage.Database.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var locks = new NpgsqlCommand("lock table inbox_cursor in share mode", connection); // may be read, not written
        await locks.ExecuteNonQueryAsync();
        Stage.Meta.ReceiveInbound(new InboundMessage { PhoneNumberId = Stage.Number1000, From = "919800000001", Text = "Are you open?" });
        await Wait.UntilAsync(ClusterAsync, view => (long)view["backlog"]!["webhooks"]! > 0 && (double)view["backlog"]!["oldestSeconds"]! is > 1 and < 60, "the backlog is told, and for how long it has waited");
    }

    private Task<JsonNode> ClusterAsync() => Stage.Api.GetAsync<JsonNode>("cluster");

    private static int Sum(JsonNode cluster, string kind) => cluster["processes"]!.AsArray().Sum(one => (int?)one!["owns"]![kind] ?? 0);
}

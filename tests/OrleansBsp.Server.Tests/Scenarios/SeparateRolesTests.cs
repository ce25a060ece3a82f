using System.Text.Json.Nodes;
using OrleansBsp.Simulator.Accounts;
using OrleansBsp.Simulator.Fates;
using Xunit.Abstractions;

namespace OrleansBsp.Server.Tests.Scenarios;

/// <summary>The processes of Kubernetes: two silos, one for the API, one for the webhooks. And many numbers.</summary>
[Collection(AloneCollection.Name)]
public sealed class SeparateRolesTests(ITestOutputHelper output) : SeveralSilosTests(output)
{
    protected override Task<Stage> SetStageAsync() => Stage.SetAsync(silos: 2, door: true);

    [Fact]
    public async Task Each_role_offers_its_own_and_a_door_that_is_restarted_in_the_midst_of_a_campaign_loses_no_status()
    {
        const int People = 4000;
        Stage.Meta.Behaviour.Statuses = StatusProfile.Instant;
        var campaign = await Stage.LaunchAsync(Audience.Of(People), maxPerSecond: 200);
        await Stage.WaitForAcceptedAsync(200);
        var cluster = await ClusterAsync();
        Assert.Equal(
            ["door active webhooks", "front active api", "silo-0 active dispatch", "silo-1 active dispatch"],
            cluster["processes"]!.AsArray().Select(one => $"{one!["name"]} {one["state"]} {string.Join(',', one["roles"]!.AsArray())}").Order());
        using var http = new HttpClient();
        Assert.Equal(System.Net.HttpStatusCode.NotFound, (await http.GetAsync(new Uri(Stage.Door!.Url, "api/v1/campaigns"))).StatusCode);
        Assert.Equal(System.Net.HttpStatusCode.NotFound, (await http.PostAsync(new Uri(Stage.Server.Url, "webhooks/meta"), null)).StatusCode);

        await Stage.Door.StopAsync(); // exit code 0, within 25 s
        await Stage.Server.StopAsync();
        var before = Stage.Meta.Ledger.Count;
        Assert.InRange(before, 200, People - 200); // the silos go on without either
        await Stage.WaitForAcceptedAsync(before + 100);
        await Stage.Server.StartAgainAsync();
        await Stage.Door.StartAgainAsync();

        await FinishAsync(campaign.Id, People);
        await Stage.WaitForAsync(campaign.Id, view => view.Books.Read == People, "every status has come, those of the time without a door too");
    }

    [Fact]
    public async Task Numbers_spread_evenly_over_silos_that_come_back_and_none_exceeds_its_limit()
    {
        const int People = 1500, PerSecond = 30;
        string[] numbers = [Stage.Number1000, .. Enumerable.Range(1, 5).Select(number => $"77000{number}")];
        foreach (var number in numbers[1..]) Stage.Meta.World.AddNumber(DefaultWorld.WabaId, number, $"+61 2 5550 1{number[^3..]}");
        await Stage.Api.AddWabaAsync(DefaultWorld.WabaId, DefaultWorld.AccessToken);
        foreach (var number in numbers) await Stage.Api.ConfigureNumberAsync(number, new { maxPerSecond = PerSecond });
        var campaigns = new List<string>();
        foreach (var number in numbers) campaigns.Add((await Stage.LaunchAsync(Audience.Of(People, start: campaigns.Count), number)).Id);

        await Stage.Silos[1].StopAsync();
        await Wait.UntilAsync(OwnedAsync, owned => owned is [6, 0], "one silo has all numbers");
        await Stage.Silos[1].StartAgainAsync();
        await Wait.UntilAsync(OwnedAsync, owned => owned is [3, 3], "two silos have three numbers each");

        foreach (var campaign in campaigns) await FinishAsync(campaign, People);
        foreach (var number in numbers) Assert.InRange(Stage.MostArrivedPerSecond(number), 1, PerSecond);

        async Task<int[]> OwnedAsync()
        {
            var processes = (await ClusterAsync())["processes"]!.AsArray();
            return [.. new[] { "silo-0", "silo-1" }.Select(name => processes.Where(one => (string?)one!["name"] == name).Sum(one => (int?)one!["owns"]!["phoneNumbers"] ?? 0))];
        }
    }

    private Task<JsonNode> ClusterAsync() => Stage.Api.GetAsync<JsonNode>("cluster");
}

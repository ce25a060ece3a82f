using System.Text.Json.Nodes;
using OrleansBsp.Chaos;
using OrleansBsp.Server.Hosting.Silos;
using OrleansBsp.Testing.Faults;
using Xunit.Abstractions;

namespace OrleansBsp.Server.Tests.Scenarios;

/// <summary>A silo that alone does not reach the database, and silos none of which does.</summary>
[Collection(AloneCollection.Name)]
public sealed class LoneSiloTests(ITestOutputHelper output) : SeveralSilosTests(output)
{
    private const int People = 4000;

    protected override Task<Stage> SetStageAsync() => Stage.SetAsync(silos: 3, databaseLines: true);

    [Theory]
    [InlineData(Break.Cut)]
    [InlineData(Break.Mute)]
    public async Task A_silo_that_alone_loses_the_database_ends_and_its_campaigns_go_on_elsewhere(Break way)
    {
        var campaign = await Stage.LaunchAsync(Audience.Of(People), maxPerSecond: 300);
        await Stage.WaitForAcceptedAsync(1000);
        var owner = await OwnerAsync(campaign.Id);
        await Stage.DatabaseLines[IndexOf(owner)].BreakAsync(way);
        await GoesOnAsync(campaign.Id, $"without the database ({way})");
        await Wait.UntilAsync(() => SiloOf(owner).HasEnded, "the lone silo ends");
        Assert.Equal(LoneSilo.ExitCode, SiloOf(owner).ExitCode);

        await Stage.WaitUntilCompletedAsync(campaign.Id);
        var books = (await Stage.ReckonAsync(campaign.Id)).Books;
        Assert.Equal(People, books.Accepted + books.Unknown);
        Tell($"unknown: {books.Unknown}");
        Assert.Equal(2, Stage.Silos.Count(silo => !silo.HasEnded));
    }

    [Fact]
    public async Task All_campaigns_go_on_in_time_also_when_the_lone_silo_had_the_supervisor()
    {
        const int Each = 3000;
        var campaigns = await LaunchEvenlyAsync(Each, perSecond: 100);
        var lone = await Wait.UntilAsync(SupervisorsSiloAsync, silo => silo is not null, "a silo has the supervisor");
        var began = DateTimeOffset.UtcNow;
        await Stage.DatabaseLines[IndexOf(lone!)].BreakAsync(Break.Deaf); // a batch that arrives by half keeps its locks
        await Wait.UntilAsync(() => SiloOf(lone!).HasEnded, "the lone silo ends");
        await Wait.UntilAsync(() => ReadOwnersAsync(campaigns), owners => !owners.Contains(lone!), "the lone silo's campaigns have other owners");
        foreach (var campaign in campaigns) await Stage.WaitUntilCompletedAsync(campaign);
        var standstill = new Pulse(Stage.Meta.Ledger).LongestGap(began, DateTimeOffset.UtcNow).Length;
        Tell($"longest standstill of a campaign: {standstill.TotalSeconds:0.0} s");
        Assert.InRange(standstill, TimeSpan.Zero, Takeover);
        foreach (var campaign in campaigns)
        {
            var books = (await Stage.ReckonAsync(campaign)).Books;
            Assert.Equal(Each, books.Accepted + books.Unknown);
        }
    }

    [Fact]
    public async Task A_lone_silo_that_is_stopped_ends_in_time_with_0_and_its_campaigns_go_on_elsewhere()
    {
        var campaign = await Stage.LaunchAsync(Audience.Of(People), maxPerSecond: 300);
        await Stage.WaitForAcceptedAsync(1000);
        var owner = await OwnerAsync(campaign.Id);
        await Stage.DatabaseLines[IndexOf(owner)].BreakAsync(Break.Mute);
        await SiloOf(owner).StopAsync(); // exit code 0, within 25 s
        Stage.DatabaseLines[IndexOf(owner)].Mend();
        await Stage.WaitUntilCompletedAsync(campaign.Id);
        var books = (await Stage.ReckonAsync(campaign.Id)).Books;
        Assert.Equal(People, books.Accepted + books.Unknown);
        Tell($"unknown: {books.Unknown}");
    }

    [Fact]
    public async Task Silos_none_of_which_reaches_the_database_wait_for_it()
    {
        var campaign = await Stage.LaunchAsync(Audience.Of(People), maxPerSecond: 300);
        await Stage.WaitForAcceptedAsync(1000);
        foreach (var line in Stage.DatabaseLines) await line.BreakAsync(Break.Cut);
        await Task.Delay(LoneSilo.Patience * 2);
        for (var silo = 0; silo < Stage.Silos.Count; silo++)
        {
            Stage.DatabaseLines[silo].Mend();
            await Task.Delay(TimeSpan.FromMilliseconds(500)); // one is first, and must not take the others for lone
        }

        await Stage.WaitUntilCompletedAsync(campaign.Id);
        Assert.Equal(People, (await Stage.ReckonAsync(campaign.Id)).Books.Accepted);
        Assert.All(Stage.Silos, silo => Assert.False(silo.HasEnded));
    }

    private async Task<string?> SupervisorsSiloAsync()
    {
        var cluster = await Stage.Api.GetAsync<JsonNode>("cluster");
        return cluster["processes"]!.AsArray().Where(one => (int?)one!["activations"]!["supervisors"] > 0).Select(one => (string?)one!["name"]).SingleOrDefault();
    }
}

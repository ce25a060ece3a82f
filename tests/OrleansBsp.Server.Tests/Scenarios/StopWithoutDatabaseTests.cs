using Xunit.Abstractions;

namespace OrleansBsp.Server.Tests.Scenarios;

/// <summary>A silo is told to stop while PostgreSQL is away: nothing that it would like to store can be stored, and others cannot take over.</summary>
[Collection(AloneCollection.Name)]
public sealed class StopWithoutDatabaseTests(ITestOutputHelper output) : ScenarioTests(output)
{
    protected override Task<Stage> SetStageAsync() => Stage.SetAsync(ownPostgres: true, silos: 2);

    [Fact]
    public async Task The_silo_ends_in_order_and_in_time_and_every_recipient_is_explained()
    {
        const int Recipients = 6000;
        var campaign = await Stage.LaunchAsync(Audience.Of(Recipients));
        await Stage.WaitForAcceptedAsync(1500);
        var away = Stage.Postgres!.RestartAsync(kill: true, TimeSpan.FromSeconds(20), CancellationToken.None);
        await Task.Delay(TimeSpan.FromSeconds(1));
        await Task.WhenAll(Stage.Silos.Select(silo => silo.StopAsync())); // exit code 0, within 25 s
        await away;

        foreach (var silo in Stage.Silos) await silo.StartAgainAsync();
        await Stage.WaitUntilCompletedAsync(campaign.Id);
        var books = (await Stage.ReckonAsync(campaign.Id)).Books;
        Tell($"unknown: {books.Unknown}");
        Assert.Equal(Recipients, books.Accepted + books.Unknown);
        Assert.Equal(Stage.Meta.Ledger.Count, books.Accepted); // their statuses settle what could not be stored
    }
}

using Xunit.Abstractions;

namespace OrleansBsp.Server.Tests.Scenarios;

/// <summary>PostgreSQL goes away in the middle of a campaign and comes back, while webhooks flow.</summary>
public sealed class DatabaseRestartTests(ITestOutputHelper output) : ScenarioTests(output)
{
    protected override Task<Stage> SetStageAsync() => Stage.SetAsync(ownPostgres: true);

    [Fact]
    public async Task The_campaign_goes_on_by_itself_after_an_orderly_and_a_disorderly_restart()
    {
        var campaign = await Stage.LaunchAsync(Audience.Of(8000));
        await Stage.WaitForAcceptedAsync(1500);
        await Stage.Postgres!.RestartAsync(kill: false, TimeSpan.FromSeconds(3), CancellationToken.None);
        await Stage.WaitForAcceptedAsync(4000);
        await Stage.Postgres.RestartAsync(kill: true, TimeSpan.FromSeconds(3), CancellationToken.None);

        await Stage.WaitUntilCompletedAsync(campaign.Id);
        var books = (await Stage.ReckonAsync(campaign.Id)).Books;
        Assert.Equal(8000, books.Accepted);
        Assert.True(Stage.Meta.WebhookFigures.Failed > 0, "Webhooks were refused while the database was away, and came again.");
    }

    [Fact]
    public async Task A_campaign_survives_that_its_connections_are_cut_again_and_again()
    {
        var campaign = await Stage.LaunchAsync(Audience.Of(6000));
        for (var cut = 1; cut <= 12; cut++)
        {
            await Stage.WaitForAcceptedAsync(cut * 400);
            await using var command = Stage.Database.CreateCommand("select count(pg_terminate_backend(pid)) from pg_stat_activity where application_name like 'orleansbsp%'");
            await command.ExecuteScalarAsync();
        }

        await Stage.WaitUntilCompletedAsync(campaign.Id);
        Assert.Equal(6000, (await Stage.ReckonAsync(campaign.Id)).Books.Accepted);
    }
}

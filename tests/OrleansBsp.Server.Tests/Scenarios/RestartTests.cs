using System.Diagnostics;
using OrleansBsp.Simulator.Fates;
using Xunit.Abstractions;

namespace OrleansBsp.Server.Tests.Scenarios;

/// <summary>The server is killed or stopped in the middle of a campaign, and started again on the same data.</summary>
[Collection(AloneCollection.Name)]
public sealed class RestartTests(ITestOutputHelper output) : ScenarioTests(output)
{
    [Fact]
    public async Task A_campaign_survives_three_kills_and_nobody_is_lost_or_written_to_twice()
    {
        Stage.Meta.Behaviour.Statuses = StatusProfile.Messy;
        var campaign = await Stage.LaunchAsync(Audience.Of(8000));
        for (var kill = 1; kill <= 3; kill++)
        {
            await Stage.WaitForAcceptedAsync(kill * 2000 - 500);
            await Stage.Server.KillAsync();
            await Stage.Server.StartAgainAsync();
            await SendsAgainAsync();
        }

        await Stage.WaitUntilCompletedAsync(campaign.Id);
        var books = (await Stage.ReckonAsync(campaign.Id)).Books;
        Assert.Equal(8000, books.Planned);
        // Everything that Meta took has told of itself by its status; what is unknown never reached Meta.
        Assert.Equal(8000, books.Accepted + books.Unknown);
        Assert.Equal(Stage.Meta.Ledger.Count, books.Accepted);
        // Three times at most a slot and a half of permits, and as much on its way.
        Assert.InRange(books.Unknown, 0, 3 * 300);
        Tell($"unknown after three kills: {books.Unknown}; most in a second: {Stage.MostArrivedPerSecond(Stage.Number1000)}");
        Assert.InRange(Stage.MostArrivedPerSecond(Stage.Number1000), 1, 1000); // also from one process to the next
        if (books.Unknown > 0) await ExplainsAnUnknownAsync(campaign.Id);
    }

    [Fact]
    public async Task An_orderly_stop_leaves_nothing_uncertain_and_the_campaign_goes_on_after_it()
    {
        var campaign = await Stage.LaunchAsync(Audience.Of(5000));
        await Stage.WaitForAcceptedAsync(1500);
        await Stage.Server.StopAsync();

        Assert.Equal(0, await ReadNumberAsync(campaign.Id, """
            select released_through - (select count(*) from message m where m.campaign_id = r.campaign_id)::int + uncertain
            from campaign_run r where campaign_id = $1
            """));
        await Stage.Server.StartAgainAsync();
        await Stage.WaitUntilCompletedAsync(campaign.Id);
        var books = (await Stage.ReckonAsync(campaign.Id)).Books;
        Assert.Equal(5000, books.Accepted);
        Assert.Equal((0, 0), (books.Uncertain, books.Unknown));
    }

    private async Task SendsAgainAsync()
    {
        var ready = Stopwatch.GetTimestamp();
        await Stage.WaitForAcceptedAsync(Stage.Meta.Ledger.Count + 1);
        Tell($"sends again {Stopwatch.GetElapsedTime(ready).TotalSeconds:0.0} s after it was ready");
    }

    private async Task ExplainsAnUnknownAsync(string campaign)
    {
        var page = await Stage.Api.GetAsync<System.Text.Json.Nodes.JsonNode>($"campaigns/{campaign}/recipients?state=unknown&limit=1");
        var recipient = await Stage.Api.RecipientAsync(campaign, (int)page["items"]![0]!["position"]!);
        Assert.Equal(("unknown", "no status came in time"), (recipient.Recipient.State, recipient.Recipient.Reason));
    }

    private async Task<int> ReadNumberAsync(string campaign, string sql)
    {
        await using var command = Stage.Database.CreateCommand(sql);
        command.Parameters.Add(new Npgsql.NpgsqlParameter<long> { TypedValue = Stage.Id(campaign) });
        return (int)(await command.ExecuteScalarAsync())!;
    }
}

using OrleansBsp.Simulator.Accounts;
using Xunit.Abstractions;

namespace OrleansBsp.Server.Tests.Scenarios;

/// <summary>A server that was started with another <c>token.key</c>: it cannot send, and loses nothing.</summary>
public sealed class TokenKeyTests(ITestOutputHelper output) : ScenarioTests(output)
{
    [Fact]
    public async Task A_campaign_whose_token_cannot_be_read_applies_its_receipts_and_goes_on_once_it_is_put_in_again()
    {
        Stage.Meta.Behaviour.Statuses = Simulator.Fates.StatusProfile.Instant with { SentMinMs = 3_600_000, SentMaxMs = 3_600_000 };
        var campaign = await Stage.LaunchAsync(Audience.Of(400), maxPerSecond: 50);
        await Stage.WaitForAcceptedAsync(50);
        await Stage.Server.StopAsync();
        File.Delete(Path.Combine(Stage.Server.DataFolder, "token.key"));
        await Stage.Server.StartAgainAsync();
        await Stage.WaitForAsync(campaign.Id, view => view.LimitedBy == "this server cannot read the account's access token (its log says what to do)", "the campaign says what it waits for");

        var accepted = Stage.Meta.Ledger.Count;
        Stage.Meta.AdvanceClock(TimeSpan.FromHours(2));
        await Stage.WaitForAsync(campaign.Id, view => view.Books.Read == accepted, "all receipts are applied");
        Assert.Equal(accepted, Stage.Meta.Ledger.Count);
        await using (var problems = Stage.Database.CreateCommand("select count(*) from webhook_problem")) Assert.Equal(0L, await problems.ExecuteScalarAsync());
        var refusal = await Stage.Api.RefusedAsync(HttpMethod.Post, "templates/sync", new { });
        Assert.Equal(503, refusal.Status);
        Assert.Contains($"The stored access token of WhatsApp Business Account {DefaultWorld.WabaId} was encrypted with another token.key than this process has.", refusal.Detail, StringComparison.Ordinal);
        Assert.Single(Stage.Server.Log, line => line.Contains("Nothing is sent from here: The stored access token", StringComparison.Ordinal));

        Stage.Meta.Behaviour.Statuses = Simulator.Fates.StatusProfile.Instant;
        await Stage.Api.AddWabaAsync(DefaultWorld.WabaId, DefaultWorld.AccessToken);
        await Stage.WaitUntilCompletedAsync(campaign.Id);
        Assert.Equal(400, (await Stage.ReckonAsync(campaign.Id)).Books.Accepted);
    }

    [Fact]
    public async Task A_single_message_says_that_the_token_cannot_be_read_and_goes_out_once_it_is_put_in_again()
    {
        await Stage.Server.StopAsync();
        File.Delete(Path.Combine(Stage.Server.DataFolder, "token.key"));
        await Stage.Server.StartAgainAsync();
        var id = await Stage.Api.SendMessageAsync(new { phoneNumberId = Stage.Number1000, to = "+919812340001", type = "template", template = new { name = "store_hours", language = new { code = "en_US" } } });
        await Wait.UntilAsync(() => Stage.Api.MessageAsync(id), message => message is { State: "retrying", Reason: "this server cannot read the account's access token (its log says what to do)" }, "it says what it waits for");

        await Stage.Api.AddWabaAsync(DefaultWorld.WabaId, DefaultWorld.AccessToken);
        await using (var due = Stage.Database.CreateCommand("update conversation_pending set due_at = now()")) await due.ExecuteNonQueryAsync();
        await Wait.UntilAsync(() => Stage.Api.MessageAsync(id), message => message.State is "sent" or "delivered" or "read", "it is sent");
        Assert.Equal(1, Stage.Meta.Ledger.Count);
    }
}

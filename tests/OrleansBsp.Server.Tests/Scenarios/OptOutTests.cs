using System.Text;
using System.Text.Json.Nodes;
using OrleansBsp.Simulator.Accounts;
using OrleansBsp.Simulator.Faults;
using Xunit.Abstractions;

namespace OrleansBsp.Server.Tests.Scenarios;

/// <summary>Whoever has opted out before the release gets nothing, and the recipient's page says why.</summary>
public sealed class OptOutTests(ITestOutputHelper output) : ScenarioTests(output)
{
    private const string Reason = "the contact has opted out";

    [Fact]
    public async Task People_who_opted_out_in_any_way_are_skipped_counted_and_explained()
    {
        var audience = Audience.Of(1000);
        var byApi = audience.Phones[10];
        var byPreference = audience.Phones[20];
        var again = audience.Phones[30];
        await SetAsync(byApi, "opt-out");
        await SetAsync(again, "opt-out");
        await SetAsync(again, "opt-in");
        await PreferAsync(byPreference, "stop");

        var campaign = await Stage.LaunchAsync(audience);
        await Stage.WaitUntilCompletedAsync(campaign.Id);
        var books = (await Stage.ReckonAsync(campaign.Id)).Books;
        Assert.Equal((2, 998), (books.Skipped, books.Accepted));
        foreach (var position in (int[])[11, 21])
        {
            var recipient = await Stage.Api.RecipientAsync(campaign.Id, position);
            Assert.Equal(("skipped", Reason), (recipient.Recipient.State, recipient.Recipient.Reason));
        }

        // A utility message is not marketing: who stopped marketing at Meta gets it.
        var utility = await Stage.LaunchAsync(audience, template: "store_hours");
        await Stage.WaitUntilCompletedAsync(utility.Id);
        books = (await Stage.ReckonAsync(utility.Id)).Books;
        Assert.Equal((1, 999), (books.Skipped, books.Accepted));
    }

    [Fact]
    public async Task An_opt_out_during_the_campaign_holds_for_all_who_are_not_released_yet()
    {
        // The last ones; and one who waits for another attempt.
        var audience = Audience.Of(100).RefusedOnce(131057).Plain(2000);
        var campaign = await Stage.LaunchAsync(audience, maxPerSecond: 300);
        await Stage.WaitForAcceptedAsync(200);
        await Stage.WaitForAsync(campaign.Id, view => view.Books.Retrying == 1, "one waits for another attempt");
        foreach (var phone in audience.Phones.TakeLast(5).Append(audience.Phones[100])) await SetAsync(phone, "opt-out");
        await Stage.PassRetryTimeAsync(campaign.Id);

        await Stage.WaitUntilCompletedAsync(campaign.Id);
        var books = (await Stage.ReckonAsync(campaign.Id)).Books;
        Assert.Equal((6, 2095), (books.Skipped, books.Accepted));
        var waited = await Stage.Api.RecipientAsync(campaign.Id, 101);
        Assert.Equal(("skipped", Reason), (waited.Recipient.State, waited.Recipient.Reason));
    }

    [Fact]
    public async Task An_opt_out_holds_for_a_message_that_is_due_again_while_its_number_stands_still()
    {
        var audience = Audience.Of(50).RefusedOnce(131057, 10).Plain(2000);
        var campaign = await Stage.LaunchAsync(audience, maxPerSecond: 200);
        await Stage.WaitForAsync(campaign.Id, view => view.Books.Retrying == 10, "ten wait for another attempt");
        await Stage.Api.ConfigureNumberAsync(Stage.Number1000, new { state = "stopped" });
        await Stage.PassRetryTimeAsync(campaign.Id);
        await Stage.WaitForAsync(campaign.Id, view => view.LimitedBy == "the number is stopped: stopped by an operator", "the campaign says what it waits for");
        foreach (var phone in audience.Phones.Skip(50).Take(10)) await SetAsync(phone, "opt-out");
        await Stage.Api.ConfigureNumberAsync(Stage.Number1000, new { state = "active" });

        await Stage.WaitUntilCompletedAsync(campaign.Id);
        var books = (await Stage.ReckonAsync(campaign.Id)).Books;
        Assert.Equal((10, 2050), (books.Skipped, books.Accepted));
    }

    [Fact]
    public async Task Metas_word_that_somebody_stopped_marketing_holds_for_the_next_campaign()
    {
        var audience = Audience.Of(100).FailedLater(131050, 3);
        var first = await Stage.LaunchAsync(audience);
        await Stage.WaitUntilCompletedAsync(first.Id);
        Assert.Equal(3, (await Stage.ReckonAsync(first.Id)).Books.Failed);
        var second = await Stage.LaunchAsync(audience);
        await Stage.WaitUntilCompletedAsync(second.Id);
        Assert.Equal(3, (await Stage.ReckonAsync(second.Id)).Books.Skipped);
    }

    [Fact]
    public async Task An_opt_out_holds_for_a_single_message_that_waits_for_another_attempt()
    {
        Stage.Meta.Faults.Add(new FaultRule { Kind = FaultKind.Error, Code = 131057, Times = 2 });
        var (opted, other) = (await Stage.Api.SendMessageAsync(Hours("+919812340001")), await Stage.Api.SendMessageAsync(Hours("+919812340002")));
        foreach (var id in (string[])[opted, other])
            await Wait.UntilAsync(() => Stage.Api.MessageAsync(id), message => message is { State: "retrying", Attempt: 1 }, $"message {id} waits for another attempt");
        await SetAsync("+919812340001", "opt-out");
        await using (var due = Stage.Database.CreateCommand("update conversation_pending set due_at = now()")) await due.ExecuteNonQueryAsync();

        Assert.Equal((1, Reason), await WaitForStateAsync(opted, "skipped"));
        await WaitForStateAsync(other, "sent", "delivered", "read");
        Assert.Equal("919812340002", Assert.Single(Stage.Meta.Ledger.Read()).To);
    }

    [Fact]
    public async Task Who_has_opted_out_of_marketing_gets_single_messages_of_other_kinds_only()
    {
        await SetAsync("+919812340001", "opt-out", "marketing");
        await PreferAsync("IN.13491208655302741918", "stop");
        foreach (var offer in (object[])[Offer(to: "+919812340001"), Offer(recipient: "IN.13491208655302741918")])
        {
            var problem = await Stage.Api.RefusedAsync(HttpMethod.Post, "messages", offer);
            Assert.Equal((422, "opted-out"), (problem.Status, Assert.Single(problem.Errors!).Code));
            Assert.EndsWith("has opted out of marketing, and this template is marketing.", problem.Detail, StringComparison.Ordinal);
        }

        await WaitForStateAsync(await Stage.Api.SendMessageAsync(Hours("+919812340001")), "sent", "delivered", "read");

        // A utility template that Meta calls marketing from now on.
        await using (var change = Stage.Database.CreateCommand("update template set category = 'MARKETING' where name = 'store_hours'")) Assert.True(await change.ExecuteNonQueryAsync() > 0);
        Assert.Equal(422, (await Stage.Api.RefusedAsync(HttpMethod.Post, "messages", Hours("+919812340001"))).Status);

        // One that nobody here knows is refused to everybody: its category is not known either.
        await using (var forget = Stage.Database.CreateCommand("delete from template where name = 'store_hours'")) Assert.True(await forget.ExecuteNonQueryAsync() > 0);
        var unknown = await Stage.Api.RefusedAsync(HttpMethod.Post, "messages", Hours("+919812340001"));
        Assert.Equal((400, "unknown-template"), (unknown.Status, Assert.Single(unknown.Errors!).Code));
        Assert.Single(Stage.Meta.Ledger.Read());
    }

    private async Task<(int Attempt, string? Reason)> WaitForStateAsync(string id, params string[] states)
    {
        var message = await Wait.UntilAsync(() => Stage.Api.MessageAsync(id), message => states.Contains(message.State), $"message {id} is {string.Join(" or ", states)}");
        return (message.Attempt, message.Reason);
    }

    private static object Hours(string to) => new { phoneNumberId = Stage.Number1000, to, type = "template", template = new { name = "store_hours", language = new { code = "en_US" } } };

    private static object Offer(string? to = null, string? recipient = null) => new
    {
        phoneNumberId = Stage.Number1000, to, recipient, type = "template",
        template = new
        {
            name = "diwali_offer", language = new { code = "en_US" },
            components = new[] { new { type = "body", parameters = new[] { new { type = "text", text = "Asha" }, new { type = "text", text = "25%" } } } },
        },
    };

    private async Task SetAsync(string phone, string wish, string scope = "all")
    {
        var contact = await Stage.Api.PostAsync<JsonNode>("contacts", new { phone });
        await Stage.Api.PostAsync<JsonNode>($"contacts/{contact["id"]}/{wish}", new { scope });
    }

    /// <param name="person">A phone number, or the BSUID of somebody whose phone is hidden.</param>
    private async Task PreferAsync(string person, string value)
    {
        var who = person[0] == '+' ? $"\"wa_id\":\"{person[1..]}\"" : $"\"user_id\":\"{person}\"";
        var body = $$"""
            {"object":"whatsapp_business_account","entry":[{"id":"{{DefaultWorld.WabaId}}","changes":[{"field":"user_preferences","value":{
              "messaging_product":"whatsapp","metadata":{"display_phone_number":"61255500099","phone_number_id":"{{Stage.Number1000}}"},
              "contacts":[{"profile":{"name":"Asha"},{{who}} }],
              "user_preferences":[{ {{who}},"detail":"User requested to stop marketing messages","category":"marketing_messages",
                "value":"{{value}}","timestamp":"{{DateTimeOffset.UtcNow.ToUnixTimeSeconds()}}" } ] } } ] } ] }
            """;
        Assert.Equal(200, await Stage.Meta.SendRawWebhook(Encoding.UTF8.GetBytes(body)));
        await Stage.WaitUntilWebhooksAppliedAsync();
    }
}

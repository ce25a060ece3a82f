using OrleansBsp.Server.Access;
using OrleansBsp.Server.Telemetry;
using OrleansBsp.Server.Tests.Scenarios;
using OrleansBsp.Simulator.Accounts;
using OrleansBsp.Simulator.Webhooks;
using Xunit.Abstractions;

namespace OrleansBsp.Server.Tests.Telemetry;

/// <summary>What the server writes to its console, while things go well and while they do not, names no person and no key.</summary>
public sealed class PrivateLogTests(ITestOutputHelper output) : ScenarioTests(output)
{
    private const string Asha = "919812340001";
    private const string Confession = "I have lost my red umbrella";

    protected override Task<Stage> SetStageAsync() => Stage.SetAsync(ownPostgres: true, settings: [("Logging__Console__FormatterName", "json"), ("Logging__Console__FormatterOptions__IncludeScopes", "true")]);

    [Fact]
    public async Task No_recipient_name_text_or_token_is_in_the_log_of_a_campaign_a_conversation_and_an_outage()
    {
        var audience = Audience.Of(300).Refused(131026, 3).FailedLater(131049, 3).RefusedOnce(131057, 2);
        var campaign = await Stage.LaunchAsync(audience);
        Stage.Meta.ReceiveInbound(new InboundMessage { PhoneNumberId = Stage.Number1000, From = Asha, Text = Confession });
        await Stage.WaitUntilWebhooksAppliedAsync();
        await Stage.Api.SendMessageAsync(new { phoneNumberId = Stage.Number1000, to = $"+{Asha}", type = "text", text = new { body = "It is at the counter" } });
        await Stage.Api.CommandAsync(campaign.Id, "pause");

        var restart = Stage.Postgres!.RestartAsync(kill: true, TimeSpan.FromSeconds(4), CancellationToken.None);
        await IsRefusedAsync(() => Stage.Api.GetAsync<object>($"conversations/{Stage.Number1000}:{Asha}/messages"));
        await IsRefusedAsync(() => Stage.Api.SendMessageAsync(new { phoneNumberId = Stage.Number1000, to = $"+{Asha}", type = "text", text = new { body = "Still there" } }));
        await restart;
        await Wait.ForAnswerAsync(() => Stage.Api.CommandAsync(campaign.Id, "resume"), "the campaign goes on");
        await Wait.ForAnswerAsync(async () => { await Stage.PassRetryTimeAsync(campaign.Id); return true; }, "the database answers");
        await Stage.WaitForAsync(campaign.Id, view => view.Books.Accepted >= 300, "most are accepted");

        var log = string.Join('\n', Stage.Server.Log);
        Assert.Contains($"Campaign {campaign.Id} is Running", log, StringComparison.Ordinal);
        Assert.Contains("\"RequestPath\":", log, StringComparison.Ordinal);
        Assert.Contains("answered 503", log, StringComparison.Ordinal);
        Assert.Contains($"/api/v1/conversations/{Stage.Number1000}:***/messages", log, StringComparison.Ordinal);
        foreach (var phone in audience.Phones.Append($"+{Asha}")) Assert.DoesNotContain(phone[1..], log, StringComparison.Ordinal);
        foreach (var words in (string[])["Person 1", Confession, "umbrella", "counter", "Still there", DefaultWorld.AccessToken, "app-secret", "bsp_"])
            Assert.DoesNotContain(words, log, StringComparison.OrdinalIgnoreCase);
    }

    private static Task IsRefusedAsync(Func<Task> call) => Wait.UntilAsync(
        async () =>
        {
            try
            {
                await call();
                return false;
            }
            catch (ApiRefusedException)
            {
                return true;
            }
        },
        "the server refuses, because its database is away");

    [Theory]
    [InlineData("Waking conversation/w:118233907745999:919812340001 failed", "Waking conversation/w:118233907745999:*** failed")]
    [InlineData("[w:118233907745999:IN.13491208655302741918] timed out", "[w:118233907745999:***] timed out")]
    [InlineData("+919812340001 has opted out", "*** has opted out")]
    [InlineData("Authorization: Bearer demo-token-of-somebody", "Authorization: Bearer ***")]
    [InlineData("token EAAJB1234567890abcdefXYZ is expired", "token *** is expired")]
    [InlineData("Campaign 1001 taken with epoch 2 at 100000 of 1000000", "Campaign 1001 taken with epoch 2 at 100000 of 1000000")]
    [InlineData("S10.0.0.12:11111:134567890 is dead since 2026-11-22T10:11:12.1234567+00:00", "S10.0.0.12:11111:134567890 is dead since 2026-11-22T10:11:12.1234567+00:00")]
    [InlineData("Number 118233907745999 taken", "Number 118233907745999 taken")]
    public void Masked_HidesPeopleAndKeys_AndNothingElse(string text, string expected) => Assert.Equal(expected, PrivateLogs.Masked(text));

    [Fact]
    public void Masked_HidesOurKeys() => Assert.Equal("key ***.", PrivateLogs.Masked($"key {ApiKey.Make()}."));
}

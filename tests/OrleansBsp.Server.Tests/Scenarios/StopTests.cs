using System.Text.Json.Nodes;
using Npgsql;
using OrleansBsp.Simulator.Accounts;
using Xunit.Abstractions;

namespace OrleansBsp.Server.Tests.Scenarios;

/// <summary>Meta stops a template or an account in the middle of a campaign.</summary>
[Collection(AloneCollection.Name)]
public sealed class StopTests(ITestOutputHelper output) : ScenarioTests(output)
{
    [Fact]
    public async Task A_template_that_Meta_pauses_pauses_its_campaign_with_the_reason()
    {
        var campaign = await Stage.LaunchAsync(Audience.Of(2400), maxPerSecond: 400);
        await Stage.WaitForAcceptedAsync(400);
        var template = Stage.Meta.World.FindWaba(DefaultWorld.WabaId)!.FindTemplate("diwali_offer", "en_US")!;
        Stage.Meta.SetTemplateStatus(template, "PAUSED");
        var paused = await Stage.WaitForAsync(campaign.Id, view => view.State == "paused", "the campaign is paused");
        // Either the webhook or Meta's own answer to a send (132015) comes first; both name what happened.
        Assert.Matches("PAUSED|Template paused for low quality", paused.StateReason);
        await Stage.WaitForAsync(campaign.Id, view => view.InFlight == 0 && view.Books.InFlight == 0, "nothing is in flight");

        Stage.Meta.SetTemplateStatus(template, "APPROVED");
        await Stage.WaitUntilWebhooksAppliedAsync();
        await Stage.Api.CommandAsync(campaign.Id, "resume");
        await Stage.WaitUntilCompletedAsync(campaign.Id);
        Assert.Equal(2400, (await Stage.ReckonAsync(campaign.Id)).Books.Accepted);
    }

    [Fact]
    public async Task An_invalid_token_stops_the_account_and_a_new_one_makes_its_campaigns_go_on()
    {
        var campaign = await Stage.LaunchAsync(Audience.Of(2400), maxPerSecond: 400);
        await Stage.WaitForAcceptedAsync(400);
        await ChangeTokenAsync(campaign.Id, "another-token");
        var waits = await Stage.WaitForAsync(campaign.Id, view => view.LimitedBy?.Contains("is stopped", StringComparison.Ordinal) == true, "the campaign says what it waits for");
        Assert.Equal("running", waits.State);
        Assert.Equal($"the WhatsApp Business Account {DefaultWorld.WabaId} is stopped: Access token expired or invalid (Meta's error 190). "
            + "Operator: issue a new access token for the WABA and enter it; then resume.", waits.LimitedBy);
        var idle = await Stage.WaitForAsync(campaign.Id, view => view.InFlight == 0 && view.Books.InFlight == 0, "nothing is in flight");
        Assert.Equal(0, idle.Books.Refused);

        await Stage.Api.AddWabaAsync(DefaultWorld.WabaId, "another-token");
        await Stage.WaitUntilCompletedAsync(campaign.Id);
        Assert.Equal(2400, (await Stage.ReckonAsync(campaign.Id)).Books.Accepted);
        Assert.InRange(await CountBlockedAsync(campaign.Id), 1, 200); // not everybody had to find out
    }

    private async Task<long> CountBlockedAsync(string campaign)
    {
        await using var command = Stage.Database.CreateCommand("select count(*) from attempt where campaign_id = $1 and outcome = 'blocked' and error_code = 190");
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = Stage.Id(campaign) });
        return (long)(await command.ExecuteScalarAsync())!;
    }

    // The whole world of the simulator is made anew, because a known token stays known in it. Paused, so that no send meets the gap.
    private async Task ChangeTokenAsync(string campaign, string token)
    {
        await Stage.Api.CommandAsync(campaign, "pause");
        await Stage.WaitForAsync(campaign, view => view.InFlight == 0 && view.Books.InFlight == 0, "nothing is in flight");
        var world = Stage.Meta.World;
        var template = world.FindWaba(DefaultWorld.WabaId)!.FindTemplate("diwali_offer", "en_US")!;
        var numbers = world.Numbers.ToList();
        world.Clear();
        world.AddWaba(DefaultWorld.WabaId, token);
        foreach (var number in numbers) world.AddNumber(DefaultWorld.WabaId, number.Id, number.DisplayPhoneNumber, number.MessagesPerSecond);
        world.AddTemplate(DefaultWorld.WabaId, new JsonObject { ["id"] = template.Id, ["name"] = template.Name, ["language"] = template.Language, ["components"] = template.Components.DeepClone() });
        await Stage.Api.CommandAsync(campaign, "resume");
    }
}

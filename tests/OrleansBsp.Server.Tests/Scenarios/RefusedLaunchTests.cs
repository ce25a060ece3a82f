using System.Text.Json.Nodes;
using Xunit.Abstractions;

namespace OrleansBsp.Server.Tests.Scenarios;

/// <summary>Campaigns that are not made or not launched: the answer says why, where, and what to do.</summary>
public sealed class RefusedLaunchTests(ITestOutputHelper output) : ScenarioTests(output)
{
    [Fact]
    public async Task Each_obstacle_is_named_in_words_and_the_campaign_stays_a_draft()
    {
        await WithoutAudienceAsync();
        await WithTemplateThatIsNotApprovedAsync("clearance_sale", "PAUSED");
        await WithTemplateThatIsNotApprovedAsync("miracle_cure", "REJECTED");
        await WithUnknownColumnAsync();
        await WithStoppedNumberAsync();
        await NotMadeAsync();
        Assert.Equal(0, Stage.Meta.Ledger.Count);
    }

    private async Task WithoutAudienceAsync()
    {
        var draft = await CreateAsync("diwali_offer", Bindings("name", "offer"));
        await RefusesAsync(draft.Id, new ApiError(null, "audience", $"The campaign has no audience. Upload a CSV file with PUT /api/v1/campaigns/{draft.Id}/audience."));
    }

    private async Task WithTemplateThatIsNotApprovedAsync(string template, string status)
    {
        var draft = await CreateAsync(template, new { body = new Dictionary<string, object> { ["1"] = new { column = "name" } } });
        await Stage.Api.UploadAsync(draft.Id, Audience.Of(3).Csv());
        await RefusesAsync(draft.Id, new ApiError("#/template", "template",
            $"Template \"{template}\" (en_US) is {status}, and Meta sends only APPROVED ones. Wait for Meta's approval, or choose another template."));
    }

    private async Task WithUnknownColumnAsync()
    {
        var draft = await CreateAsync("diwali_offer", Bindings("name", "rebate"));
        await Stage.Api.UploadAsync(draft.Id, Audience.Of(3).Csv());
        var problem = await Stage.Api.RefusedAsync(HttpMethod.Post, $"campaigns/{draft.Id}/launch");
        var error = Assert.Single(problem.Errors!);
        Assert.Equal((422, "#/parameters/body/2"), (problem.Status, error.Pointer));
        Assert.Contains("rebate", error.Message, StringComparison.Ordinal);
        Assert.Equal($"Campaign {draft.Id} cannot be launched: {error.Message}", problem.Detail);
    }

    private async Task WithStoppedNumberAsync()
    {
        var draft = await Stage.DraftAsync(Audience.Of(3), maxPerSecond: 1); // it still runs when its launch is answered
        await Stage.Api.ConfigureNumberAsync(Stage.Number1000, new { state = "stopped" });
        await RefusesAsync(draft.Id, new ApiError("#/phoneNumberId", "number",
            $"Phone number +61 2 5550 0099 ({Stage.Number1000}) cannot send: the number is stopped: stopped by an operator. Mend that, or choose another number."));
        await Stage.Api.ConfigureNumberAsync(Stage.Number1000, new { state = "active" });
        Assert.Equal("running", (await Stage.Api.LaunchAsync(draft.Id)).State);
        await Stage.WaitUntilCompletedAsync(draft.Id);
        await Stage.ReckonAsync(draft.Id);
        Stage.Meta.Reset();
    }

    private async Task NotMadeAsync()
    {
        var problem = await Stage.Api.RefusedAsync(HttpMethod.Post, "campaigns", Campaign("diwali_offer", new { body = new Dictionary<string, object> { ["1"] = new { column = "name" } } }));
        Assert.Equal((400, "The campaign was not made."), (problem.Status, problem.Detail));
        Assert.Equal("#/parameters/body/2", Assert.Single(problem.Errors!).Pointer);

        problem = await Stage.Api.RefusedAsync(HttpMethod.Post, "campaigns", Campaign("diwali_offer", Bindings("name", "offer"), number: "12345"));
        Assert.Equal(new ApiError("#/phoneNumberId", "unknown-number", "There is no phone number 12345. GET /api/v1/phone-numbers lists them."), Assert.Single(problem.Errors!));

        problem = await Stage.Api.RefusedAsync(HttpMethod.Post, "campaigns", Campaign("no_such_template", null));
        Assert.Equal(new ApiError("#/template", "unknown-template",
            "Account 104829366712045 has no template \"no_such_template\" in language en_US. GET /api/v1/templates lists them."), Assert.Single(problem.Errors!));

        problem = await Stage.Api.RefusedAsync(HttpMethod.Post, "campaigns/999999/launch");
        Assert.Equal((404, "There is no campaign 999999."), (problem.Status, problem.Detail));
    }

    private async Task RefusesAsync(string campaign, ApiError expected)
    {
        var problem = await Stage.Api.RefusedAsync(HttpMethod.Post, $"campaigns/{campaign}/launch");
        Assert.Equal((422, "/problems/unprocessable", $"Campaign {campaign} cannot be launched: {expected.Message}"), (problem.Status, problem.Type, problem.Detail));
        Assert.Equal(expected, Assert.Single(problem.Errors!));
        Assert.Equal("draft", (await Stage.Api.CampaignAsync(campaign)).State);
        var preflight = await Stage.Api.GetAsync<JsonNode>($"campaigns/{campaign}/preflight");
        Assert.False((bool)preflight["ok"]!);
    }

    private Task<CampaignView> CreateAsync(string template, object parameters) => Stage.Api.CreateCampaignAsync(Campaign(template, parameters));

    private static object Campaign(string template, object? parameters, string number = Stage.Number1000) =>
        new { name = "Refused", phoneNumberId = number, template = new { name = template, language = "en_US" }, parameters, defaultCountry = "IN" };

    private static object Bindings(string one, string two) => new { body = new Dictionary<string, object> { ["1"] = new { column = one }, ["2"] = new { column = two } } };
}

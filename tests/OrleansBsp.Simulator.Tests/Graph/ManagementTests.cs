using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using OrleansBsp.Simulator.Accounts;

namespace OrleansBsp.Simulator.Tests.Graph;

public sealed class ManagementTests
{
    private const string Waba = DefaultWorld.WabaId;

    [Fact]
    public async Task Pages_are_walked_by_next_and_end_without_it()
    {
        await using var rig = await Rig.StartAsync();
        for (var i = 0; i < 8; i++)
        {
            rig.Simulator.World.AddNumber(Waba, $"77{i}", $"+61 2 5550 1{i:000}");
        }

        var seen = new List<string>();
        var next = $"{rig.Simulator.Url}v26.0/{Waba}/phone_numbers?fields=id,throughput&limit=4";
        while (next is not null)
        {
            var page = (await rig.Client.GetFromJsonAsync<JsonNode>(next))!;
            seen.AddRange(page["data"]!.AsArray().Select(number => (string)number!["id"]!));
            Assert.NotNull(page["paging"]!["cursors"]!["after"]);
            next = (string?)page["paging"]!["next"];
        }

        Assert.Equal(rig.Simulator.World.Numbers.Select(number => number.Id), seen);
        Assert.Equal(10, seen.Count);
    }

    [Fact]
    public async Task Fields_choose_and_the_id_is_always_there()
    {
        await using var rig = await Rig.StartAsync();

        Assert.Equal("""{"throughput":{"level":"HIGH"},"quality_rating":"GREEN","id":"118233907745999"}""", (await rig.GetAsync($"/v26.0/{Rig.HighNumber}?fields=throughput,quality_rating")).ToJsonString());
        Assert.Equal("""{"name":"Example Retail","currency":"USD","id":"104829366712045"}""", (await rig.GetAsync($"/{Waba}?fields=name,currency")).ToJsonString());
    }

    [Theory]
    [InlineData("status=PAUSED", 1)]
    [InlineData("status=approved&category=UTILITY", 3)]
    [InlineData("name=diwali_offer", 1)]
    [InlineData("name=nothing", 0)]
    public async Task Templates_are_filtered(string query, int count)
    {
        await using var rig = await Rig.StartAsync();

        Assert.Equal(count, (await rig.GetAsync($"/v26.0/{Waba}/message_templates?limit=100&{query}"))["data"]!.AsArray().Count);
    }

    [Fact]
    public async Task A_template_is_reviewed_and_tells_so_by_webhook()
    {
        await using var rig = await Rig.StartAsync(options => options.TemplateReviewMs = 0);

        var created = await CreateAsync(rig, "spring_sale", "MARKETING");
        await CreateAsync(rig, "please_reject", "MARKETING");
        await CreateAsync(rig, "promo_news", "UTILITY");
        await rig.DeliveredAsync();

        Assert.Equal("PENDING", (string?)created["status"]);
        var events = rig.Receiver.All.SelectMany(one => one.Values).ToDictionary(value => (string)value["message_template_name"]!, value => ((string)value["event"]!, (string)value["message_template_category"]!));
        Assert.Equal(("APPROVED", "MARKETING"), events["spring_sale"]);
        Assert.Equal(("REJECTED", "MARKETING"), events["please_reject"]);
        Assert.Equal(("APPROVED", "MARKETING"), events["promo_news"]);
        Assert.Equal("APPROVED", (string?)(await rig.GetAsync($"/{(string)created["id"]!}?fields=status"))["status"]);
        Assert.Equal(0, await rig.CodeOfAsync(Rig.Template("+61491570006", name: "spring_sale", components: """[{"type":"body","parameters":[{"type":"text","text":"A"}]}]""")));
    }

    [Fact]
    public async Task A_template_can_be_unpaused_edited_and_deleted()
    {
        await using var rig = await Rig.StartAsync(options => options.TemplateReviewMs = 0);
        var template = rig.Simulator.World.FindWaba(Waba)!.FindTemplate("clearance_sale", "en_US")!;

        await rig.Client.PostAsync($"/v26.0/{template.Id}/unpause", null);
        Assert.Equal("APPROVED", template.Status);

        await rig.Client.PostAsJsonAsync($"/v26.0/{template.Id}", JsonNode.Parse("""{"components":[{"type":"BODY","text":"Now without variables."}]}"""));
        await rig.DeliveredAsync();
        Assert.Equal(0, await rig.CodeOfAsync(Rig.Template("+61491570006", name: "clearance_sale")));

        using var deleted = await rig.Client.DeleteAsync($"/v26.0/{Waba}/message_templates?name=clearance_sale");
        Assert.Equal(HttpStatusCode.OK, deleted.StatusCode);
        Assert.Equal(132001, await rig.CodeOfAsync(Rig.Template("+61491570006", name: "clearance_sale")));
    }

    [Fact]
    public async Task Without_a_subscription_nothing_is_heard_and_an_override_must_verify()
    {
        await using var rig = await Rig.StartAsync();
        await using var other = await Receiver.StartAsync();
        other.VerifyToken = "mine";

        await rig.Client.DeleteAsync($"/v26.0/{Waba}/subscribed_apps");
        await rig.SendAsync(Rig.Template("+61491570006"));
        await rig.DeliveredAsync();
        Assert.Empty(rig.Receiver.All);

        using var wrong = await rig.Client.PostAsJsonAsync($"/v26.0/{Waba}/subscribed_apps", new { override_callback_uri = other.Url, verify_token = "theirs" });
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
        using var right = await rig.Client.PostAsJsonAsync($"/v26.0/{Waba}/subscribed_apps", new { override_callback_uri = other.Url, verify_token = "mine" });
        Assert.Equal(HttpStatusCode.OK, right.StatusCode);
        await rig.SendAsync(Rig.Template("+61491570007"));
        await rig.DeliveredAsync();

        Assert.Empty(rig.Receiver.All);
        Assert.Equal(3, other.Statuses.Count);
        Assert.Single((await rig.GetAsync($"/v26.0/{Waba}/subscribed_apps"))["data"]!.AsArray());
    }

    private static async Task<JsonNode> CreateAsync(Rig rig, string name, string category)
    {
        using var response = await rig.Client.PostAsJsonAsync($"/v26.0/{Waba}/message_templates", JsonNode.Parse(
            $$$"""{"name":"{{{name}}}","language":"en_US","category":"{{{category}}}","components":[{"type":"BODY","text":"Hi {{1}}, news for you.","example":{"body_text":[["Asha"]]}}]}"""));
        return (await response.Content.ReadFromJsonAsync<JsonNode>())!;
    }
}

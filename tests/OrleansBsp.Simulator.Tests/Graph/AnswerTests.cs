using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using OrleansBsp.Simulator.Accounts;

namespace OrleansBsp.Simulator.Tests.Graph;

public sealed class AnswerTests
{
    [Fact]
    public async Task An_accepted_template_is_answered_with_input_wa_id_wamid_and_status()
    {
        await using var rig = await Rig.StartAsync();

        var (status, body) = await rig.SendAsync(Rig.Template("+61 491-570 (006)"));

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("whatsapp", (string?)body["messaging_product"]);
        Assert.Equal("+61 491-570 (006)", (string?)body["contacts"]![0]!["input"]);
        Assert.Equal("61491570006", (string?)body["contacts"]![0]!["wa_id"]);
        Assert.Equal("accepted", (string?)body["messages"]![0]!["message_status"]);
        var wamid = (string)body["messages"]![0]!["id"]!;
        var raw = Convert.FromBase64String(wamid["wamid.".Length..]);
        Assert.Equal([0x1C, 0x18, 11], raw[..3]);
        Assert.Equal("61491570006", System.Text.Encoding.ASCII.GetString(raw, 3, 11));
        Assert.Equal(wamid, rig.Simulator.Ledger.Find(wamid)!.Wamid);
    }

    [Fact]
    public async Task The_http2_endpoint_serves_the_same()
    {
        await using var rig = await Rig.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(rig.Simulator.Http2Url!, $"{Rig.Number}/messages"))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new StringContent(Rig.Template("+61491570006")),
        };

        using var response = await rig.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(HttpVersion.Version20, response.Version);
    }

    [Theory]
    [InlineData("+5531987654321", "553187654321")]
    [InlineData("+525512345678", "5215512345678")]
    [InlineData("+541123456789", "5491123456789")]
    [InlineData("+919876543210", "919876543210")]
    public async Task The_wa_id_follows_the_countrys_quirk(string to, string waId)
    {
        await using var rig = await Rig.StartAsync();

        Assert.Equal(waId, (string?)(await rig.SendAsync(Rig.Template(to))).Body["contacts"]![0]!["wa_id"]);
    }

    [Fact]
    public async Task A_recipient_known_by_bsuid_has_a_user_id_and_no_wa_id_anywhere()
    {
        await using var rig = await Rig.StartAsync();

        var (_, body) = await rig.SendAsync(Rig.Template("x").Replace("\"to\":\"x\"", "\"recipient\":\"AU.10288593406028713995\"", StringComparison.Ordinal));
        await rig.DeliveredAsync();

        Assert.Equal("AU.10288593406028713995", (string?)body["contacts"]![0]!["user_id"]);
        Assert.Null(body["contacts"]![0]!["wa_id"]);
        Assert.All(rig.Receiver.Statuses, status => Assert.Equal("AU.10288593406028713995", (string?)status["recipient_user_id"]));
        Assert.All(rig.Receiver.Statuses, status => Assert.Null(status["recipient_id"]));
        Assert.Equal("AU.10288593406028713995", rig.Simulator.Ledger.Read().Single().To);
    }

    [Theory]
    [InlineData(null, 104, HttpStatusCode.Unauthorized)]
    [InlineData("wrong", 190, HttpStatusCode.Unauthorized)]
    [InlineData("other-token", 200, HttpStatusCode.Forbidden)]
    public async Task A_token_must_be_known_and_have_access(string? token, int code, HttpStatusCode status)
    {
        await using var rig = await Rig.StartAsync();
        rig.Simulator.World.AddWaba("900", "other-token");
        rig.Client.DefaultRequestHeaders.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);

        var answer = await rig.SendAsync(Rig.Template("+61491570006"));

        Assert.Equal((status, code), (answer.Status, (int)answer.Body["error"]!["code"]!));
        Assert.Equal(0, rig.Simulator.Ledger.Count);
    }

    [Fact]
    public async Task An_unknown_number_is_refused_in_graphs_words()
    {
        await using var rig = await Rig.StartAsync();

        var error = (await rig.SendAsync(Rig.Template("+61491570006"), "999")).Body["error"]!;

        Assert.Equal((100, 33, "GraphMethodException"), ((int)error["code"]!, (int)error["error_subcode"]!, (string)error["type"]!));
        Assert.NotEmpty((string)error["fbtrace_id"]!);
    }

    [Theory]
    [InlineData("{", 100)]
    [InlineData("[]", 100)]
    [InlineData("""{"to":"+61491570006","type":"text","text":{"body":"x"}}""", 100)]
    [InlineData("""{"messaging_product":"whatsapp","type":"text","text":{"body":"x"}}""", 131008)]
    [InlineData("""{"messaging_product":"whatsapp","to":"abc","type":"text","text":{"body":"x"}}""", 131009)]
    [InlineData("""{"messaging_product":"whatsapp","to":"+61255500047","type":"text","text":{"body":"x"}}""", 131021)]
    [InlineData("""{"messaging_product":"whatsapp","to":"+61491570006","type":"fax","fax":{}}""", 131051)]
    [InlineData("""{"messaging_product":"whatsapp","to":"+61491570006","type":"text"}""", 131008)]
    [InlineData("""{"messaging_product":"whatsapp","to":"+61491570006","type":"text","text":{"body":""}}""", 131008)]
    [InlineData("""{"messaging_product":"whatsapp","to":"+61491570006","type":"image","image":{}}""", 131008)]
    [InlineData("""{"messaging_product":"whatsapp","to":"+61491570006","type":"interactive","interactive":{"type":"button","body":{"text":"x"},"action":{"buttons":[]}}}""", 131009)]
    public async Task A_bad_envelope_or_content_is_refused(string body, int code)
    {
        await using var rig = await Rig.StartAsync();
        rig.Simulator.ReceiveInbound(new() { PhoneNumberId = Rig.Number, From = "61491570006", Text = "hi" });

        Assert.Equal(code, await rig.CodeOfAsync(body));
        Assert.Equal(1, rig.Simulator.Ledger.RefusedByCode[code]);
    }

    [Fact]
    public async Task Free_form_messages_of_all_kinds_pass_inside_the_window_and_carry_no_message_status()
    {
        await using var rig = await Rig.StartAsync();
        rig.Simulator.ReceiveInbound(new() { PhoneNumberId = Rig.Number, From = "61491570006", Text = "hi" });
        string[] contents =
        [
            "\"type\":\"text\",\"text\":{\"body\":\"x\"}",
            "\"type\":\"image\",\"image\":{\"id\":\"1\",\"caption\":\"c\"}",
            "\"type\":\"document\",\"document\":{\"link\":\"https://example.com/a.pdf\",\"filename\":\"a.pdf\"}",
            "\"type\":\"location\",\"location\":{\"latitude\":\"1\",\"longitude\":\"2\"}",
            "\"type\":\"reaction\",\"reaction\":{\"message_id\":\"wamid.x\",\"emoji\":\"\"}",
            "\"type\":\"interactive\",\"interactive\":{\"type\":\"button\",\"body\":{\"text\":\"x\"},\"action\":{\"buttons\":[{\"type\":\"reply\",\"reply\":{\"id\":\"1\",\"title\":\"a\"}}]}}",
        ];

        foreach (var content in contents)
        {
            var (status, body) = await rig.SendAsync($$"""{"messaging_product":"whatsapp","to":"+61491570006",{{content}}}""");
            Assert.Equal(HttpStatusCode.OK, status);
            Assert.Null(body["messages"]![0]!["message_status"]);
        }
    }

    [Fact]
    public async Task A_read_receipt_succeeds_and_is_not_in_the_ledger()
    {
        await using var rig = await Rig.StartAsync();

        var (_, body) = await rig.SendAsync("""{"messaging_product":"whatsapp","status":"read","message_id":"wamid.x","typing_indicator":{"type":"text"}}""");

        Assert.Equal("""{"success":true}""", body.ToJsonString());
        Assert.Equal(0, rig.Simulator.Ledger.Count);
    }

    [Fact]
    public async Task A_number_that_is_not_connected_cannot_send()
    {
        await using var rig = await Rig.StartAsync();
        rig.Simulator.World.FindNumber(Rig.Number)!.Status = "DISCONNECTED";

        Assert.Equal(133010, await rig.CodeOfAsync(Rig.Template("+61491570006")));
    }

    [Fact]
    public void The_default_world_has_two_numbers_and_a_template_of_each_kind()
    {
        var world = new World();
        DefaultWorld.Seed(world);

        Assert.Equal([80, 1000], world.Numbers.Select(number => number.MessagesPerSecond));
        Assert.Contains(world.FindWaba(DefaultWorld.WabaId)!.Templates, template => template.Status == "PAUSED");
        Assert.Equal(["1", "2"], world.FindWaba(DefaultWorld.WabaId)!.FindTemplate("diwali_offer", "en_US")!.Shape.Body.Names);
        Assert.IsType<JsonArray>(world.FindWaba(DefaultWorld.WabaId)!.FindTemplate("plant_carousel", "en_US")!.Components);
    }
}

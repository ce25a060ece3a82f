using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using OrleansBsp.Simulator.Webhooks;

namespace OrleansBsp.Simulator.Tests.Webhooks;

public sealed class WireTests
{
    // The vectors of the reference, section 5.2.
    private const string Key = "test_app_secret_0123456789abcdef";
    private const string Body = """{"object":"whatsapp_business_account","entry":[{"id":"104829366712045","changes":[{"value":{"messaging_product":"whatsapp","metadata":{"display_phone_number":"61255500047","phone_number_id":"118233907745512"},"contacts":[{"profile":{"name":"Zo\u00eb"},"wa_id":"61491570006","user_id":"AU.35152453725986374173"}],"messages":[{"from":"61491570006","from_user_id":"AU.35152453725986374173","id":"wamid.TEST1","timestamp":"1795334400","type":"text","text":{"body":"Hi \ud83d\ude0a see https:\/\/example.com"}}]},"field":"messages"}]}]}""";

    [Theory]
    [InlineData("""{"object":"whatsapp_business_account","entry":[]}""", "f18075f0bbeb02ee5043593392c48c4a9eafb26469f108d9615c5a772d1df41e")]
    [InlineData(Body, "e1f194d192f1973b9c39926b01b22e9d159913403b0e16e57c3463aae8358078")]
    public void Of_ReferenceVectors(string body, string hash) => Assert.Equal("sha256=" + hash, Signature.Of(Key, Encoding.UTF8.GetBytes(body)));

    [Fact]
    public void Value_ReEscapes_ToTheSameBytesAsMeta()
    {
        using var document = JsonDocument.Parse(Body);

        Assert.Equal(Body, Encoding.UTF8.GetString(new WireBuffer().Value(document.RootElement).Written.Span));
    }

    [Theory]
    [InlineData("plain", "\"plain\"")]
    [InlineData("a/b \"c\" \\", "\"a\\/b \\\"c\\\" \\\\\"")]
    [InlineData("ä😊\n\u0001", "\"\\u00e4\\ud83d\\ude0a\\n\\u0001\"")]
    public void Text_Escapes(string text, string json) => Assert.Equal(json, Encoding.UTF8.GetString(new WireBuffer().Text(text).Written.Span));

    [Fact]
    public async Task Every_webhook_is_ascii_and_signed_over_its_very_bytes()
    {
        await using var rig = await Rig.StartAsync();
        for (var i = 0; i < 40; i++)
        {
            await rig.SendAsync(Rig.Template($"+614915700{i:00}", token: "a/ä"));
        }

        rig.Simulator.ReceiveInbound(new() { PhoneNumberId = Rig.Number, From = "61491570006", Text = "Hallo 😊 / ä" });
        await rig.DeliveredAsync();

        Assert.All(rig.Receiver.All, one => Assert.Equal(Signature.Of("simulator-app-secret", Encoding.UTF8.GetBytes(one.Body)), one.Signature));
        Assert.All(rig.Receiver.All, one => Assert.True(Ascii.IsValid(one.Body)));
        Assert.Contains(rig.Receiver.All, one => one.Body.Contains("""a\/\u00e4""", StringComparison.Ordinal));
        Assert.All(rig.Receiver.Statuses, status => Assert.Equal("a/ä", (string?)status["biz_opaque_callback_data"]));
        Assert.Contains(rig.Receiver.All, one => one.Body.Contains("""Zo\u00eb""", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Inbound_messages_have_the_shape_of_the_reference()
    {
        await using var rig = await Rig.StartAsync();
        var wamid = (string?)(await rig.ControlAsync("inbound", $$"""{"phoneNumberId":"{{Rig.Number}}","from":"+61491570006","button":"I am interested","payload":"cmp|YES","contextId":"wamid.X"}"""))["wamids"]![0];
        await rig.ControlAsync("inbound", $$$"""[{"phoneNumberId":"{{{Rig.Number}}}","from":"61491570006","message":{"type":"location","location":{"latitude":1.5,"longitude":2} }}]""");
        await rig.DeliveredAsync();

        var messages = rig.Receiver.All.SelectMany(one => one.Values).SelectMany(value => value["messages"]!.AsArray()).ToDictionary(message => (string)message!["type"]!, message => message!);
        Assert.Equal("""{"payload":"cmp|YES","text":"I am interested"}""", messages["button"]["button"]!.ToJsonString());
        Assert.Equal(("61491570006", wamid, "wamid.X"), ((string?)messages["button"]["from"], (string?)messages["button"]["id"], (string?)messages["button"]["context"]!["id"]));
        Assert.Equal(1.5, (double)messages["location"]["location"]!["latitude"]!);
        Assert.IsType<JsonObject>(rig.Receiver.All[0].Json);

        // The library and the control call number their messages together.
        Assert.NotEqual(wamid, rig.Simulator.ReceiveInbound(new() { PhoneNumberId = Rig.Number, From = "61491570006", Text = "again" }));
        Assert.Distinct(messages.Values.Select(message => (string?)message["id"]));
    }
}

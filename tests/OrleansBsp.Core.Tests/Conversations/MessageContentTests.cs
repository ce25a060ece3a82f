using System.Text.Json;
using OrleansBsp.Core.Conversations;

namespace OrleansBsp.Core.Tests.Conversations;

public class MessageContentTests
{
    [Theory]
    [InlineData("text", """{"body":"Hello","preview_url":true}""")]
    [InlineData("image", """{"id":"1013859600285441","caption":""}""")]
    [InlineData("video", """{"link":"https://example.com/a.mp4"}""")]
    [InlineData("audio", """{"id":"1","voice":true}""")]
    [InlineData("document", """{"link":"https://example.com/an order.pdf","filename":"order.pdf"}""")]
    [InlineData("sticker", """{"id":"1","link":null}""")]
    [InlineData("location", """{"latitude":"-33.8567","longitude":151.2152,"name":"Opera House"}""")]
    [InlineData("contacts", """[{"name":{"formatted_name":"Priya Shah","first_name":"Priya"},"phones":[{"phone":"+61491570159"}]}]""")]
    [InlineData("interactive", """{"type":"button","header":{"type":"text","text":"x"},"body":{"text":"Pick a slot"},"action":{"buttons":[]}}""")]
    [InlineData("interactive", """{"type":"product","action":{"catalog_id":"1","product_retailer_id":"2"}}""")]
    [InlineData("template", """{"name":"diwali_offer","language":{"code":"en_US","policy":"deterministic"},"components":[{"type":"body","parameters":[]}]}""")]
    [InlineData("reaction", """{"message_id":"wamid.1","emoji":""}""")]
    public void What_Meta_may_take_is_taken(string type, string content) => Assert.Empty(Check(type, content));

    [Theory]
    [InlineData("text", "{}", "/text/body missing: text.body is missing.")]
    [InlineData("text", """{"body":null}""", "/text/body missing: text.body is missing.")]
    [InlineData("text", """{"body":5}""", "/text/body wrong-type: text.body must be a text, but is 5.")]
    [InlineData("text", """{"body":""}""", "/text/body bad-length: text.body is empty. Give a text, or leave the field out if it is not needed.")]
    [InlineData("text", """{"body":"a","preview_url":"yes","bold":true}""",
        "/text/preview_url wrong-type: text.preview_url must be true or false, but is \"yes\".", "/text/bold unknown-field: text has no field \"bold\". Known: body, preview_url.")]
    [InlineData("text", "\"Hello\"", "/text wrong-type: text must be an object with body, preview_url, but is \"Hello\".")]
    [InlineData("text", "[]", "/text wrong-type: text must be an object with body, preview_url, but is an array.")]
    [InlineData("text", """{"body":"\ud83d"}""", "/text/body wrong-type: text.body must be a text, but is \"\\ud83d\".")]
    [InlineData("image", "{}", "/image one-of: image has none of id, link. Give exactly one of them.")]
    [InlineData("video", """{"id":"1","link":"https://example.com/a.mp4"}""", "/video one-of: video has more than one of id, link. Give exactly one of them.")]
    [InlineData("document", """{"link":"order.pdf"}""", "/document/link not-a-link: document.link must be a public link, but is \"order.pdf\". Give the full address, beginning with https://.")]
    [InlineData("sticker", """{"id":"1","caption":"x"}""", "/sticker/caption unknown-field: sticker has no field \"caption\". Known: id, link.")]
    [InlineData("location", """{"latitude":"north","longitude":151}""",
        "/location/latitude not-a-coordinate: location.latitude, \"north\", is not a latitude. Give degrees from -90 to 90 with a decimal point, such as 12.97.")]
    [InlineData("location", """{"latitude":1,"longitude":181}""",
        "/location/longitude not-a-coordinate: location.longitude, 181, is not a longitude. Give degrees from -180 to 180 with a decimal point, such as 12.97.")]
    [InlineData("contacts", "[]", "/contacts out-of-range: contacts must have 1 to 257 items, but has 0.")]
    [InlineData("contacts", """[{"name":{}}]""", "/contacts/0/name/formatted_name missing: contacts.0.name.formatted_name is missing.")]
    [InlineData("interactive", """{"type":"button","body":{"text":7}}""",
        "/interactive/action missing: interactive.action is missing.", "/interactive/body/text wrong-type: interactive.body.text must be a text, but is 7.")]
    [InlineData("template", "\"diwali_offer\"", "/template wrong-type: template must be an object with name, language, components, but is \"diwali_offer\".")]
    [InlineData("template", """{"name":"a","language":"en"}""", "/template/language wrong-type: template.language must be an object with code, policy, but is \"en\".")]
    [InlineData("template", """{"name":"a","language":{"code":"en"},"components":[7]}""", "/template/components/0 wrong-type: template.components.0 must be an object with type, but is 7.")]
    [InlineData("reaction", """{"emoji":"x"}""", "/reaction/message_id missing: reaction.message_id is missing.")]
    public void What_Meta_refuses_for_certain_is_named_with_its_value(string type, string content, params string[] expected) => Assert.Equal(expected, Check(type, content));

    [Theory]
    [InlineData(4096, "x", null)]
    [InlineData(4097, "x", "text.body has 4097 characters; Meta takes 4096 at most. Shorten it.")]
    [InlineData(4096, "😀", null)]
    public void A_text_has_4096_characters_at_most(int times, string character, string? expected) =>
        Assert.Equal(expected, MessageContent.Check("text", JsonSerializer.SerializeToElement(new { body = string.Concat(Enumerable.Repeat(character, times)) })).SingleOrDefault()?.Message);

    [Theory]
    [InlineData("text", """{"message_id":"wamid.1"}""", null)]
    [InlineData("text", """{"id":"wamid.1"}""", "/context/message_id missing")]
    [InlineData("text", "\"wamid.1\"", "/context wrong-type")]
    [InlineData("reaction", """{"message_id":"wamid.1"}""", "/context not-with-reaction")]
    public void A_context_names_the_message_that_is_answered(string type, string context, string? expected) =>
        Assert.Equal(expected, MessageContent.CheckContext(type, Json(context)).Select(problem => $"{problem.Pointer} {problem.Code}").FirstOrDefault());

    private static string[] Check(string type, string content) =>
        [.. MessageContent.Check(type, Json(content)).Select(problem => $"{problem.Pointer} {problem.Code}: {problem.Message}")];

    private static JsonElement Json(string text) => JsonSerializer.Deserialize<JsonElement>(text);
}

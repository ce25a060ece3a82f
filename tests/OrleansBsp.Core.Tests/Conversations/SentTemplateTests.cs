using System.Text.Json;
using OrleansBsp.Core.Conversations;
using OrleansBsp.Core.Templates;

namespace OrleansBsp.Core.Tests.Conversations;

public class SentTemplateTests
{
    private const string Body = """{"type":"BODY","text":"Hello {{1}}, {{2}} off"}""";
    private const string TwoForBody = """{"type":"body","parameters":[{"type":"text","text":"Asha"},{"type":"text","text":"25%"}]}""";

    [Theory]
    [InlineData(Body, TwoForBody, null)]
    [InlineData(Body, "", "Template \"offer\" (en) has 2 variables in its body, but the message gives 0. Give a component of type body with one parameter for each.")]
    [InlineData(Body, """{"type":"BODY","parameters":[{"type":"text","text":"Asha"}]}""",
        "Template \"offer\" (en) has 2 variables in its body, but the message gives 1. Give a component of type body with one parameter for each.")]
    [InlineData("""{"type":"BODY","text":"Hello"}""", "", null)]
    [InlineData("""{"type":"BODY","text":"Hello"}""", TwoForBody, "Template \"offer\" (en) has 0 variables in its body, but the message gives 2. Give a component of type body with one parameter for each.")]
    [InlineData("""{"type":"HEADER","format":"TEXT","text":"For {{1}}"},{"type":"BODY","text":"Hello"}""", "",
        "Template \"offer\" (en) has 1 variable in its header, but the message gives 0. Give a component of type header with one parameter for each.")]
    [InlineData("""{"type":"HEADER","format":"IMAGE"},{"type":"BODY","text":"Hello"}""", "",
        "Template \"offer\" (en) has a header with an image, which each message must give. Add a component of type header with it.")]
    [InlineData("""{"type":"HEADER","format":"IMAGE"},{"type":"BODY","text":"Hello"}""", """{"type":"header","parameters":[{"type":"image","image":{"id":"1"}}]}""", null)]
    [InlineData("""{"type":"HEADER","format":"HOLOGRAM"},{"type":"BODY","text":"Hello {{1}}"}""", "", null)] // not understood here: Meta decides
    public void The_parameters_must_be_as_many_as_the_variables(string components, string sent, string? expected) =>
        Assert.Equal(expected, Check("APPROVED", components, sent)?.Message);

    [Theory]
    [InlineData("APPROVED", false)]
    [InlineData("FLAGGED", false)]
    [InlineData("PAUSED", true)]
    [InlineData("REJECTED", true)]
    [InlineData("DELETED", true)]
    [InlineData("PENDING", true)]
    public void Only_a_state_in_which_Meta_sends_is_taken(string status, bool isRefused) =>
        Assert.Equal(isRefused ? "template-not-approved" : null, Check(status, Body, TwoForBody)?.Code);

    private static MessageProblem? Check(string status, string components, string sent) => SentTemplate.Check(
        TemplateDefinition.Parse("offer", "en", "MARKETING", status, "POSITIONAL", JsonSerializer.Deserialize<JsonElement>($"[{components}]")),
        JsonSerializer.Deserialize<JsonElement>($$"""{"name":"offer","language":{"code":"en"},"components":[{{sent}}]}""")).SingleOrDefault();
}

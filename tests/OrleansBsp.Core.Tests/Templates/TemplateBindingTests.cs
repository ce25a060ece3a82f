using OrleansBsp.Core.Templates;
using static OrleansBsp.Core.Tests.Templates.Sample;

namespace OrleansBsp.Core.Tests.Templates;

public class TemplateBindingTests
{
    private const string Body = """{"type":"BODY","text":"Hi {{1}}, see you on {{2}}."}""";
    private const string Plain = """{"type":"BODY","text":"Hello"}""";
    private const string Image = """{"type":"HEADER","format":"IMAGE"}""";
    private const string Title = """{"type":"HEADER","format":"TEXT","text":"For {{1}}"}""";
    private const string Buttons = """{"type":"BUTTONS","buttons":[{"type":"PHONE_NUMBER","text":"Call"},{"type":"URL","text":"Shop","url":"https://x.example/{{1}}"},{"type":"COPY_CODE"},{"type":"MPM","text":"Items"}]}""";
    private const string Offer = """{"type":"LIMITED_TIME_OFFER","limited_time_offer":{"text":"Now","has_expiration":true}}""";
    private const string Carousel = """{"type":"CAROUSEL","cards":[{"components":[{"type":"HEADER","format":"IMAGE"}]},{"components":[{"type":"HEADER","format":"IMAGE"},{"type":"BODY","text":"See {{1}} now"}]}]}""";
    private const string ProductCarousel = """{"type":"CAROUSEL","cards":[{"components":[{"type":"HEADER","format":"PRODUCT"}]}]}""";
    private const string GoodButtons = """ "1":{"column":"name"},"2":{"value":"A1"},"3":{"sections":[{"title":"T","products":["A"]}]} """;

    [Theory]
    // body
    [InlineData(Body, """{"body":{"1":{"column":"name"}}}""", "/body/2", "missing-binding", "Body variable {{2}} has no binding. Add \"2\": {\"column\": …} or {\"value\": …} to \"body\".")]
    [InlineData(Body, """{"body":{"1":{"column":"name"},"2":{"value":"x"},"3":{"value":"y"}}}""", "/body/3", "unknown-variable", "Body of template \"diwali\" has no variable {{3}}; it has {{1}}, {{2}}. Remove this binding.")]
    [InlineData(Plain, """{"body":{"a/b":{"value":"y"}}}""", "/body/a~1b", "unknown-variable", "Body of template \"diwali\" has no variable {{a/b}}; it has no variables. Remove this binding.")]
    // columns
    [InlineData(Body, """{"body":{"1":{"column":"nome"},"2":{"value":"x"}}}""", "/body/1", "unknown-column", "Body variable {{1}}: the audience has no column \"nome\". Its columns are: \"phone\", \"name\", \"First Name\", \"first_name\", \"A B\", \"AB\".")]
    [InlineData(Body, """{"body":{"1":{"value":"Dear {{nome}}"},"2":{"value":"x"}}}""", "/body/1", "unknown-column", "Body variable {{1}}: the audience has no column \"nome\". Its columns are: \"phone\", \"name\", \"First Name\", \"first_name\", \"A B\", \"AB\".")]
    [InlineData(Body, """{"body":{"1":{"column":"a b"},"2":{"value":"x"}}}""", "/body/1", "ambiguous-column", "Body variable {{1}}: several columns of the audience match \"a b\". Write the name exactly as in the file. Its columns are: \"phone\", \"name\", \"First Name\", \"first_name\", \"A B\", \"AB\".")]
    // header
    [InlineData(Title + "," + Plain, "{}", "/header/1", "missing-binding", "Header variable {{1}} has no binding. Add \"1\": {\"column\": …} or {\"value\": …} to \"header\".")]
    [InlineData(Image + "," + Plain, "{}", "/header/image", "missing-binding", "Header: template \"diwali\" has an image header, which every send must supply. Add \"image\": {\"mediaId\": …} or {\"link\": …} to \"header\".")]
    [InlineData(Image + "," + Plain, """{"header":{"video":{"mediaId":"1"}}}""", "/header/video", "wrong-header", "Header: template \"diwali\" has an image header, but a video is bound. Bind an image instead.")]
    [InlineData(Image + "," + Plain, """{"header":{"1":{"value":"x"}}}""", "/header/1", "wrong-header", "Header: template \"diwali\" has an image header, but a text is bound. Bind an image instead.")]
    [InlineData(Title + "," + Plain, """{"header":{"image":{"mediaId":"1"}}}""", "/header/image", "wrong-header", "Header: template \"diwali\" has a text header, but an image is bound. Bind a text instead.")]
    [InlineData(Plain, """{"header":{"image":{"mediaId":"1"}}}""", "/header/image", "unknown-variable", "Header: template \"diwali\" has no header, but an image is bound. Remove the binding.")]
    [InlineData(Image + "," + Plain, """{"header":{"image":{"link":"ftp://x"}}}""", "/header/image/link", "not-a-link", "Header image link: \"ftp://x\" is not a public link. Give the full address, beginning with https://.")]
    // buttons
    [InlineData(Plain + "," + Buttons, """{"buttons":{"2":{"value":"A1"},"3":{"sections":[{"title":"T","products":["A"]}]}}}""", "/buttons/1", "missing-binding", "Button 1 \"Shop\" has no binding. Add \"1\": {\"column\": …} or {\"value\": …} to \"buttons\".")]
    [InlineData(Plain + "," + Buttons, """{"buttons":{"0":{"value":"x"},""" + GoodButtons + "}}", "/buttons/0", "unknown-variable", "Button 0 \"Call\" takes no parameter. Remove this binding.")]
    [InlineData(Plain + "," + Buttons, """{"buttons":{"4":{"value":"x"},""" + GoodButtons + "}}", "/buttons/4", "unknown-variable", "Button 4 does not exist: there are 4, counted from 0. Remove this binding.")]
    [InlineData(Plain, """{"buttons":{"0":{"value":"x"}}}""", "/buttons/0", "unknown-variable", "Button 0 does not exist: there are no buttons. Remove this binding.")]
    [InlineData(Plain + "," + Buttons, """{"buttons":{"1":{"sections":[{"title":"T","products":["A"]}]},"2":{"value":"A1"},"3":{"sections":[{"title":"T","products":["A"]}]}}}""", "/buttons/1", "bad-binding", "Button 1 \"Shop\" takes one value, not sections of products. Give {\"column\": …} or {\"value\": …}.")]
    [InlineData(Plain + "," + Buttons, """{"buttons":{"1":{"value":"x"},"2":{"value":"A1"},"3":{"value":"A"}}}""", "/buttons/3", "bad-binding", "Button 3 \"Items\" needs {\"thumbnail\": …, \"sections\": [{\"title\": …, \"products\": […]}]}.")]
    [InlineData(Plain + "," + Buttons, """{"buttons":{"1":{"value":"x"},"2":{"value":"25-OFF"},"3":{"sections":[{"title":"T","products":["A"]}]}}}""", "/buttons/2", "not-alphanumeric", "Button 2: \"25-OFF\" may only hold the letters A-Z and digits. Remove the other characters.")]
    [InlineData(Plain + "," + Buttons, """{"buttons":{"1":{"value":"x"},"2":{"column":"name","fallback":"ABCDEFGHIJ123456"},"3":{"sections":[{"title":"T","products":["A"]}]}}}""", "/buttons/2/fallback", "too-long", "Button 2: the fallback \"ABCDEFGHIJ123456\" has 16 characters; at most 15 fit here. Shorten it.")]
    // limited-time offer
    [InlineData(Plain + "," + Offer, "{}", "/limitedTimeOffer/expiresAt", "missing-binding", "Template \"diwali\" is a limited-time offer and needs its end. Add \"limitedTimeOffer\": {\"expiresAt\": …}.")]
    [InlineData(Plain, """{"limitedTimeOffer":{"expiresAt":"2026-11-22T00:00:00Z"}}""", "/limitedTimeOffer", "unknown-variable", "Template \"diwali\" is no limited-time offer. Remove \"limitedTimeOffer\".")]
    [InlineData(Plain + "," + Offer, """{"limitedTimeOffer":{"expiresAt":1795939200}}""", "/limitedTimeOffer/expiresAt", "not-a-time", "End of the limited-time offer: \"1795939200\" looks like seconds since 1970; milliseconds are needed. Multiply by 1000.")]
    [InlineData(Plain + "," + Offer, """{"limitedTimeOffer":{"expiresAt":"2026-11-22T00:00:00"}}""", "/limitedTimeOffer/expiresAt", "not-a-time", "End of the limited-time offer: \"2026-11-22T00:00:00\" is not a time with a zone. Write it like 2026-11-22T18:30:00Z or 2026-11-22T18:30:00+05:30.")]
    // carousel
    [InlineData(Plain + "," + Carousel, "{}", "/cards", "missing-binding", "Template \"diwali\" has a carousel of 2 cards. Add \"cards\": [{\"header\": …}, …].")]
    [InlineData(Plain, """{"cards":[]}""", "/cards", "unknown-variable", "Template \"diwali\" has no carousel. Remove \"cards\".")]
    [InlineData(Plain + "," + Carousel, """{"cards":[{"header":{"image":{"mediaId":"1"}}}]}""", "/cards", "card-count", "1 card is bound, but template \"diwali\" has 2 cards, and every send must fill all of them. Give as many.")]
    [InlineData(Plain + "," + ProductCarousel, """{"cards":[{}]}""", "/cards", "card-count", "1 card is bound, but template \"diwali\" takes 2 to 10 product cards. Give as many.")]
    [InlineData(Plain + "," + Carousel, """{"cards":[{"header":{"image":{"mediaId":"1"}}},{"header":{"image":{"mediaId":"1"}}}]}""", "/cards/1/body/1", "missing-binding", "Card 1, body variable {{1}} has no binding. Add \"1\": {\"column\": …} or {\"value\": …} to \"body\".")]
    [InlineData(Plain + "," + Carousel, """{"cards":[{"header":{"image":{"mediaId":"1"}},"body":{"1":{"value":"x"}}},{"header":{"image":{"mediaId":"1"}},"body":{"1":{"value":"x"}}}]}""", "/cards/0/body/1", "unknown-variable", "Card 0, body of template \"diwali\" has no variable {{1}}; it has no variables. Remove this binding.")]
    // the template itself
    [InlineData(Plain + """,{"type":"HOLOGRAM"}""", """{"body":{"9":{"value":"x"}}}""", "", "template-not-sendable", "Component type \"HOLOGRAM\" is not known to this version, so template \"diwali\" cannot be sent. Choose another template.")]
    public void Check_Mistake_IsNamed(string components, string parameters, string pointer, string code, string message) =>
        Assert.Equal([new BindingError(pointer, code, message)],
            TemplateBinding.Check(Template($"[{components}]"), Bindings(parameters), ["phone", "name", "First Name", "first_name", "A B", "AB"]));

    [Theory]
    [InlineData("name")]
    [InlineData("NAME")]
    [InlineData(" name ")]
    [InlineData("firstname")]
    [InlineData("FIRST  name")]
    [InlineData("first_name")]
    [InlineData("AB")]
    public void Check_ColumnApartFromCaseAndSpaces_IsFound(string column) =>
        Assert.Empty(TemplateBinding.Check(
            Template($"[{Body}]"), Bindings("""{"body":{"1":{"column":"COLUMN"},"2":{"value":"{{COLUMN}}"}}}""".Replace("COLUMN", column)),
            ["phone", "name", "First Name", "first_name", "A B", "AB"]));

    [Fact]
    public void Check_VeryWideAudience_ListsTheFirstColumns()
    {
        var error = Assert.Single(TemplateBinding.Check(
            Template($"[{Body}]"), Bindings("""{"body":{"1":{"column":"x"},"2":{"value":"y"}}}"""), [.. Enumerable.Range(1, 33).Select(i => $"c{i}")]));

        Assert.EndsWith("\"c29\", \"c30\" and 3 more.", error.Message);
    }

    [Fact]
    public void Check_MistakeInAPasscode_IsReportedOnceThoughItIsUsedTwice()
    {
        var template = Template("""[{"type":"BODY"},{"type":"BUTTONS","buttons":[{"type":"OTP"}]}]""", "AUTHENTICATION");

        Assert.Equal(["/body/1"], TemplateBinding.Check(template, Bindings("{}"), []).Select(error => error.Pointer));
        Assert.Equal(["/body/1"], TemplateBinding.Check(template, Bindings("""{"body":{"1":{"column":"x"}}}"""), []).Select(error => error.Pointer));
    }

    [Fact]
    public void Check_NoAudienceYet_LeavesColumnsAlone() =>
        Assert.Empty(TemplateBinding.Check(Template($"[{Body}]"), Bindings("""{"body":{"1":{"column":"x"},"2":{"value":"{{y}}"}}}"""), null));

    [Fact]
    public void Check_ConstantsAloneTooLongForTheBody_IsAnError()
    {
        var errors = TemplateBinding.Check(Template($"[{Body}]"), Bindings("""{"body":{"1":{"column":"name"},"2":{"value":"LONG"}}}""".Replace("LONG", new string('x', 1100))), ["name"]);

        var error = Assert.Single(errors);
        Assert.Equal(("/body", "too-long"), (error.Pointer, error.Code));
        Assert.StartsWith("Body has 1117 characters with these values; Meta takes 1024. Longest is the value of /body/2 with 1100: ", error.Message);
    }

    [Fact]
    public void Compile_UncheckedParameters_SaysWhyTheyDoNotFit()
    {
        var thrown = Assert.Throws<ArgumentException>(() => CompiledTemplate.Compile(Template($"[{Body}]"), Bindings("{}"), []));

        Assert.Contains("/body/1: Body variable {{1}} has no binding.", thrown.Message);
        Assert.Null(CompiledTemplate.TryCompile(Template($"[{Body}]"), Bindings("{}"), [], out var errors));
        Assert.Equal(2, errors.Count);
    }
}

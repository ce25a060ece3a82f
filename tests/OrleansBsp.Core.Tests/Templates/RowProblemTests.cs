using System.Buffers;
using OrleansBsp.Core.Templates;
using static OrleansBsp.Core.Tests.Templates.Sample;

namespace OrleansBsp.Core.Tests.Templates;

/// <summary>Rows that are refused before sending, with the code and the words that the campaign's owner reads.</summary>
public class RowProblemTests
{
    private const string Plain = """{"type":"BODY","text":"Hello"}""";

    private static CompiledTemplate WithButton(string button) =>
        Compile(Template($$"""[{{Plain}},{"type":"BUTTONS","buttons":[{{button}}]}]"""), """{"buttons":{"0":{"column":"v"}}}""", "v");

    private static CompiledTemplate WithBody(string text, string parameters, string category = "MARKETING") =>
        Compile(Template($$"""[{"type":"BODY","text":"{{text}}"}]""", category), parameters, "v", "w");

    private static CompiledTemplate WithOffer() => Compile(
        Template($$$"""[{{{Plain}}},{"type":"LIMITED_TIME_OFFER","limited_time_offer":{"text":"Now","has_expiration":true}}]"""),
        """{"limitedTimeOffer":{"expiresAt":{"column":"v"}}}""", "v");

    private static CompiledTemplate WithHeader(string format, string header) =>
        Compile(Template($$"""[{"type":"HEADER","format":"{{format}}"},{{Plain}}]"""), $$"""{"header":{{header}}}""", "v");

    private static readonly Dictionary<string, CompiledTemplate> Templates = new()
    {
        ["body"] = WithBody("Hi {{1}}!", """{"body":{"1":{"column":"V"}}}"""),
        ["placeholders"] = WithBody("Hi {{1}}!", """{"body":{"1":{"value":"{{v}} {{w}}"}}}"""),
        ["long body"] = WithBody("Hi {{1}} and {{2}}! " + new string('x', 1000), """{"body":{"1":{"column":"v"},"2":{"value":"y"}}}"""),
        ["header"] = Compile(Template($$$"""[{"type":"HEADER","format":"TEXT","text":"For {{1}}"},{{{Plain}}}]"""), """{"header":{"1":{"column":"v"}}}""", "v"),
        ["code"] = WithBody("{{1}} is your code.", """{"body":{"1":{"column":"v"}}}""", "AUTHENTICATION"),
        ["coupon"] = WithButton("""{"type":"COPY_CODE"}"""),
        ["url"] = WithButton("""{"type":"URL","text":"Shop","url":"https://x.example/{{1}}"}"""),
        ["payload"] = WithButton("""{"type":"QUICK_REPLY","text":"Yes"}"""),
        ["link"] = WithHeader("IMAGE", """{"image":{"link":{"column":"v"}}}"""),
        ["latitude"] = WithHeader("LOCATION", """{"location":{"latitude":{"column":"v"},"longitude":"1"}}"""),
        ["longitude"] = WithHeader("LOCATION", """{"location":{"latitude":"1","longitude":{"column":"v"}}}"""),
        ["offer"] = WithOffer(),
    };

    [Theory]
    [InlineData("body", " \n ", "/body/1", "empty-value", "Body variable {{1}}: column \"v\" is empty and there is no fallback. Fill it in, or give the binding a fallback.")]
    [InlineData("placeholders", "Asha", "/body/1", "empty-value", "Body variable {{1}}: column \"w\" is empty and there is no fallback. Fill it in, or bind the column alone, with a fallback.")]
    [InlineData("long body", "12345678901234", "/body", "too-long", "Body has 1025 characters with these values; Meta takes 1024. Longest is column \"v\" with 14: \"12345678901234\". Shorten it.")]
    [InlineData("header", "123456789 123456789 123456789 123456789 123456789 1234567", "/header", "too-long", "Header has 61 characters with these values; Meta takes 60. Longest is column \"v\" with 57: \"123456789 123456789 123456789 123456789 123456789 1234567\". Shorten it.")]
    [InlineData("code", "1234567890123456", "/body/1", "too-long", "Body variable {{1}}: \"1234567890123456\" (column \"v\") has 16 characters; at most 15 fit here. Shorten it.")]
    [InlineData("code", "http://a", "/body/1", "not-alphanumeric", "Body variable {{1}}: \"http://a\" (column \"v\") may only hold letters, digits, spaces and hyphens. Remove the other characters.")]
    [InlineData("coupon", "25 OFF", "/buttons/0", "not-alphanumeric", "Button 0: \"25 OFF\" (column \"v\") may only hold the letters A-Z and digits. Remove the other characters.")]
    [InlineData("coupon", "1234567890123456", "/buttons/0", "too-long", "Button 0: \"1234567890123456\" (column \"v\") has 16 characters; at most 15 fit here. Shorten it.")]
    [InlineData("link", "photo.png", "/header/image/link", "not-a-link", "Header image link: \"photo.png\" (column \"v\") is not a public link. Give the full address, beginning with https://.")]
    [InlineData("latitude", "90.1", "/header/location/latitude", "not-a-coordinate", "Header latitude: \"90.1\" (column \"v\") is not a latitude. Give degrees from -90 to 90 with a decimal point, such as 12.97.")]
    [InlineData("latitude", "12,97", "/header/location/latitude", "not-a-coordinate", "Header latitude: \"12,97\" (column \"v\") is not a latitude. Give degrees from -90 to 90 with a decimal point, such as 12.97.")]
    [InlineData("latitude", "NaN", "/header/location/latitude", "not-a-coordinate", "Header latitude: \"NaN\" (column \"v\") is not a latitude. Give degrees from -90 to 90 with a decimal point, such as 12.97.")]
    [InlineData("longitude", "-180.5", "/header/location/longitude", "not-a-coordinate", "Header longitude: \"-180.5\" (column \"v\") is not a longitude. Give degrees from -180 to 180 with a decimal point, such as 12.97.")]
    [InlineData("offer", "tomorrow", "/limitedTimeOffer/expiresAt", "not-a-time", "End of the limited-time offer: \"tomorrow\" (column \"v\") is not a time with a zone. Write it like 2026-11-22T18:30:00Z or 2026-11-22T18:30:00+05:30.")]
    [InlineData("offer", "22/11/2026", "/limitedTimeOffer/expiresAt", "not-a-time", "End of the limited-time offer: \"22/11/2026\" (column \"v\") is not a time with a zone. Write it like 2026-11-22T18:30:00Z or 2026-11-22T18:30:00+05:30.")]
    [InlineData("offer", "12345", "/limitedTimeOffer/expiresAt", "not-a-time", "End of the limited-time offer: \"12345\" (column \"v\") is not a number of milliseconds since 1970 (13 digits).")]
    public void Render_BadRow_IsRefusedAndWritesNothing(string template, string value, string pointer, string code, string message)
    {
        var output = new ArrayBufferWriter<byte>();

        var result = Templates[template].Render(output, "+91", "t", [value]);

        Assert.False(result.IsFine);
        Assert.Equal((pointer, code, message), (result.Problem!.Pointer, result.Problem.Code, result.Problem.Message));
        Assert.Equal(0, output.WrittenCount);
        Assert.Equal(result.Problem, Templates[template].CheckRow([value]));
        Assert.Contains(result.Problem, Templates[template].RenderPreview([value]).Problems);
    }

    [Theory]
    [InlineData("url", 1982, true)]
    [InlineData("url", 1983, false)]
    [InlineData("payload", 256, true)]
    [InlineData("payload", 257, false)]
    [InlineData("coupon", 15, true)]
    [InlineData("header", 56, true)]
    [InlineData("header", 57, false)]
    [InlineData("long body", 13, true)]
    [InlineData("long body", 14, false)]
    public void CheckRow_AtTheLimit(string template, int length, bool fits) =>
        Assert.Equal(fits ? null : "too-long", Templates[template].CheckRow([new string('7', length)])?.Code);

    [Theory]
    [InlineData("latitude", "-90")]
    [InlineData("latitude", "+12.5")]
    [InlineData("longitude", "180")]
    [InlineData("link", "http://x.example/a b.png")]
    [InlineData("code", "123-456")]
    [InlineData("offer", "2026-11-22 18:30+05:30")]
    [InlineData("body", "Asha\n")]
    public void CheckRow_GoodValue_IsFine(string template, string value) => Assert.Null(Templates[template].CheckRow([value]));

    [Fact]
    public void CheckRow_VariableUsedTwice_CountsTwice()
    {
        var twice = WithBody("{{1}} x {{1}}", """{"body":{"1":{"column":"v"}}}""");

        Assert.Null(twice.CheckRow([new string('a', 510)]));
        Assert.Equal("Body has 1025 characters", twice.CheckRow([new string('a', 511)])!.Message[..24]);
    }

    [Fact]
    public void Render_TokenTooLong_IsABug() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Templates["body"].Render(new ArrayBufferWriter<byte>(), "+91", new string('t', 513), ["a"]));
}

using OrleansBsp.Core.Templates;
using static OrleansBsp.Core.Tests.Templates.Sample;

namespace OrleansBsp.Core.Tests.Templates;

public class MessagePreviewTests
{
    private static readonly CompiledTemplate Compiled = Compile(
        Template("""
            [{"type":"HEADER","format":"TEXT","text":"For {{1}}"},{"type":"BODY","text":"Hi {{1}}, {{2}} off. Bye {{1}}!"},{"type":"FOOTER","text":"Reply STOP"},
             {"type":"BUTTONS","buttons":[{"type":"QUICK_REPLY","text":"Yes"},{"type":"URL","text":"Shop","url":"https://x.example/{{1}}"},{"type":"COPY_CODE","example":"X"}]}]
            """),
        """{"header":{"1":{"column":"name"}},"body":{"1":{"column":"name"},"2":{"column":"discount","fallback":"10%"}},"buttons":{"1":{"column":"slug"},"2":{"value":"A1"}}}""",
        "name", "discount", "slug");

    [Fact]
    public void RenderPreview_GoodRow_ShowsWhatTheRecipientReads()
    {
        var preview = Compiled.RenderPreview(["Asha\n", "", "a b"]);

        Assert.Empty(preview.Problems);
        Assert.Equal("For Asha", preview.Message.HeaderText);
        Assert.Equal("Hi Asha, 10% off. Bye Asha!", preview.Message.Body);
        Assert.Equal("Reply STOP", preview.Footer);
        Assert.Equal(
            [new ButtonPreview(ButtonKind.QuickReply, "Yes", null), new ButtonPreview(ButtonKind.Url, "Shop", "https://x.example/a%20b"), new ButtonPreview(ButtonKind.CopyCode, "", "A1")],
            preview.Message.Buttons);
    }

    [Fact]
    public void RenderPreview_EmptyValues_ShowTheVariableAndAllReasons()
    {
        var preview = Compiled.RenderPreview(["", "", ""]);

        Assert.Equal("Hi {{1}}, 10% off. Bye {{1}}!", preview.Message.Body);
        Assert.Equal(["/header/1", "/body/1", "/buttons/1"], preview.Problems.Select(problem => problem.Pointer));
    }

    [Fact]
    public void RenderPreview_Carousel_ShowsEachCard()
    {
        var carousel = Compile(
            Template("""[{"type":"BODY","text":"Look"},{"type":"CAROUSEL","cards":[{"components":[{"type":"HEADER","format":"IMAGE"},{"type":"BODY","text":"Buy {{1}} now"}]}]}]"""),
            """{"cards":[{"header":{"image":{"mediaId":"155"}},"body":{"1":{"column":"name"}}}]}""", "name");

        var card = Assert.Single(carousel.RenderPreview(["Aloe"]).Cards);

        Assert.Equal((HeaderFormat.Image, "155", "Buy Aloe now"), (card.HeaderFormat, card.HeaderValue, card.Body));
    }
}

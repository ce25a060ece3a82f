using OrleansBsp.Core.Templates;
using static OrleansBsp.Core.Tests.Templates.Sample;

namespace OrleansBsp.Core.Tests.Templates;

public class ParameterBindingsTests
{
    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    public void Parse_Nothing_BindsNothing(string json)
    {
        var bindings = Bindings(json);

        Assert.Empty(bindings.Message.Body);
        Assert.Empty(bindings.Message.Buttons);
        Assert.Null(bindings.ExpiresAt);
        Assert.Null(bindings.Cards);
    }

    [Fact]
    public void Parse_NoParametersAtAll_BindsNothing() => Assert.True(ParameterBindings.TryParse(null, out _, out _));

    [Fact]
    public void Parse_TheContractsExample_ReadsAllOfIt()
    {
        var bindings = Bindings("""
            { "header": { "1": { "column": "course" } },
              "body": { "1": { "column": "name", "fallback": "there" }, "2": { "value": "Sunday" } },
              "buttons": { "0": { "column": "slug" } }, "limitedTimeOffer": { "expiresAt": { "column": "end" } },
              "cards": [ { "header": { "image": { "mediaId": { "value": "1" } } }, "body": {}, "buttons": {} } ] }
            """);

        Assert.Equal("course", Assert.Single(bindings.Message.Header.Text["1"].Columns));
        Assert.Equal("there", bindings.Message.Body["1"].Fallback);
        Assert.True(bindings.Message.Body["2"].IsConstant);
        Assert.Equal("/buttons/0", bindings.Message.Buttons[0].Pointer);
        Assert.Equal("/limitedTimeOffer/expiresAt", bindings.ExpiresAt!.Pointer);
        Assert.Equal("/cards/0/header/image/mediaId", Assert.Single(bindings.Cards!).Header.Media!.Source.Pointer);
    }

    [Fact]
    public void Parse_Placeholders_AreCutFromTheirText() =>
        Assert.Equal(
            [new BindingPart("Hi ", null), new BindingPart(null, "first name"), new BindingPart(" {x} ", null), new BindingPart(null, "b")],
            Bindings("""{"body":{"1":{"value":"Hi {{ first name }} {x} {{b}}"}}}""").Message.Body["1"].Parts);

    [Theory]
    [InlineData("\"\"")]
    [InlineData("\"  \"")]
    [InlineData("null")]
    public void Parse_EmptyFallback_IsNone(string fallback) =>
        Assert.Null(Bindings("""{"body":{"1":{"column":"a","fallback":FALLBACK}}}""".Replace("FALLBACK", fallback)).Message.Body["1"].Fallback);

    [Theory]
    [InlineData("[]", "", "wrong-type", "\"parameters\" must be an object, but is an array.")]
    [InlineData("""{"boddy":{}}""", "/boddy", "unknown-key", "\"parameters\" has no \"boddy\". Known are: header, body, buttons, limitedTimeOffer, cards.")]
    [InlineData("""{"a/b~c":{}}""", "/a~1b~0c", "unknown-key", "\"parameters\" has no \"a/b~c\". Known are: header, body, buttons, limitedTimeOffer, cards.")]
    [InlineData("""{"body":[]}""", "/body", "wrong-type", "\"body\" must be an object, but is an array.")]
    [InlineData("""{"body":{"1":"Asha"}}""", "/body/1", "wrong-type", "A binding must be an object, but is \"Asha\". Write {\"value\": \"Asha\"} for a constant.")]
    [InlineData("""{"body":{"1":true}}""", "/body/1", "wrong-type", "A binding must be an object, but is true.")]
    [InlineData("""{"body":{"1":null}}""", "/body/1", "wrong-type", "A binding must be an object, but is null.")]
    [InlineData("""{"body":{"1":{}}}""", "/body/1", "bad-binding", "The binding has neither \"column\" nor \"value\". Give one of them.")]
    [InlineData("""{"body":{"1":{"column":"a","value":"b"}}}""", "/body/1", "bad-binding", "The binding has both \"column\" and \"value\". Remove one of them; a value may name columns as {{column}}.")]
    [InlineData("""{"body":{"1":{"column":" "}}}""", "/body/1", "bad-binding", "The column's name is empty. Give the name of a column of the audience.")]
    [InlineData("""{"body":{"1":{"column":["a"]}}}""", "/body/1/column", "wrong-type", "\"column\" must be a text, but is an array.")]
    [InlineData("""{"body":{"1":{"colum":"a"}}}""", "/body/1/colum", "unknown-key", "A binding has no \"colum\". Known are: column, fallback, value.")]
    [InlineData("""{"body":{"1":{"value":"a","fallback":"b"}}}""", "/body/1/fallback", "bad-binding", "\"fallback\" (b) belongs to \"column\", not to \"value\". Remove it, or bind the column directly.")]
    [InlineData("""{"body":{"1":{"value":" \n "}}}""", "/body/1", "bad-binding", "The value is empty, which Meta refuses. Give a text, or remove the variable from the template.")]
    [InlineData("""{"body":{"1":{"value":"Hi {{name"}}}""", "/body/1", "bad-placeholder", "The placeholder at character 4 of \"Hi {{name\" has no closing }}. Write {{column}}.")]
    [InlineData("""{"body":{"1":{"value":"Hi {{ }}"}}}""", "/body/1", "bad-placeholder", "The placeholder at character 4 of \"Hi {{ }}\" names no column. Write {{column}}.")]
    [InlineData("""{"body":{"1":{"column":"a","fallback":"{{b}}"}}}""", "/body/1/fallback", "bad-placeholder", "The fallback \"{{b}}\" holds a placeholder, but a fallback must be a constant.")]
    [InlineData("""{"body":{"1":{"value":"a"},"1":{"value":"b"}}}""", "/body/1", "duplicate-key", "\"1\" is given twice. Remove one of them.")]
    [InlineData("""{"buttons":{"first":{"value":"a"}}}""", "/buttons/first", "bad-button-index", "\"first\" is not the index of a button. Buttons are counted from \"0\", quick replies included.")]
    [InlineData("""{"buttons":{"01":{"value":"a"}}}""", "/buttons/01", "bad-button-index", "\"01\" is not the index of a button. Buttons are counted from \"0\", quick replies included.")]
    [InlineData("""{"buttons":{"0":{"sections":[]}}}""", "/buttons/0/sections", "bad-binding", "There are 0 sections with 0 products. Meta takes 1 to 10 sections with 1 to 30 products in all.")]
    [InlineData("""{"buttons":{"0":{"sections":[{"title":"a"}]}}}""", "/buttons/0/sections/0", "bad-binding", "A section needs a \"title\" and at least one of \"products\".")]
    [InlineData("""{"buttons":{"0":{"sections":{},"thumb":"x"}}}""", "/buttons/0/sections", "wrong-type", "This must be an array, but is an object.")]
    [InlineData("""{"limitedTimeOffer":{}}""", "/limitedTimeOffer", "bad-binding", "\"limitedTimeOffer\" has no \"expiresAt\". Bind it to a column or a time.")]
    [InlineData("""{"limitedTimeOffer":{"ends":"x"}}""", "/limitedTimeOffer/ends", "unknown-key", "\"limitedTimeOffer\" has no \"ends\". Known are: expiresAt.")]
    [InlineData("""{"cards":{}}""", "/cards", "wrong-type", "\"cards\" must be an array, but is an object.")]
    [InlineData("""{"cards":[{"footer":{}}]}""", "/cards/0/footer", "unknown-key", "A card has no \"footer\". Known are: header, body, buttons.")]
    [InlineData("""{"cards":[{},7]}""", "/cards/1", "wrong-type", "A card must be an object, but is 7.")]
    [InlineData("""{"header":{"image":{}}}""", "/header/image", "bad-header", "\"image\" has neither \"link\" nor \"mediaId\". Give one of them.")]
    [InlineData("""{"header":{"image":{"link":"https://a.b/c","mediaId":"1"}}}""", "/header/image", "bad-header", "\"image\" has both \"link\" and \"mediaId\". Keep one of them.")]
    [InlineData("""{"header":{"image":{"mediaId":"1","filename":"a.png"}}}""", "/header/image/filename", "unknown-key", "\"image\" has no \"filename\". Known are: link, mediaId.")]
    [InlineData("""{"header":{"image":{"mediaId":{"colum":"a"}}}}""", "/header/image/mediaId/colum", "unknown-key", "A binding has no \"colum\". Known are: column, fallback, value.")]
    [InlineData("""{"header":{"location":{"latitude":"1"}}}""", "/header/location", "bad-header", "\"location\" has no \"longitude\". Bind it to a column or a value.")]
    [InlineData("""{"header":{"location":{}}}""", "/header/location", "bad-header", "\"location\" has no \"latitude\" and no \"longitude\". Bind them to a column or a value.")]
    [InlineData("""{"header":{"1":{"column":"a"},"image":{"mediaId":"1"}}}""", "/header", "bad-header", "The header is bound as image and 1, but it can be only one of them. Keep the one that the template has.")]
    public void Parse_Mistake_IsNamed(string json, string pointer, string code, string message) =>
        Assert.Equal(new BindingError(pointer, code, message), ParseErrors(json)[0]);

    [Theory]
    [InlineData("""{"body":{"1":{"value":"\ud83d"}}}""")]
    [InlineData("""{"body":{"\ude00":{"value":"a"}}}""")]
    public void Parse_HalfASurrogatePair_IsAnErrorNotAnException(string json) =>
        Assert.Equal([("", "bad-text")], ParseErrors(json).Select(error => (error.Pointer, error.Code)));

    [Fact]
    public void Parse_SeveralMistakes_AreAllReportedInDocumentOrder() =>
        Assert.Equal(
            ["/body/1", "/body/2/x", "/buttons/a", "/what"],
            ParseErrors("""{"body":{"1":{},"2":{"x":1},"3":{"value":"ok"}},"buttons":{"a":{}},"what":1}""").Select(error => error.Pointer));
}

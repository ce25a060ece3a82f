using OrleansBsp.Core.Templates;
using static OrleansBsp.Core.Tests.Templates.Sample;

namespace OrleansBsp.Core.Tests.Templates;

public class TemplateDefinitionTests
{
    [Fact]
    public void Parse_MetasOwnExample_ReadsAllParts()
    {
        var template = TemplateDefinition.Parse("diwali_offer_2026", "en_US", "MARKETING", "APPROVED", "NAMED", Json("""
            [ { "type": "HEADER", "format": "IMAGE", "example": { "header_handle": [ "4::aW" ] } },
              { "type": "BODY", "text": "Hi {{first_name}}, enjoy {{discount}} off until Sunday. Tap below to shop.",
                "example": { "body_text_named_params": [ { "param_name": "first_name", "example": "Asha" } ] } },
              { "type": "FOOTER", "text": "Reply STOP to opt out" },
              { "type": "BUTTONS", "buttons": [
                { "type": "QUICK_REPLY", "text": "I am interested" },
                { "type": "URL", "text": "Shop now", "url": "https://shop.example.com/d/{{1}}", "example": [ "https://shop.example.com/d/8f3k2" ] } ] } ]
            """));

        Assert.Empty(template.Problems);
        Assert.True(template.IsApproved);
        Assert.Equal(HeaderFormat.Image, template.Message.Header.Format);
        Assert.Equal(["first_name", "discount"], template.Message.Body!.Variables);
        Assert.Equal("Reply STOP to opt out", template.Footer);
        Assert.Equal(
            [new TemplateButton(0, ButtonKind.QuickReply, "I am interested", null, ParameterNeed.Optional),
             new TemplateButton(1, ButtonKind.Url, "Shop now", "https://shop.example.com/d/{{1}}", ParameterNeed.Required)],
            template.Message.Buttons);
    }

    [Fact]
    public void Parse_LowerCase_IsReadTheSame()
    {
        var template = Template("""[{"type":"header","format":"location"},{"type":"body","text":"Hi {{name}}!"},{"type":"buttons","buttons":[{"type":"copy_code"}]}]""", "utility", "named");

        Assert.Empty(template.Problems);
        Assert.Equal((TemplateCategory.Utility, ParameterFormat.Named), (template.Category, template.Format));
        Assert.Equal(HeaderFormat.Location, template.Message.Header.Format);
        Assert.Equal(ButtonKind.CopyCode, Assert.Single(template.Message.Buttons).Kind);
    }

    [Theory]
    [InlineData("""[{"type":"BODY","text":"Hi {{1}}!"}]""", ParameterFormat.Positional)]
    [InlineData("""[{"type":"BODY","text":"Hi {{ name }}!"}]""", ParameterFormat.Named)]
    [InlineData("""[{"type":"BODY","text":"Hi!"},{"type":"CAROUSEL","cards":[{"components":[{"type":"BODY","text":"A {{name}} b"}]}]}]""", ParameterFormat.Named)]
    [InlineData("""[{"type":"BODY","text":"Hi!"}]""", ParameterFormat.Positional)]
    public void Parse_WithoutParameterFormat_GuessesIt(string components, ParameterFormat format) =>
        Assert.Equal(format, Template(components, format: null).Format);

    [Theory]
    [InlineData("QUICK_REPLY", ButtonKind.QuickReply, ParameterNeed.Optional)]
    [InlineData("URL", ButtonKind.Url, ParameterNeed.None)]
    [InlineData("PHONE_NUMBER", ButtonKind.PhoneNumber, ParameterNeed.None)]
    [InlineData("COPY_CODE", ButtonKind.CopyCode, ParameterNeed.Required)]
    [InlineData("FLOW", ButtonKind.Flow, ParameterNeed.Optional)]
    [InlineData("CATALOG", ButtonKind.Catalog, ParameterNeed.Optional)]
    [InlineData("MPM", ButtonKind.Mpm, ParameterNeed.Required)]
    [InlineData("SPM", ButtonKind.Spm, ParameterNeed.None)]
    [InlineData("OTP", ButtonKind.Otp, ParameterNeed.Optional)]
    [InlineData("VOICE_CALL", ButtonKind.VoiceCall, ParameterNeed.Optional)]
    [InlineData("REQUEST_CONTACT_INFO", ButtonKind.RequestContactInfo, ParameterNeed.None)]
    public void Parse_Button_KnowsWhetherItTakesAParameter(string type, ButtonKind kind, ParameterNeed need)
    {
        var template = Template($$"""[{"type":"BODY","text":"Hi"},{"type":"BUTTONS","buttons":[{"type":"{{type}}"}]}]""");

        Assert.Empty(template.Problems);
        Assert.Equal((kind, need), (template.Message.Buttons[0].Kind, template.Message.Buttons[0].Need));
    }

    [Theory]
    [InlineData("""[{"type":"BODY","text":"Hi"}]""", 1024)]
    [InlineData("""[{"type":"BODY","text":"Hi"},{"type":"LIMITED_TIME_OFFER","limited_time_offer":{"text":"Now"}}]""", 600)]
    [InlineData("""[{"type":"BODY","text":"Hi"},{"type":"BUTTONS","buttons":[{"type":"SPM"}]}]""", 160)]
    public void Parse_BodyLimit_DependsOnItsCompany(string components, int limit) =>
        Assert.Equal(limit, Template(components).Message.BodyLimit);

    [Theory]
    [InlineData("{}", "", "components-not-an-array", "The template's components are not a JSON array. Sync the templates from Meta again.")]
    [InlineData("[]", "", "no-body", "Template \"diwali\" has no BODY component, which every template needs. Sync the templates from Meta again.")]
    [InlineData("""[{"type":"BODY","text":"Hi"},{"type":"HOLOGRAM"}]""", "/1", "unknown-component", "Component type \"HOLOGRAM\" is not known to this version, so template \"diwali\" cannot be sent. Choose another template.")]
    [InlineData("""[{"type":"BODY","text":"Hi"},7]""", "/1", "unknown-component", "Component type \"(none)\" is not known to this version, so template \"diwali\" cannot be sent. Choose another template.")]
    [InlineData("""[{"type":"BODY","text":"Hi"},{"type":"HEADER","format":"GIF"}]""", "/1/format", "gif-header", "Template \"diwali\" has a GIF header, which only Meta's Marketing Messages API takes. Use a video header instead.")]
    [InlineData("""[{"type":"BODY","text":"Hi"},{"type":"HEADER","format":"SMELL"}]""", "/1/format", "unknown-header", "Header format \"SMELL\" is not known to this version, so template \"diwali\" cannot be sent. Choose another template.")]
    [InlineData("""[{"type":"BODY","text":"Hi"},{"type":"BUTTONS","buttons":[{"type":"QUICK_REPLY"},{"type":"PAY"}]}]""", "/1/buttons/1", "unknown-button", "Button type \"PAY\" is not known to this version, so the template cannot be sent. Choose another template.")]
    [InlineData("""[{"type":"BODY","text":"{{1}} and {{3}}"}]""", "/0/text", "variables-not-sequential", "The variables {{1}}, {{3}} are not numbered 1, 2, 3…, so Meta cannot match the parameters to them. Correct the template and submit it again.")]
    [InlineData("""[{"type":"BODY","text":"Hi"},{"type":"CAROUSEL","cards":[]}]""", "/1/cards", "no-cards", "The carousel of template \"diwali\" has no cards, so it cannot be sent.")]
    [InlineData("""[{"type":"BODY","text":"Hi"},{"type":"CAROUSEL","cards":[{"components":[{"type":"HEADER","format":"X"}]}]}]""", "/1/cards/0/components/0/format", "unknown-header", "Header format \"X\" is not known to this version, so template \"diwali\" cannot be sent. Choose another template.")]
    public void Parse_WhatCannotBeSent_GetsAReason(string components, string pointer, string code, string message) =>
        Assert.Equal(new TemplateProblem(pointer, code, message), Assert.Single(Template(components).Problems));

    [Theory]
    [InlineData("""[{"type":"BODY","text":"Hi"},{"type":"call_permission_request"}]""")]
    [InlineData("""[{"type":"BODY","text":"Hi {{}} {{x}} }} {{"}]""")]
    [InlineData("""[{"type":"BODY","text":"Hi"},{"type":"FOOTER","text":"\ud83d"}]""")]
    [InlineData("""[{"type":"BODY","text":"Hi","example":7},{"type":"BUTTONS","buttons":null}]""")]
    public void Parse_Oddities_AreNoReasonToRefuse(string components)
    {
        var template = Template(components);

        Assert.Empty(template.Problems);
        Assert.Empty(template.Message.Body!.Variables);
    }

    [Fact]
    public void Parse_StatusOtherThanApproved_IsNotAProblemOfItsParts() =>
        Assert.False(TemplateDefinition.Parse("a", "en", "MARKETING", "paused", null, Json("""[{"type":"BODY","text":"Hi"}]""")).IsApproved);
}

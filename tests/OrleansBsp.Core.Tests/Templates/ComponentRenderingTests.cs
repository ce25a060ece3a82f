using OrleansBsp.Core.Templates;
using static OrleansBsp.Core.Tests.Templates.Sample;

namespace OrleansBsp.Core.Tests.Templates;

/// <summary>Each kind of component of reference 1.8, with the exact JSON that Meta documents for it.</summary>
public class ComponentRenderingTests
{
    private const string Body = """{"type":"BODY","text":"Hello"}""";

    public static TheoryData<string, string, string> Headers => new()
    {
        { "TEXT\",\"text\":\"Dear {{1}}", """{"1":{"column":"name"}}""", """{"type":"text","text":"Asha"}""" },
        { "IMAGE", """{"image":{"mediaId":{"value":"155"}}}""", """{"type":"image","image":{"id":"155"}}""" },
        { "VIDEO", """{"video":{"link":{"value":"https://x.example/{{slug}}.mp4"}}}""", """{"type":"video","video":{"link":"https://x.example/8f3k2.mp4"}}""" },
        { "DOCUMENT", """{"document":{"mediaId":{"value":155},"filename":"invoice.pdf"}}""", """{"type":"document","document":{"id":"155","filename":"invoice.pdf"}}""" },
        { "DOCUMENT", """{"document":{"link":{"value":"https://x.example/a.pdf"},"filename":{"value":"{{name}}.pdf"}}}""", """{"type":"document","document":{"link":"https://x.example/a.pdf","filename":"Asha.pdf"}}""" },
        { "LOCATION", """{"location":{"latitude":{"column":"lat"},"longitude":{"value":151.21},"name":{"value":"Store"},"address":"1 St"}}""", """{"type":"location","location":{"latitude":"-33.85","longitude":"151.21","name":"Store","address":"1 St"}}""" },
        { "LOCATION", """{"location":{"latitude":"-33.85","longitude":"151.21"}}""", """{"type":"location","location":{"latitude":"-33.85","longitude":"151.21"}}""" },
        { "PRODUCT", """{"product":{"productRetailerId":{"column":"slug"},"catalogId":{"value":"194"}}}""", """{"type":"product","product":{"product_retailer_id":"8f3k2","catalog_id":"194"}}""" },
    };

    [Theory]
    [MemberData(nameof(Headers))]
    public void Header_IsWrittenAsMetaDocuments(string format, string header, string parameter)
    {
        var template = Template($$"""[{"type":"HEADER","format":"{{format}}"},{{Body}}]""");

        var components = RenderComponents(template, $$"""{"header":{{header}}}""");

        AssertJson($$"""[{"type":"header","parameters":[{{parameter}}]}]""", components);
    }

    public static TheoryData<string, string, string?> Buttons => new()
    {
        { """{"type":"QUICK_REPLY","text":"Yes"}""", """{"value":"cmp1|YES"}""", """{"type":"button","sub_type":"quick_reply","index":"0","parameters":[{"type":"payload","payload":"cmp1|YES"}]}""" },
        { """{"type":"QUICK_REPLY","text":"Yes"}""", "", null },
        { """{"type":"URL","text":"Shop","url":"https://x.example/{{1}}"}""", """{"column":"slug"}""", """{"type":"button","sub_type":"url","index":"0","parameters":[{"type":"text","text":"8f3k2"}]}""" },
        { """{"type":"URL","text":"Shop","url":"https://x.example/{{1}}"}""", """{"value":"r/{{name}} K?a=\"1\"&b=%20"}""", """{"type":"button","sub_type":"url","index":"0","parameters":[{"type":"text","text":"r/Asha%20K?a=%221%22&b=%20"}]}""" },
        { """{"type":"URL","text":"Shop","url":"https://x.example/"}""", "", null },
        { """{"type":"PHONE_NUMBER","text":"Call","phone_number":"+61255500047"}""", "", null },
        { """{"type":"COPY_CODE","example":"25OFF"}""", """{"value":"25OFF"}""", """{"type":"button","sub_type":"copy_code","index":"0","parameters":[{"type":"coupon_code","coupon_code":"25OFF"}]}""" },
        { """{"type":"FLOW","text":"Open","flow_id":"1"}""", """{"column":"slug"}""", """{"type":"button","sub_type":"flow","index":"0","parameters":[{"type":"action","action":{"flow_token":"8f3k2"}}]}""" },
        { """{"type":"FLOW","text":"Open","flow_id":"1"}""", "", """{"type":"button","sub_type":"flow","index":"0","parameters":[{"type":"action","action":{"flow_token":"unused"}}]}""" },
        { """{"type":"CATALOG","text":"View catalog"}""", """{"column":"slug"}""", """{"type":"button","sub_type":"catalog","index":"0","parameters":[{"type":"action","action":{"thumbnail_product_retailer_id":"8f3k2"}}]}""" },
        { """{"type":"CATALOG","text":"View catalog"}""", "", null },
        { """{"type":"MPM","text":"View items"}""", """{"thumbnail":{"value":"SKU"},"sections":[{"title":{"value":"Popular"},"products":[{"value":"SKU"},{"column":"slug"}]}]}""",
            """{"type":"button","sub_type":"mpm","index":"0","parameters":[{"type":"action","action":{"thumbnail_product_retailer_id":"SKU","sections":[{"title":"Popular","product_items":[{"product_retailer_id":"SKU"},{"product_retailer_id":"8f3k2"}]}]}}]}""" },
        { """{"type":"MPM","text":"View items"}""", """{"sections":[{"title":"Popular","products":["A","B"]}]}""",
            """{"type":"button","sub_type":"mpm","index":"0","parameters":[{"type":"action","action":{"thumbnail_product_retailer_id":"A","sections":[{"title":"Popular","product_items":[{"product_retailer_id":"A"},{"product_retailer_id":"B"}]}]}}]}""" },
        { """{"type":"SPM","text":"View"}""", "", null },
        { """{"type":"VOICE_CALL","text":"Call now"}""", """{"value":"x"}""", """{"type":"button","sub_type":"voice_call","index":"0","parameters":[{"type":"payload","payload":"x"}]}""" },
        { """{"type":"VOICE_CALL","text":"Call now"}""", "", null },
        { """{"type":"REQUEST_CONTACT_INFO"}""", "", null },
    };

    [Theory]
    [MemberData(nameof(Buttons))]
    public void Button_IsWrittenAsMetaDocuments(string button, string binding, string? expected)
    {
        var template = Template($$"""[{{Body}},{"type":"BUTTONS","buttons":[{{button}}]}]""");

        var components = RenderComponents(template, binding.Length == 0 ? "{}" : $$$"""{"buttons":{"0":{{{binding}}}}}""");

        AssertJson(expected is null ? "null" : $"[{expected}]", components);
    }

    [Fact]
    public void Button_IndexCountsQuickReplies()
    {
        var template = Template($$$"""[{{{Body}}},{"type":"BUTTONS","buttons":[{"type":"QUICK_REPLY","text":"A"},{"type":"QUICK_REPLY","text":"B"},{"type":"URL","text":"C","url":"https://x.example/{{1}}"}]}]""");

        var components = RenderComponents(template, """{"buttons":{"2":{"column":"slug"}}}""");

        AssertJson("\"2\"", components![0]!["index"]);
    }

    [Fact]
    public void NamedTemplate_CarriesParameterNames()
    {
        var template = Template("""[{"type":"HEADER","format":"TEXT","text":"For {{first_name}}"},{"type":"BODY","text":"Hi {{first_name}}, {{discount}} off, {{first_name}}!"}]""", format: "NAMED");

        var components = RenderComponents(template, """{"header":{"first_name":{"column":"name"}},"body":{"discount":{"value":"25%"},"first_name":{"column":"name"}}}""");

        AssertJson("""
            [ { "type": "header", "parameters": [ { "type": "text", "parameter_name": "first_name", "text": "Asha" } ] },
              { "type": "body", "parameters": [
                { "type": "text", "parameter_name": "first_name", "text": "Asha" },
                { "type": "text", "parameter_name": "discount", "text": "25%" } ] } ]
            """, components);
    }

    [Fact]
    public void PositionalTemplate_WritesParametersByNumberWhateverTheReadingOrder()
    {
        var template = Template("""[{"type":"BODY","text":"On {{2}}, {{1}}: {{2}}!"}]""");

        var components = RenderComponents(template, """{"body":{"2":{"value":"Sunday"},"1":{"column":"name"}}}""");

        AssertJson("""[{"type":"text","text":"Asha"},{"type":"text","text":"Sunday"}]""", components![0]!["parameters"]);
    }

    [Fact]
    public void NamedVariableCalledLocation_IsNotALocationHeader()
    {
        var template = Template("""[{"type":"HEADER","format":"TEXT","text":"In {{location}}"},{"type":"BODY","text":"Hello"}]""", format: "NAMED");

        var components = RenderComponents(template, """{"header":{"location":{"column":"name"}}}""");

        AssertJson("""[{"type":"text","parameter_name":"location","text":"Asha"}]""", components![0]!["parameters"]);
    }

    [Theory]
    [InlineData("""{"type":"BODY","add_security_recommendation":true}""", """{"type":"OTP","otp_type":"COPY_CODE"}""")]
    [InlineData("""{"type":"BODY","text":"*{{1}}* is your verification code."}""", """{"type":"URL","text":"Copy code","url":"https://www.whatsapp.com/otp/code/?otp_type=COPY_CODE&code=otp{{1}}"}""")]
    public void AuthenticationTemplate_RepeatsTheCodeInTheButton(string body, string button)
    {
        var template = Template($$"""[{{body}},{"type":"FOOTER","code_expiration_minutes":10},{"type":"BUTTONS","buttons":[{{button}}]}]""", "AUTHENTICATION", null);

        var components = RenderComponents(template, """{"body":{"1":{"column":"code"}}}""");

        AssertJson("""
            [ { "type": "body", "parameters": [ { "type": "text", "text": "482913" } ] },
              { "type": "button", "sub_type": "url", "index": "0", "parameters": [ { "type": "text", "text": "482913" } ] } ]
            """, components);
    }

    [Fact]
    public void AuthenticationTemplate_ButtonBoundApart_TakesItsOwnCode()
    {
        var template = Template("""[{"type":"BODY"},{"type":"BUTTONS","buttons":[{"type":"OTP"}]}]""", "authentication");

        var components = RenderComponents(template, """{"body":{"1":{"column":"code"}},"buttons":{"0":{"value":"other"}}}""");

        AssertJson("\"other\"", components![1]!["parameters"]![0]!["text"]);
    }

    [Theory]
    [InlineData("1795939200000", "1795939200000")]
    [InlineData("2026-11-29T08:00:00Z", "1795939200000")]
    [InlineData("2026-11-29T13:30+05:30", "1795939200000")]
    [InlineData("2026-11-29T08:00:00.250Z", "1795939200250")]
    public void LimitedTimeOffer_WritesMillisecondsAsANumber(string end, string milliseconds)
    {
        var template = Template("""
            [{"type":"HEADER","format":"IMAGE"},
             {"type":"LIMITED_TIME_OFFER","limited_time_offer":{"text":"Expiring!","has_expiration":true}},
             {"type":"BODY","text":"Hi {{1}}, use {{2}}."},
             {"type":"BUTTONS","buttons":[{"type":"COPY_CODE","example":"X"},{"type":"URL","text":"Shop","url":"https://x.example/{{1}}"}]}]
            """);
        const string rest = """
            "header":{"image":{"mediaId":{"value":"160"}}},"body":{"1":{"column":"name"},"2":{"value":"DIWALI25"}},"buttons":{"0":{"value":"DIWALI25"},"1":{"column":"slug"}}
            """;
        var expected = $$"""
            [ { "type": "header", "parameters": [ { "type": "image", "image": { "id": "160" } } ] },
              { "type": "body", "parameters": [ { "type": "text", "text": "Asha" }, { "type": "text", "text": "DIWALI25" } ] },
              { "type": "limited_time_offer", "parameters": [ { "type": "limited_time_offer", "limited_time_offer": { "expiration_time_ms": {{milliseconds}} } } ] },
              { "type": "button", "sub_type": "copy_code", "index": "0", "parameters": [ { "type": "coupon_code", "coupon_code": "DIWALI25" } ] },
              { "type": "button", "sub_type": "url", "index": "1", "parameters": [ { "type": "text", "text": "8f3k2" } ] } ]
            """;

        AssertJson(expected, RenderComponents(template, $$"""{ {{rest}},"limitedTimeOffer":{"expiresAt":{"value":"{{end}}"} } }"""));
        AssertJson(expected, Components(Render(Compile(template, $$"""{ {{rest}},"limitedTimeOffer":{"expiresAt":{"column":"end"} } }""", "name", "slug", "end"), "Asha", "8f3k2", end)));
    }

    [Fact]
    public void LimitedTimeOfferWithoutExpiration_TakesNoParameter()
    {
        var template = Template($$$"""[{{{Body}}},{"type":"LIMITED_TIME_OFFER","limited_time_offer":{"text":"Offer"}}]""");

        Assert.Null(RenderComponents(template, "{}"));
    }

    [Fact]
    public void MediaCarousel_WritesEachCardBesideTheBody()
    {
        const string card = """{"components":[{"type":"HEADER","format":"IMAGE"},{"type":"BODY","text":"Buy {{1}} now"},{"type":"BUTTONS","buttons":[{"type":"QUICK_REPLY","text":"More"},{"type":"URL","text":"Shop","url":"https://x.example/{{1}}"}]}]}""";
        var template = Template($$$"""[{"type":"BODY","text":"Hi {{1}}!"},{"type":"CAROUSEL","cards":[{{{card}}},{{{card}}}]}]""");

        var components = RenderComponents(template, """
            {"body":{"1":{"column":"name"}},"cards":[
              {"header":{"image":{"mediaId":{"value":"155"}}},"body":{"1":{"value":"Aloe"}},"buttons":{"0":{"value":"more-aloe"},"1":{"value":"aloe"}}},
              {"header":{"image":{"link":{"value":"https://x.example/i.png"}}},"body":{"1":{"column":"slug"}},"buttons":{"1":{"column":"slug"}}}]}
            """);

        AssertJson("""
            [ { "type": "body", "parameters": [ { "type": "text", "text": "Asha" } ] },
              { "type": "carousel", "cards": [
                { "card_index": 0, "components": [
                  { "type": "header", "parameters": [ { "type": "image", "image": { "id": "155" } } ] },
                  { "type": "body", "parameters": [ { "type": "text", "text": "Aloe" } ] },
                  { "type": "button", "sub_type": "quick_reply", "index": "0", "parameters": [ { "type": "payload", "payload": "more-aloe" } ] },
                  { "type": "button", "sub_type": "url", "index": "1", "parameters": [ { "type": "text", "text": "aloe" } ] } ] },
                { "card_index": 1, "components": [
                  { "type": "header", "parameters": [ { "type": "image", "image": { "link": "https://x.example/i.png" } } ] },
                  { "type": "body", "parameters": [ { "type": "text", "text": "8f3k2" } ] },
                  { "type": "button", "sub_type": "url", "index": "1", "parameters": [ { "type": "text", "text": "8f3k2" } ] } ] } ] } ]
            """, components);
    }

    [Fact]
    public void ProductCarousel_MayHaveMoreCardsThanTheTemplate()
    {
        const string card = """{"components":[{"type":"HEADER","format":"PRODUCT"},{"type":"BUTTONS","buttons":[{"type":"SPM","text":"View"}]}]}""";
        var template = Template($$"""[{"type":"BODY","text":"Look"},{"type":"CAROUSEL","cards":[{{card}},{{card}}]}]""");
        const string bound = """{"header":{"product":{"productRetailerId":{"value":"SKU"},"catalogId":{"value":"194"}}}}""";

        var components = RenderComponents(template, $$"""{"cards":[{{bound}},{{bound}},{{bound}}]}""");

        AssertJson("""{"card_index":2,"components":[{"type":"header","parameters":[{"type":"product","product":{"product_retailer_id":"SKU","catalog_id":"194"}}]}]}""",
            components![0]!["cards"]![2]);
    }

    private static System.Text.Json.Nodes.JsonNode? RenderComponents(TemplateDefinition template, string parameters) =>
        Components(Render(Compile(template, parameters, "name", "slug", "lat", "code"), "Asha", "8f3k2", "-33.85", "482913"));
}

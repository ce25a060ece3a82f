namespace OrleansBsp.Simulator.Tests.Graph;

public sealed class TemplateParameterTests
{
    private const string Image = """{"type":"header","parameters":[{"type":"image","image":{"id":"155"}}]}""";
    private const string Url1 = """{"type":"button","sub_type":"url","index":"1","parameters":[{"type":"text","text":"r"}]}""";
    private const string Code0 = """{"type":"button","sub_type":"copy_code","index":0,"parameters":[{"type":"coupon_code","coupon_code":"DIWALI25"}]}""";
    private const string Offer = """{"type":"limited_time_offer","parameters":[{"type":"limited_time_offer","limited_time_offer":{"expiration_time_ms":1795939200000}}]}""";

    public static TheoryData<string, string, int> Cases => new()
    {
        { "diwali_offer", Body("Asha", "25%"), 0 },
        { "diwali_offer", Body("Asha"), 132000 },
        { "diwali_offer", "", 132000 },
        { "diwali_offer", Body("Asha", ""), 131008 },
        { "diwali_offer", Body("Asha", "a\\nb"), 132018 },
        { "diwali_offer", Body("Asha", "a\\tb"), 132018 },
        { "diwali_offer", Body("Asha", "a     b"), 132018 },
        { "diwali_offer", Body("Asha", "a    b"), 0 },
        { "diwali_offer", Body("Asha", new string('x', 1100)), 132005 },
        { "diwali_offer", """{"type":"body","parameters":[{"type":"image","image":{}},{"type":"text","text":"x"}]}""", 132012 },
        { "diwali_offer", Body("Asha", "25%") + "," + """{"type":"button","sub_type":"quick_reply","index":0,"parameters":[{"type":"payload","payload":"p"}]}""", 0 },
        { "diwali_offer", Body("Asha", "25%") + "," + """{"type":"button","sub_type":"quick_reply","index":9,"parameters":[{"type":"payload","payload":"p"}]}""", 132012 },
        { "diwali_offer", Named(("a", "x"), ("b", "y")), 132000 },
        { "order_update", Named(("order_status", "shipped"), ("first_name", "Asha"), ("order_id", "A1")), 0 },
        { "order_update", Body("Asha", "A1", "shipped"), 100 },
        { "order_update", Named(("order_status", "shipped"), ("first_name", "Asha"), ("wrong", "A1")), 100 },
        { "order_update", Named(("order_status", "shipped")), 132000 },
        { "new_arrivals", Image + "," + Body("Asha") + "," + Url1, 0 },
        { "new_arrivals", Body("Asha") + "," + Url1, 132012 },
        { "new_arrivals", """{"type":"header","parameters":[{"type":"text","text":"x"}]},""" + Body("Asha") + "," + Url1, 132012 },
        { "new_arrivals", Image + "," + Body("Asha"), 131008 },
        { "festive_offer", Image + "," + Body("Asha", "DIWALI25") + "," + Offer + "," + Code0 + "," + Url1, 0 },
        { "festive_offer", Image + "," + Body("Asha", "DIWALI25") + "," + Code0 + "," + Url1, 132012 },
        { "login_code", Body("482913") + "," + """{"type":"button","sub_type":"url","index":"0","parameters":[{"type":"text","text":"482913"}]}""", 0 },
        { "login_code", Body("482913"), 131008 },
        { "welcome_named_header", """{"type":"header","parameters":[{"type":"text","parameter_name":"first_name","text":"Asha"}]},""" + Named(("first_name", "Asha"), ("code", "C")), 0 },
        { "plant_carousel", Body("Asha") + "," + Carousel(2), 0 },
        { "plant_carousel", Body("Asha") + "," + Carousel(1), 132012 },
        { "plant_carousel", Body("Asha"), 132012 },
        { "store_hours", "", 0 },
        { "store_hours", Body("x"), 132000 },
        { "clearance_sale", Body("Asha"), 132015 },
        { "retired_promo", Body("Asha"), 132016 },
        { "miracle_cure", Body("Asha"), 132001 },
        { "no_such_template", Body("Asha"), 132001 },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Parameters_are_held_against_the_template(string template, string components, int code)
    {
        await using var rig = await Rig.StartAsync();

        Assert.Equal(code, await rig.CodeOfAsync(Rig.Template("+61491570006", name: template, components: $"[{components}]")));
    }

    [Fact]
    public async Task Bad_text_is_100_before_v23()
    {
        await using var rig = await Rig.StartAsync();
        using var response = await rig.Client.PostAsync(
            $"/v22.0/{Rig.Number}/messages", new StringContent(Rig.Template("+61491570006", name: "diwali_offer", components: $"[{Body("a", "x\\ny")}]")));

        Assert.Contains("\"code\":100,", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_language_is_part_of_the_name()
    {
        await using var rig = await Rig.StartAsync();

        Assert.Equal(132001, await rig.CodeOfAsync(Rig.Template("+61491570006").Replace("en_US", "en", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Kept_bodies_are_rendered()
    {
        await using var rig = await Rig.StartAsync(options => options.KeepBodies = true);

        await rig.SendAsync(Rig.Template("+61491570006", name: "order_update", components: $"[{Named(("order_status", "shipped"), ("first_name", "Asha"), ("order_id", "A1"))}]"));

        Assert.Equal("Hello Asha, your order A1 is now shipped. Thank you.", rig.Simulator.Ledger.Read().Single().Body);
    }

    private static string Body(params string[] values) => Parameters([.. values.Select(value => $$"""{"type":"text","text":"{{value}}"}""")]);

    private static string Named(params (string Name, string Value)[] values)
        => Parameters([.. values.Select(pair => $$"""{"type":"text","parameter_name":"{{pair.Name}}","text":"{{pair.Value}}"}""")]);

    private static string Parameters(string[] parameters) => $$"""{"type":"body","parameters":[{{string.Join(",", parameters)}}]}""";

    private static string Carousel(int cards) => $$"""{"type":"carousel","cards":[{{string.Join(",", Enumerable.Range(0, cards).Select(Card))}}]}""";

    private static string Card(int index) => $$"""{"card_index":{{index}},"components":[{{Image}},{{Body("Aloe")}},{{Url1}}]}""";
}

using OrleansBsp.Core.Webhooks;

namespace OrleansBsp.Core.Tests.Webhooks;

public class StatusReadingTests
{
    [Fact]
    public void A_sent_status_has_all_its_parts() => Assert.Equal(
        new StatusUpdate(
            "wamid.HBgLNjE0OTE1NzAwMDYVAgARGBI0NzNGNjkxMkJFNDlCNzVGNEYA",
            StatusKind.Sent,
            DateTimeOffset.FromUnixTimeSeconds(1795334402),
            "cmp_2026_11_22:rcpt_000001",
            "61491570006",
            "AU.35152453725986374173",
            "104829366712045",
            "118233907745512",
            null,
            new("marketing", "regular", true, "PMP", null, null)),
        Assert.Single(WebhookBodies.Sample("040").Statuses));

    [Theory]
    [InlineData("040", StatusKind.Sent)]
    [InlineData("041", StatusKind.Delivered)]
    [InlineData("042", StatusKind.Read)]
    [InlineData("044", StatusKind.Played)]
    [InlineData("045", StatusKind.Failed)]
    [InlineData("059", StatusKind.Delivered)]
    public void The_kind_is_Metas(string body, StatusKind kind) => Assert.Equal(kind, WebhookBodies.Sample(body).Statuses[0].Kind);

    [Theory]
    [InlineData("045", 131049)]
    [InlineData("046", 131026)]
    [InlineData("047", 131050)]
    [InlineData("048", 132015)]
    [InlineData("049", 131047)]
    [InlineData("050", 130472)]
    [InlineData("051", 131053)]
    [InlineData("052", 131042)]
    [InlineData("060", 137000)]
    public void A_failed_status_has_its_error_and_no_price(string body, int code)
    {
        var status = WebhookBodies.Sample(body).Statuses[0];
        Assert.Equal(code, status.Error!.Code);
        Assert.NotEmpty(status.Error.Title!);
        Assert.NotEmpty(status.Error.Details!);
        Assert.Null(status.Pricing);
    }

    [Fact]
    public void A_hidden_phone_leaves_the_user_id()
    {
        var status = WebhookBodies.Sample("059").Statuses[0];
        Assert.Null(status.RecipientId);
        Assert.Equal("AU.10288593406028713995", status.RecipientUserId);
    }

    [Fact]
    public void A_price_may_carry_its_cost() => Assert.Equal(
        new StatusPricing("marketing_lite", "regular", true, "PMP", 0.0412m, "AUD"), WebhookBodies.Sample("057").Statuses[0].Pricing);

    [Theory]
    [InlineData("\"authentication-international\"", "authentication_international")]
    [InlineData("\"brand_new\"", "brand_new")]
    [InlineData("null", null)]
    [InlineData("[1]", null)]
    public void The_price_category_is_taken_as_it_comes(string category, string? expected)
    {
        var status = WebhookBodies.Read(WebhookBodies.Messages($$"""
            "statuses":[{"id":"w","status":"sent","timestamp":"1795334402","pricing":{"category":{{category}} ,"pricing_type":"regular","billable":"true"} }]
            """)).Statuses[0];
        Assert.Equal(new StatusPricing(expected, "regular", true, null, null, null), status.Pricing);
    }

    [Theory]
    [InlineData("\"1795334402\"", 1795334402)]
    [InlineData("1795334402", 1795334402)]
    [InlineData("\"1795334402000\"", null)]
    [InlineData("99999999999999999999999999", null)]
    [InlineData("-5", null)]
    [InlineData("0", null)]
    [InlineData("\"yesterday\"", null)]
    [InlineData("1795334402.5", null)]
    [InlineData("1e9999", null)]
    [InlineData("{}", null)]
    [InlineData("null", null)]
    public void A_receipt_without_a_clock_is_still_a_receipt(string timestamp, int? seconds)
    {
        var content = WebhookBodies.Read(WebhookBodies.Messages($$"""
            "statuses":[{"id":"w","status":"delivered","timestamp":{{timestamp}}}]
            """));
        Assert.Equal(seconds is { } s ? DateTimeOffset.FromUnixTimeSeconds(s) : (DateTimeOffset?)null, Assert.Single(content.Statuses).At);
        Assert.Empty(content.NotUnderstood);
    }

    [Theory]
    [InlineData("""{"status":"sent"}""")]
    [InlineData("""{"id":"","status":"sent"}""")]
    [InlineData("""{"id":{},"status":"sent"}""")]
    [InlineData("""{"id":"w"}""")]
    [InlineData("""{"id":"w","status":"teleported"}""")]
    [InlineData("""{"id":"w","status":7}""")]
    [InlineData("""{"id":"w","status":"\ud83d"}""")]
    [InlineData("""{"\ud83d":1,"id":{}}""")]
    [InlineData("null")]
    [InlineData("7")]
    [InlineData("[]")]
    [InlineData("[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]")]
    public void A_bad_element_is_named_and_costs_no_neighbour(string bad)
    {
        const string good = """{"id":"w","status":"read","timestamp":"1795334402"}""";
        var content = WebhookBodies.Read(WebhookBodies.Messages($"\"statuses\":[{good},{bad},{good}]"));

        Assert.Equal(2, content.Statuses.Count);
        var missed = Assert.Single(content.NotUnderstood);
        Assert.Equal("entry[0].changes[0].value.statuses[1]", missed.Path);
        Assert.NotEmpty(missed.Reason);
        Assert.StartsWith(bad[..1], missed.Snippet, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[]", null, null)]
    [InlineData("{}", null, null)]
    [InlineData("[{}]", null, null)]
    [InlineData("7", null, null)]
    [InlineData("""[{"code":"131049","message":"m","error_data":"words"}]""", 131049, "words")]
    [InlineData("""{"code":131049,"error_data":{"details":"words"}}""", 131049, "words")]
    [InlineData("""[{"code":99999999999}]""", null, null)]
    [InlineData("""[{"code":131026},{"code":131049}]""", 131026, null)]
    public void The_first_error_is_taken_in_any_form(string errors, int? code, string? details)
    {
        var status = WebhookBodies.Read(WebhookBodies.Messages($$"""
            "statuses":[{"id":"w","status":"failed","timestamp":"1795334402","errors":{{errors}}}]
            """)).Statuses[0];
        Assert.Equal(code, status.Error?.Code);
        Assert.Equal(details, status.Error?.Details);
    }

    [Fact]
    public void A_key_that_is_no_text_costs_nothing()
    {
        const string odd = """{"\ud83d":1,"id":"w","\ude0a":{},"status":"read","timestamp":"1795334402"}""";
        var content = WebhookBodies.Read(WebhookBodies.Messages($"\"\\ud83d\":7,\"statuses\":[{odd}]"));
        Assert.Equal(StatusKind.Read, Assert.Single(content.Statuses).Kind);
        Assert.Equal("7", content.Statuses[0].PhoneNumberId);
        Assert.Empty(content.NotUnderstood);
    }

    [Fact]
    public void Escaped_letters_are_the_letters() => Assert.Equal(
        StatusKind.Sent,
        Assert.Single(WebhookBodies.Read(WebhookBodies.Messages("""
            "\u0073tatuses":[{"\u0069d":"w","status":"\u0073ent"}]
            """)).Statuses).Kind);

    [Fact]
    public void A_thousand_statuses_in_one_body_are_a_thousand()
    {
        var statuses = Enumerable.Range(0, 1000).Select(i => $$"""{"id":"w{{i}}","status":"delivered","timestamp":"1795334402"}""");
        var content = WebhookBodies.Read(WebhookBodies.Messages($"\"statuses\":[{string.Join(',', statuses)}]"));
        Assert.Equal(Enumerable.Range(0, 1000).Select(i => $"w{i}"), content.Statuses.Select(status => status.Wamid));
    }

    [Fact]
    public void Of_a_duplicate_key_the_last_counts_as_everywhere_in_JSON() => Assert.Equal(
        StatusKind.Read,
        WebhookBodies.Read(WebhookBodies.Messages("""
            "statuses":[{"id":"w","status":"sent","status":"read","timestamp":"1795334402"}]
            """)).Statuses[0].Kind);

    [Fact]
    public void Statuses_of_calls_are_not_statuses_of_messages()
    {
        var content = WebhookBodies.Read(WebhookBodies.Change("""{"statuses":[{"id":"wacid.1","type":"call","status":"RINGING"}]}""", "calls"));
        Assert.Empty(content.Statuses);
        Assert.Single(content.Others);
    }

    [Fact]
    public void Without_metadata_the_number_is_unknown_and_the_status_stays()
    {
        var status = Assert.Single(WebhookBodies.Read(WebhookBodies.Change(
            """{"statuses":[{"id":"w","status":"sent","timestamp":1795334402}]}""", "messages")).Statuses);
        Assert.Null(status.PhoneNumberId);
        Assert.Equal("1", status.WabaId);
    }
}

using System.Text;
using OrleansBsp.Core.Webhooks;

namespace OrleansBsp.Core.Tests.Webhooks;

public class InboundReadingTests
{
    /// <summary>Body, type, words, opens the window.</summary>
    public static TheoryData<string, string, string?, bool> Samples => new()
    {
        { "001", "text", "Hi! Is the Diwali offer still on? 😊", true },
        { "003", "text", "Look at this deal", true },
        { "006", "image", "Receipt attached", true },
        { "007", "audio", null, true },
        { "008", "video", "See the damage", true },
        { "009", "document", "Signed form", true },
        { "010", "sticker", null, true },
        { "011", "location", "Sydney Opera House", true },
        { "012", "contacts", "Priya Shah", true },
        { "014", "reaction", "👍", false },
        { "015", "reaction", null, false },
        { "016", "button", "I am interested", true },
        { "018", "interactive", "Tue 10 am", true },
        { "019", "interactive", "Express", true },
        { "020", "interactive", "Sent", true },
        { "021", "interactive", "accept", false },
        { "022", "order", "Please gift wrap", true },
        { "023", "system", "User Hugo Lind changed from 61491570737 to 61491571266", false },
        { "025", "system", "User identity changed", false },
        { "026", "unsupported", "Message type unknown", false },
        { "028", "edit", "Hi! Is the Diwali offer still on today?", false },
        { "029", "revoke", null, false },
        { "032", "text", "Payload shape before March 2026", true },
        { "106", "call", null, true },
    };

    [Theory]
    [MemberData(nameof(Samples))]
    public void Each_type_has_its_words_and_opens_the_window_or_not(string body, string type, string? text, bool opens)
    {
        var message = Assert.Single(WebhookBodies.Sample(body).Inbound);
        Assert.Equal(type, message.Type);
        Assert.Equal(text, message.Text);
        Assert.Equal(opens, message.OpensWindow);
        Assert.StartsWith("{", message.Raw, StringComparison.Ordinal);
        Assert.Contains(message.Wamid, message.Raw, StringComparison.Ordinal);
    }

    [Fact]
    public void A_text_names_sender_profile_number_and_time()
    {
        var message = WebhookBodies.Sample("001").Inbound[0];
        Assert.Equal("61491570006", message.From);
        Assert.Equal("AU.35152453725986374173", message.FromUserId);
        Assert.Equal("Asha Menon", message.ProfileName);
        Assert.Equal("asha.menon", message.Username);
        Assert.Equal("118233907745512", message.PhoneNumberId);
        Assert.Equal("104829366712045", message.WabaId);
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(1795334400), message.At);
        Assert.False(message.HasReferral);
        Assert.Null(message.ContextWamid);
    }

    [Fact]
    public void Particulars_of_the_types_are_read()
    {
        Assert.Equal("wamid.HBgLNjE0OTE1NzAwMDYVAgARGBI0NzNGNjkxMkJFNDlCNzVGNEYA", WebhookBodies.Sample("002").Inbound[0].ContextWamid);
        Assert.Null(WebhookBodies.Sample("003").Inbound[0].ContextWamid);
        Assert.True(WebhookBodies.Sample("004").Inbound[0].HasReferral);
        Assert.Equal("cmp_2026_11_22|INTERESTED", WebhookBodies.Sample("016").Inbound[0].ButtonPayload);
        Assert.Equal("Unsubscribe", WebhookBodies.Sample("017").Inbound[0].ButtonPayload);
        Assert.Equal("DID_NOT_REQUEST_CODE", WebhookBodies.Sample("035").Inbound[0].ButtonPayload);
        Assert.Equal(("slot:2026-11-24T10:00", "Tue 10 am"), Reply("018"));
        Assert.Equal(("ship:express", "Express"), Reply("019"));
        Assert.Contains("\"rating\":\"4\"", WebhookBodies.Sample("020").Inbound[0].FlowResponse!, StringComparison.Ordinal);
        Assert.Equal("wamid.HBgLNjE0OTE1NzAwMDYVAgARGBI0NzNGNjkxMkJFNDlCNzVGNEYA", WebhookBodies.Sample("014").Inbound[0].TargetWamid);
        Assert.NotNull(WebhookBodies.Sample("028").Inbound[0].TargetWamid);
        Assert.NotNull(WebhookBodies.Sample("029").Inbound[0].TargetWamid);
        Assert.Equal(131052, WebhookBodies.Sample("027").Inbound[0].Error!.Code);
        Assert.Equal("AU.ENT.11815799212886844830", WebhookBodies.Sample("031").Inbound[0].FromParentUserId);
        Assert.Equal(new SystemNotice("user_changed_number", "61491571266", null), WebhookBodies.Sample("023").Inbound[0].System);
        Assert.Equal(new SystemNotice("user_changed_user_id", "61491571266", "AU.62915079644747237120"), WebhookBodies.Sample("024").Inbound[0].System);
        var voice = WebhookBodies.Sample("007").Inbound[0].Media!;
        Assert.True(voice.IsVoice);
        Assert.Equal("1396469634996315", voice.Id);
        Assert.Equal("consent-form.pdf", WebhookBodies.Sample("009").Inbound[0].Media!.FileName);

        static (string?, string?) Reply(string body)
        {
            var message = WebhookBodies.Sample(body).Inbound[0];
            return (message.ReplyId, message.ReplyTitle);
        }
    }

    [Fact]
    public void A_hidden_phone_is_null_also_where_Meta_sends_an_empty_text()
    {
        var hidden = WebhookBodies.Sample("030").Inbound[0];
        Assert.Null(hidden.From);
        Assert.Equal("Gita Rao", hidden.ProfileName);

        var empty = WebhookBodies.Read(WebhookBodies.Messages("""
            "contacts":[{"wa_id":"","user_id":"AU.1","profile":{"name":"Gita"}}],
            "messages":[{"from":"","from_user_id":"AU.1","id":"w","timestamp":"1795334400","type":"text","text":{"body":"hi"}}]
            """)).Inbound[0];
        Assert.Null(empty.From);
        Assert.Equal("Gita", empty.ProfileName);
    }

    [Fact]
    public void Contacts_match_by_id_and_never_by_position()
    {
        var content = WebhookBodies.Read(WebhookBodies.Messages("""
            "contacts":[{"wa_id":"2","profile":{"name":"Two"}},7,{"user_id":"U3","profile":{"name":"Three"}},{"wa_id":"1","profile":{"name":"One"}}],
            "messages":[{"from":"1","id":"a","type":"text","text":{"body":"x"}},{"from":"2","id":"b","type":"text","text":{"body":"x"}},
            {"from_user_id":"U3","id":"c","type":"text","text":{"body":"x"}},{"from":"9","id":"d","type":"text","text":{"body":"x"}}]
            """));
        Assert.Equal(["One", "Two", "Three", null], content.Inbound.Select(message => message.ProfileName));
    }

    [Fact]
    public void A_batch_keeps_users_and_numbers_apart()
    {
        var inbound = WebhookBodies.Sample("033").Inbound;
        Assert.Equal(["First", "Second", "STOP"], inbound.Select(message => message.Text));
        Assert.Equal(["118233907745512", "118233907745512", "118233907745999"], inbound.Select(message => message.PhoneNumberId));
        Assert.Equal(["Asha Menon", "Asha Menon", "Ben Carter"], inbound.Select(message => message.ProfileName));
    }

    [Theory]
    [InlineData("""{"from":"1","id":"w","timestamp":"1795334400","type":"hologram","hologram":{"x":1}}""")]
    [InlineData("""{"from":"1","id":"w","timestamp":"1795334400"}""")]
    public void An_unknown_type_is_kept_as_a_message_and_noted(string element)
    {
        var content = WebhookBodies.Read(WebhookBodies.Messages($"\"messages\":[{element}]"));
        var message = Assert.Single(content.Inbound);
        Assert.False(message.OpensWindow);
        Assert.Equal(element, message.Raw);
        Assert.Single(content.NotUnderstood);
    }

    [Theory]
    [InlineData("""{"from":"1","type":"text","text":{"body":"x"}}""")]
    [InlineData("""{"id":"w","type":"text","text":{"body":"x"}}""")]
    [InlineData("\"hello\"")]
    public void Without_id_or_sender_it_is_not_understood(string element)
    {
        var content = WebhookBodies.Read(WebhookBodies.Messages($"\"messages\":[{element}]"));
        Assert.Empty(content.Inbound);
        Assert.Equal(element, Assert.Single(content.NotUnderstood).Snippet);
    }

    [Theory]
    [InlineData("\"half \\ud83d\"", "half \uFFFD")]
    [InlineData("\"\\ude0a half\\n\\u0041\\/\\\"\"", "\uFFFD half\nA/\"")]
    [InlineData("\"nul \\u0000 nul\"", "nul \uFFFD nul")]
    [InlineData("12", "12")]
    [InlineData("{}", null)]
    public void Text_that_is_no_text_is_mended_and_not_lost(string body, string? expected) => Assert.Equal(
        expected,
        WebhookBodies.Read(WebhookBodies.Messages($$$"""
            "messages":[{"from":"1","id":"w","timestamp":"1795334400","type":"text","text":{"body":{{{body}}}}}]
            """)).Inbound[0].Text);

    [Fact]
    public void Bytes_that_are_no_UTF8_are_mended_and_not_lost()
    {
        var bytes = Encoding.Latin1.GetBytes(WebhookBodies.Messages("""
            "messages":[{"from":"1","id":"w","timestamp":"1795334400","type":"text","text":{"body":"caf é"}}]
            """));
        var message = Assert.Single(WebhookReader.Read(bytes).Inbound);
        Assert.Equal("caf \uFFFD", message.Text);
        Assert.Contains("caf \uFFFD", message.Raw, StringComparison.Ordinal);
    }

    [Fact]
    public void A_message_in_a_group_opens_no_window()
    {
        var message = WebhookBodies.Read(WebhookBodies.Messages("""
            "messages":[{"from":"1","group_id":"g","id":"w","timestamp":"1795334400","type":"text","text":{"body":"x"}}]
            """)).Inbound[0];
        Assert.Equal("g", message.GroupId);
        Assert.False(message.OpensWindow);
    }
}

using System.Net;
using System.Text.Json.Nodes;
using OrleansBsp.Server.Http;
using OrleansBsp.Server.Tests.Cluster;
using OrleansBsp.Server.Tests.Http;

namespace OrleansBsp.Server.Tests.Conversations;

/// <summary>Single messages that are not taken: each error names the field, the value and what to do. What content must look like is a table of its own, in Core.</summary>
public sealed class RefusedMessageTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private const string Types = "text, image, video, audio, document, sticker, location, contacts, interactive, template, reaction";
    private const string Sender = $"\"phoneNumberId\":\"{SampleAccount.Number}\",";
    private const string To = "\"to\":\"+919000010001\",";
    private const string Hello = """ "type":"text","text":{"body":"Hello"} """;

    /// <summary>The members of the message, and what is wrong with it.</summary>
    public static TheoryData<string, string[]> Table => new()
    {
        { "", [
            "#/phoneNumberId missing: phoneNumberId is missing. GET /api/v1/phone-numbers lists them.",
            "#/to one-recipient: Give either to (a phone number in E.164) or recipient (a BSUID).",
            $"#/type missing: type is missing; it must be one of {Types}."] },
        { """ "phoneNumberId":null,""" + To + Hello, ["#/phoneNumberId missing: phoneNumberId is missing. GET /api/v1/phone-numbers lists them."] },
        { Sender + """ "to":919000010001,""" + Hello, ["#/to wrong-type: to must be a text of 1 to 300 characters, but was the number 919000010001."] },
        { Sender + """ "to":"9000010001",""" + Hello, ["#/to bad-phone: '9000010001' is not a phone number in E.164, such as +919812345678."] },
        { Sender + To + """ "recipient":"IN.1",""" + Hello, ["#/to one-recipient: Give either to (a phone number in E.164) or recipient (a BSUID)."] },
        { Sender + """ "recipient":"Asha",""" + Hello, ["#/recipient bad-user-id: 'Asha' is not a BSUID, such as IN.13491208655302741918."] },
        { Sender + To + """ "text":{"body":"Hello"}""", [$"#/type missing: type is missing; it must be one of {Types}."] },
        { Sender + To + """ "type":"sms","text":{"body":"Hello"}""", [$"#/type unknown-value: 'sms' is not a message type. Known: {Types}."] },
        { Sender + To + """ "type":"text" """, ["#/text missing: A message of type text needs the field text."] },
        { Sender + To + """ "colour":"red",""" + Hello,
            ["#/colour unknown-field: The field colour is not known in a message of type text. Known: phoneNumberId, to, recipient, type, text, context."] },
        { Sender + To + """ "type":"text","text":{"body":5},"context":{}""",
            ["#/text/body wrong-type: text.body must be a text, but is 5.", "#/context/message_id missing: context.message_id is missing."] },
        { """ "phoneNumberId":"1",""" + To + Hello, ["#/phoneNumberId unknown-number: There is no phone number 1. GET /api/v1/phone-numbers lists them."] },
        { Sender + To + """ "type":"template","template":{"name":"nobody_knows","language":{"code":"en_US"}}""",
            [$"#/template unknown-template: Account {SampleAccount.Waba} has no template \"nobody_knows\" in language en_US. GET /api/v1/templates lists them; POST /api/v1/templates/sync fetches new ones from Meta."] },
        { Sender + To + """ "type":"template","template":{"name":"store_hours","language":{"code":"en_US"},"components":[{"type":"body","parameters":[{"type":"text","text":"x"}]}]}""",
            ["#/template/components template-parameters: Template \"store_hours\" (en_US) has 0 variables in its body, but the message gives 1. Give a component of type body with one parameter for each."] },
    };

    [Theory]
    [MemberData(nameof(Table))]
    public async Task Each_obstacle_is_named(string members, string[] errors)
    {
        using var client = await shared.Server.AdminAsync();
        using var answer = await client.AskAsync("POST /api/v1/messages", $"{{{members}}}");

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal(errors, (await answer.ProblemAsync())["errors"]!.AsArray().Select(error => $"{error!["pointer"]} {error["code"]}: {error["message"]}"));
        Assert.Equal(0, await shared.Server.ReadAsync<int>("select count(*)::int from conversation_message"));
    }
}

using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using OrleansBsp.Core.Webhooks;

namespace OrleansBsp.Server.Tests.Webhooks;

/// <summary>Meta's sample bodies (linked from the tests of Core), and bodies made for one test.</summary>
internal static class SampleBodies
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Webhooks", "Bodies");

    public static IReadOnlyList<string> Names { get; } =
        [.. Directory.GetFiles(Folder, "*.json").Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal)];

    public static byte[] Bytes(string name) => File.ReadAllBytes(Path.Combine(Folder, name + ".json"));

    /// <summary>By the number alone: <c>"061"</c>.</summary>
    public static byte[] Sample(string number) => Bytes(Names.Single(name => name.StartsWith(number + "-", StringComparison.Ordinal)));

    public static WebhookContent Content(string name) => WebhookReader.Read(Bytes(name));

    /// <summary>As Meta sends it: one line, <c>\u</c> escapes, <c>\/</c>.</summary>
    public static byte[] OnTheWire(string name) =>
        Encoding.UTF8.GetBytes(JsonNode.Parse(Bytes(name))!.ToJsonString(new JsonSerializerOptions()).Replace("/", "\\/"));

    public static string Change(string value, string field = "messages") => Encoding.UTF8.GetString(Body((value, field)));

    /// <summary>A body with these changes, in this order.</summary>
    public static byte[] Body(params (string Value, string Field)[] changes) => Encoding.UTF8.GetBytes(
        $$"""
        {"object":"whatsapp_business_account","entry":[{"id":"104829366712045","time":1795335100,"changes":[{{string.Join(',', changes.Select(change =>
            $$"""{"value":{{change.Value}},"field":"{{change.Field}}"}"""))}}]}]}
        """);

    /// <summary>A body with one change of field <c>messages</c> whose value holds this text.</summary>
    public static string Messages(string inside, string number = "118233907745512") =>
        Change($$"""{"messaging_product":"whatsapp","metadata":{"display_phone_number":"61255500047","phone_number_id":"{{number}}"},{{inside}}}""");

    public static string Text(string from, string wamid, string text = "hello", string number = "118233907745512") => Messages(
        $$$"""
        "contacts":[{"profile":{"name":"Asha"},"wa_id":"{{{from}}}"}],"messages":[{"from":"{{{from}}}","id":"{{{wamid}}}","timestamp":"1795334710","type":"text","text":{"body":"{{{text}}}"}}]
        """, number);

    public static string Status(string wamid, string status, string? token = null, string recipient = "61491570001", string more = "") => Messages(
        $$"""
        "statuses":[{"id":"{{wamid}}","status":"{{status}}","timestamp":"1795334710","recipient_id":"{{recipient}}"{{(token is null ? "" : $",\"biz_opaque_callback_data\":\"{token}\"")}}{{more}}}]
        """);
}

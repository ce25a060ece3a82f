using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using OrleansBsp.Core.Webhooks;

namespace OrleansBsp.Core.Tests.Webhooks;

/// <summary>The sample bodies beside this file, and bodies made for one test.</summary>
internal static class WebhookBodies
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Webhooks", "Bodies");

    public static IReadOnlyList<string> Names { get; } =
        [.. Directory.GetFiles(Folder, "*.json").Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal)];

    public static byte[] Bytes(string name) => File.ReadAllBytes(Path.Combine(Folder, name + ".json"));

    /// <summary>By the number alone: <c>"061"</c>.</summary>
    public static WebhookContent Sample(string number) =>
        WebhookReader.Read(Bytes(Names.Single(name => name.StartsWith(number + "-", StringComparison.Ordinal))));

    /// <summary>As Meta sends it: one line, <c>\u</c> escapes, <c>\/</c>.</summary>
    public static byte[] OnTheWire(string name) =>
        Encoding.UTF8.GetBytes(JsonNode.Parse(Bytes(name))!.ToJsonString(new JsonSerializerOptions()).Replace("/", "\\/"));

    public static WebhookContent Read(string json) => WebhookReader.Read(Encoding.UTF8.GetBytes(json));

    /// <summary>A body with one change of field <c>messages</c> whose value holds this text.</summary>
    public static string Messages(string inside) => Change($$"""{"messaging_product":"whatsapp","metadata":{"phone_number_id":"7"},{{inside}}}""", "messages");

    public static string Change(string value, string field) =>
        $$"""{"object":"whatsapp_business_account","entry":[{"id":"1","time":1795335100,"changes":[{"value":{{value}},"field":"{{field}}"}]}]}""";
}

using System.Text.Json;
using OrleansBsp.Core.Messages;

namespace OrleansBsp.Core.Webhooks;

/// <summary>
/// Reads the body of a webhook (reference 5). Never throws on any bytes: what cannot be read becomes a
/// <see cref="NotUnderstood"/>, and each element is read by itself, so that none costs its neighbours.
/// </summary>
public static class WebhookReader
{
    private const string Topic = "whatsapp_business_account";

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = MetaJson.MaxDepth };

    /// <summary>What the body says. The result holds no reference to <paramref name="body"/>.</summary>
    public static WebhookContent Read(ReadOnlyMemory<byte> body)
    {
        var found = new ContentBuilder();
        try
        {
            using var document = JsonDocument.Parse(body, Options);
            ReadBody(document.RootElement, found);
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            // What was found before stays. Elements are read without throwing; InvalidOperationException is how the parser
            // reports text that is no text, and one body that throws would stop its inbox for good.
            found.Add(new NotUnderstood("", "No readable JSON: " + fault.Message, MetaJson.Cut(body.Span, NotUnderstood.MaxSnippet)));
        }

        return found.Build();
    }

    private static void ReadBody(JsonElement root, ContentBuilder found)
    {
        var topic = MetaJson.Text(root, "object"u8);
        if (topic is not null and not Topic)
        {
            found.Add(Miss("object", $"Not a body of {Topic}.", root));
            return;
        }

        var entries = MetaJson.Child(root, "entry"u8);
        if (entries.ValueKind != JsonValueKind.Array)
        {
            found.Add(Miss("entry", "No list of entries.", root));
            return;
        }

        var entryIndex = 0;
        foreach (var entry in entries.EnumerateArray())
        {
            ReadEntry(entry, $"entry[{entryIndex++}]", found);
        }
    }

    private static void ReadEntry(JsonElement entry, string path, ContentBuilder found)
    {
        var changes = MetaJson.Child(entry, "changes"u8);
        if (changes.ValueKind != JsonValueKind.Array)
        {
            found.Add(Miss(path, "No list of changes.", entry));
            return;
        }

        var wabaId = MetaJson.Text(entry, "id"u8);
        var at = MetaJson.Moment(entry, "time"u8);
        var changeIndex = 0;
        foreach (var element in changes.EnumerateArray())
        {
            var changePath = $"{path}.changes[{changeIndex++}]";
            ReadChange(entry, element, wabaId, at, changePath, found);
        }
    }

    private static void ReadChange(
        JsonElement entry, JsonElement element, string? wabaId, DateTimeOffset? at, string path, ContentBuilder found)
    {
        var value = MetaJson.Child(element, "value"u8);
        if (value.ValueKind != JsonValueKind.Object)
        {
            found.Add(Miss(path, "No value.", element));
            return;
        }

        // Meta's own samples put the field at other levels now and then (reference 5.8).
        var field = MetaJson.Text(element, "field"u8) ?? MetaJson.Text(value, "field"u8) ?? MetaJson.Text(entry, "field"u8);
        var change = new Change(element, value, field, wabaId, at, path);
        if (FieldReader.Read(change, found) is { } reason)
        {
            found.Add(Miss(path, reason, element));
        }
    }

    private static NotUnderstood Miss(string path, string reason, JsonElement element) =>
        new(path, reason, MetaJson.Raw(element, NotUnderstood.MaxSnippet));
}

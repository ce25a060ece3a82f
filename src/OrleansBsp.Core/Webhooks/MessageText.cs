using System.Text;
using System.Text.Json;
using OrleansBsp.Core.Messages;

namespace OrleansBsp.Core.Webhooks;

/// <summary>What a message says in words, for thread and preview (reference 5.5).</summary>
internal static class MessageText
{
    /// <summary>The words of a message of that type; null where it has none.</summary>
    public static string? Of(JsonElement message, string type)
    {
        var content = ContentOf(message, type);
        return type switch
        {
            "text" => MetaJson.Text(content, "body"u8),
            "image" or "video" => MetaJson.Text(content, "caption"u8),
            "document" => MetaJson.Text(content, "caption"u8) ?? MetaJson.Text(content, "filename"u8),
            "location" => Place(content),
            "contacts" => Names(content),
            // Taken back: an empty emoji or no key at all.
            "reaction" => MetaJson.Text(content, "emoji"u8),
            "button" => MetaJson.Text(content, "text"u8),
            "interactive" => Interactive(content),
            "order" => MetaJson.Text(content, "text"u8),
            "system" => MetaJson.Text(content, "body"u8),
            "unsupported" => MessagingReader.FirstError(message)?.Title,
            "edit" => Edited(content),
            _ => null,
        };
    }

    /// <summary>The message that is reacted to, edited or revoked.</summary>
    public static string? TargetOf(JsonElement message, string type) => type switch
    {
        "reaction" => MetaJson.Text(ContentOf(message, type), "message_id"u8),
        "edit" or "revoke" => MetaJson.Text(ContentOf(message, type), "original_message_id"u8),
        _ => null,
    };

    /// <summary>The object named like the type.</summary>
    public static JsonElement ContentOf(JsonElement message, string type) =>
        type.Length <= 64 ? MetaJson.Child(message, Encoding.UTF8.GetBytes(type)) : default;

    private static string? Edited(JsonElement edit)
    {
        var message = MetaJson.Child(edit, "message"u8);
        return MetaJson.Text(message, "type"u8) is { } type and not "edit" ? Of(message, type) : null;
    }

    private static string? Interactive(JsonElement content) =>
        MetaJson.Text(MetaJson.Child(content, "button_reply"u8), "title"u8)
        ?? MetaJson.Text(MetaJson.Child(content, "list_reply"u8), "title"u8)
        ?? MetaJson.Text(MetaJson.Child(content, "nfm_reply"u8), "body"u8)
        ?? MetaJson.Text(MetaJson.Child(content, "call_permission_reply"u8), "response"u8);

    private static string? Place(JsonElement location)
    {
        if ((MetaJson.Text(location, "name"u8) ?? MetaJson.Text(location, "address"u8)) is { } named)
        {
            return named;
        }

        var latitude = MetaJson.Text(location, "latitude"u8);
        var longitude = MetaJson.Text(location, "longitude"u8);
        return latitude is null || longitude is null ? null : $"{latitude}, {longitude}";
    }

    private static string? Names(JsonElement contacts)
    {
        if (contacts.ValueKind != JsonValueKind.Array)
        {
            return null;
        }

        var names = contacts.EnumerateArray()
            .Select(contact => MetaJson.Text(MetaJson.Child(contact, "name"u8), "formatted_name"u8))
            .Where(name => name is not null);
        return string.Join(", ", names) is { Length: > 0 } joined ? joined : null;
    }
}

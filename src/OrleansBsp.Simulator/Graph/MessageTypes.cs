using System.Text.Json;

namespace OrleansBsp.Simulator.Graph;

/// <summary>Checks of free-form content (reference 1.4 to 1.7): presence and lengths, not every rule of every type.</summary>
internal static class MessageTypes
{
    public static bool IsKnown(string type) => type is "text" or "image" or "video" or "audio" or "document" or "sticker"
        or "location" or "contacts" or "interactive" or "template" or "reaction";

    /// <summary>The refusal, or null.</summary>
    public static GraphError? Check(string type, JsonElement content)
    {
        if (type == "contacts")
        {
            return content.ValueKind == JsonValueKind.Array && content.GetArrayLength() is > 0 and <= 257 ? null : GraphErrors.Of(131009, "contacts must be a list of 1 to 257.");
        }

        if (content.ValueKind != JsonValueKind.Object)
        {
            return GraphErrors.Of(100, $"Param {type} must be an object.");
        }

        return type switch
        {
            "text" => Length(content, "body", 4096, required: true),
            "image" or "video" or "document" => Media(content, type) ?? Length(content, "caption", 1024, required: false),
            "audio" or "sticker" => Media(content, type),
            "location" => Require(content, "latitude") ?? Require(content, "longitude"),
            "reaction" => Require(content, "message_id"),
            "interactive" => Interactive(content),
            _ => GraphErrors.Of(131051, $"Message type {type} is unknown."),
        };
    }

    /// <summary>A link that Meta will fail to fetch: hosts under <c>.invalid</c> (RFC 2606), reported later as 131053.</summary>
    public static bool HasDeadLink(JsonElement content)
        => content.ValueKind == JsonValueKind.Object && SendRequest.Text(content, "link"u8) is { } link
            && Uri.TryCreate(link, UriKind.Absolute, out var uri) && uri.Host.EndsWith(".invalid", StringComparison.OrdinalIgnoreCase);

    /// <summary>Text for the ledger where bodies are kept.</summary>
    public static string Render(string type, JsonElement content) => type switch
    {
        "text" => SendRequest.Text(content, "body"u8) ?? "",
        "interactive" => content.TryGetProperty("body"u8, out var body) ? SendRequest.Text(body, "text"u8) ?? "" : "",
        "image" or "video" or "document" => SendRequest.Text(content, "caption"u8) ?? "",
        _ => "",
    };

    private static GraphError? Media(JsonElement content, string type)
        => content.TryGetProperty("id"u8, out _) || content.TryGetProperty("link"u8, out _) ? null : GraphErrors.Of(131008, $"The parameter {type}.id or {type}.link is required.");

    private static GraphError? Require(JsonElement content, string name)
        => content.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? null : GraphErrors.Of(131008, $"The parameter {name} is required.");

    private static GraphError? Length(JsonElement content, string name, int max, bool required)
    {
        if (!content.TryGetProperty(name, out var value) || value.ValueKind != JsonValueKind.String || (required && value.ValueEquals(""u8)))
        {
            return required ? GraphErrors.Of(131008, $"The parameter {name} is required.") : null;
        }

        return value.GetString()!.Length <= max ? null : GraphErrors.Of(100, $"Param {name} must be at most {max} characters.");
    }

    private static GraphError? Interactive(JsonElement content)
    {
        if (SendRequest.Text(content, "type"u8) is not { } type)
        {
            return GraphErrors.Of(131008, "The parameter interactive.type is required.");
        }

        if (!content.TryGetProperty("action"u8, out var action))
        {
            return GraphErrors.Of(131008, "The parameter interactive.action is required.");
        }

        if (type != "product" && type != "call_permission_request")
        {
            if (!content.TryGetProperty("body"u8, out var body))
            {
                return GraphErrors.Of(131008, "The parameter interactive.body is required.");
            }

            if (Length(body, "text", type == "list" ? 4096 : 1024, required: true) is { } tooLong)
            {
                return tooLong;
            }
        }

        return type switch
        {
            "button" => Count(action, "buttons", 1, 3),
            "list" => Count(action, "sections", 1, 10),
            "carousel" => Count(action, "cards", 2, 10),
            _ => null,
        };
    }

    private static GraphError? Count(JsonElement action, string name, int min, int max)
        => action.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array && list.GetArrayLength() >= min && list.GetArrayLength() <= max
            ? null
            : GraphErrors.Of(131009, $"Param interactive.action.{name} must have {min} to {max} elements.");
}

using System.Text.Json;

namespace OrleansBsp.Core.Templates;

/// <summary>Reading foreign JSON without exceptions: a missing or odd value is null.</summary>
internal static class JsonReading
{
    public static string? StringOrNull(this JsonElement element, string property) =>
        element.ValueKind == JsonValueKind.Object
        && element.TryGetProperty(property, out var value)
        && value.ValueKind == JsonValueKind.String
            ? TextOrNull(value)
            : null;

    /// <summary>The text of a JSON string; null if it holds half a surrogate pair as an escape, which is JSON but no text.</summary>
    public static string? TextOrNull(this JsonElement element)
    {
        try
        {
            return element.GetString();
        }
        catch (InvalidOperationException)
        {
            return null; // the only way System.Text.Json has to say so
        }
    }

    public static JsonElement ElementOrDefault(this JsonElement element, string property) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(property, out var value) ? value : default;

    public static bool IsTrue(this JsonElement element, string property) =>
        element.ElementOrDefault(property).ValueKind == JsonValueKind.True;

    /// <summary>The items of an array; none if it is something else.</summary>
    public static JsonElement[] Items(this JsonElement element) =>
        element.ValueKind == JsonValueKind.Array ? [.. element.EnumerateArray()] : [];

    /// <summary>One reference token of an RFC 6901 pointer.</summary>
    public static string PointerToken(string key) => key.Replace("~", "~0").Replace("/", "~1");
}

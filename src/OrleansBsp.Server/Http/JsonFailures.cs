using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace OrleansBsp.Server.Http;

/// <summary>
/// Turns "this JSON does not fit" into a problem that names the place, what was there and what belongs there. System.Text.Json
/// tells little of it, and in words about .NET types; so the place comes from its exception, what belongs there from the
/// type of the body, and what was there from the body itself where it can be read again (<see cref="RereadableJsonMiddleware"/>).
/// </summary>
internal static class JsonFailures
{
    public static ProblemResult Describe(JsonException failure, JsonTypeInfo? type, JsonDocument? body)
    {
        if (failure.InnerException is JsonException) return Malformed(failure);
        var place = JsonPlace.Parse(failure.Path);
        var message = failure.Message;
        // The phrases are System.Text.Json's own; should a version change one, the tests of this table say so.
        if (message.Contains("could not be mapped to any .NET member", StringComparison.Ordinal)) return Unknown(place, type);
        if (message.Contains("missing required properties", StringComparison.Ordinal)) return Missing(place, type, body);
        if (message.Contains("Duplicate property", StringComparison.Ordinal))
            return Bad(place, "duplicate-field", $"{Name(place)} is given twice; give it once.");
        return WrongType(place, type, body);
    }

    private static ProblemResult Malformed(JsonException failure)
    {
        var reason = failure.InnerException!.Message.Split(" LineNumber:", 2)[0];
        var where = $"line {failure.LineNumber + 1}, byte {failure.BytePositionInLine + 1}";
        return reason.Contains("does not contain any JSON tokens", StringComparison.Ordinal) && failure.LineNumber is null or 0 && failure.BytePositionInLine is null or 0
            ? Problems.BadInput(InputError.At("#", "missing", "The body is empty; a JSON value is needed."))
            : Problems.BadInput(InputError.At("#", "malformed-json", $"The body is not valid JSON at {where}: {reason}"));
    }

    private static ProblemResult Unknown(JsonPlace place, JsonTypeInfo? type)
    {
        var known = place.Parent.TypeIn(type)?.Properties.Select(property => property.Name).ToArray() ?? [];
        var possible = known.Length == 0 ? "" : $" Known: {string.Join(", ", known)}.";
        return Bad(place, "unknown-field", $"{Name(place)} is unknown.{possible}");
    }

    private static ProblemResult Missing(JsonPlace place, JsonTypeInfo? type, JsonDocument? body)
    {
        var here = place.TypeIn(type);
        var sent = body is null ? null : place.ValueIn(body.RootElement);
        var missing = here?.Properties
            .Where(property => property.IsRequired && (sent is not { ValueKind: JsonValueKind.Object } fields || !fields.TryGetProperty(property.Name, out _)))
            .Select(property => InputError.At(place.Child(property.Name).Pointer, "missing", $"{Name(place.Child(property.Name))} is missing; it must be {Expectation.Of(property.PropertyType)}."))
            .ToArray() ?? [];
        return missing.Length switch
        {
            0 => Bad(place, "missing", $"{Name(place)} lacks a field that it must have."),
            1 => Problems.BadInput(missing[0]),
            _ => Problems.BadInput($"{missing.Length} fields are missing.", missing),
        };
    }

    private static ProblemResult WrongType(JsonPlace place, JsonTypeInfo? type, JsonDocument? body)
    {
        var expected = place.TypeIn(type) is { } here ? $"must be {Expectation.Of(here.Type, place.RangeIn(type))}" : "has a value of the wrong kind";
        var found = body is not null && place.ValueIn(body.RootElement) is { } value ? $", but was {Found(value)}" : "";
        return Bad(place, "wrong-type", $"{Name(place)} {expected}{found}.");
    }

    /// <summary>A value in words: the end of "…, but was …".</summary>
    internal static string Found(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => $"the string {Short(value.GetRawText())}",
        JsonValueKind.Number => $"the number {Short(value.GetRawText())}",
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        JsonValueKind.Null or JsonValueKind.Undefined => "null",
    };

    private static string Short(string text) => text.Length > 60 ? text[..60] + "…" : text;

    private static string Name(JsonPlace place) => place.IsWhole ? "The body" : $"'{place.Pointer[1..].Replace('/', '.')}'";

    private static ProblemResult Bad(JsonPlace place, string code, string message) =>
        Problems.BadInput(InputError.At(place.IsWhole ? "#" : place.Pointer, code, message));
}

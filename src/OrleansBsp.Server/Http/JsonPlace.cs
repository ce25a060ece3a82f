using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace OrleansBsp.Server.Http;

/// <summary>A place in a JSON body, read from the path of a <see cref="JsonException"/> (<c>$.template.cards[0]['a b']</c>).</summary>
internal sealed class JsonPlace(IReadOnlyList<string> steps)
{
    /// <summary>As RFC 6901 writes it, empty for the whole body.</summary>
    public string Pointer => string.Concat(steps.Select(step => "/" + step.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)));

    public string LastStep => steps.Count == 0 ? "" : steps[^1];

    public bool IsWhole => steps.Count == 0;

    public JsonPlace Parent => new(steps.SkipLast(1).ToArray());

    public JsonPlace Child(string name) => new([.. steps, name]);

    public static JsonPlace Parse(string? path)
    {
        var steps = new List<string>();
        var rest = (path ?? "$").AsSpan();
        if (rest.StartsWith("$")) rest = rest[1..];
        while (!rest.IsEmpty)
        {
            var (length, step) = rest switch
            {
                ['[', '\'', ..] when rest.IndexOf("']") is var end and > 0 => (end + 2, rest[2..end].ToString()),
                ['[', ..] when rest.IndexOf(']') is var end and > 0 => (end + 1, rest[1..end].ToString()),
                ['.', ..] when rest[1..].IndexOfAny('.', '[') is var end and >= 0 => (end + 1, rest[1..(end + 1)].ToString()),
                ['.', ..] => (rest.Length, rest[1..].ToString()),
                _ => (rest.Length, rest.ToString()),
            };
            steps.Add(step);
            rest = rest[length..];
        }

        return new JsonPlace(steps);
    }

    /// <summary>The type that is expected here, or null where types do not say (a free-form part).</summary>
    public JsonTypeInfo? TypeIn(JsonTypeInfo? type)
    {
        foreach (var step in steps)
        {
            type = type?.Kind switch
            {
                JsonTypeInfoKind.Object => type.Properties.FirstOrDefault(p => p.Name == step) is { } property ? Info(type, property.PropertyType) : null,
                JsonTypeInfoKind.Enumerable or JsonTypeInfoKind.Dictionary when type.ElementType is { } element => Info(type, element),
                _ => null,
            };
        }

        return type;
    }

    /// <summary>What numbers are taken here, if the field says so.</summary>
    public RangeAttribute? RangeIn(JsonTypeInfo? type) =>
        Parent.TypeIn(type)?.Properties.FirstOrDefault(property => property.Name == LastStep)?.AttributeProvider?.GetCustomAttributes(typeof(RangeAttribute), inherit: true)
            .OfType<RangeAttribute>().FirstOrDefault();

    /// <summary>The value that was sent here, or null where there is none.</summary>
    public JsonElement? ValueIn(JsonElement element)
    {
        foreach (var step in steps)
        {
            if (element.ValueKind == JsonValueKind.Object && element.TryGetProperty(step, out var field)) element = field;
            else if (element.ValueKind == JsonValueKind.Array && int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out var index)
                     && index < element.GetArrayLength()) element = element[index];
            else return null;
        }

        return element;
    }

    private static JsonTypeInfo? Info(JsonTypeInfo owner, Type type) =>
        owner.Options.TryGetTypeInfo(Nullable.GetUnderlyingType(type) ?? type, out var info) ? info : null;
}

using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace OrleansBsp.Core.Messages;

/// <summary>
/// Reads Meta's loosely typed JSON: numbers come as strings and strings as numbers, keys are missing, null or of another
/// kind (reference 8, point 36). Nothing here throws on any element; what cannot be read is null.
/// </summary>
public static class MetaJson
{
    /// <summary>
    /// Far deeper than anything Meta sends, so that one deeply nested element does not cost its neighbours; parsing and
    /// skipping do not recurse, so the depth costs no stack.
    /// </summary>
    public const int MaxDepth = 1024;

    /// <summary>2100-01-01: a later timestamp is nonsense (milliseconds, an overflow) and would fall outside every partition.</summary>
    private const long LatestSecond = 4_102_444_800;

    /// <summary>The child with that name, if it is there and not null.</summary>
    public static bool TryGet(JsonElement parent, ReadOnlySpan<byte> name, out JsonElement child)
    {
        child = default;
        if (parent.ValueKind != JsonValueKind.Object)
        {
            return false;
        }

        try
        {
            return parent.TryGetProperty(name, out child) && child.ValueKind != JsonValueKind.Null;
        }
        catch (InvalidOperationException)
        {
            return TryGetAmongBrokenKeys(parent, name, out child);
        }
    }

    /// <summary>The child, or an undefined element on which everything below answers null.</summary>
    public static JsonElement Child(JsonElement parent, ReadOnlySpan<byte> name) =>
        TryGet(parent, name, out var child) ? child : default;

    /// <summary>First element of an array, the element itself if it is an object, else undefined.</summary>
    public static JsonElement First(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element,
        JsonValueKind.Array when element.GetArrayLength() > 0 => element[0],
        _ => default,
    };

    /// <summary>A string, or a number as its digits; null if missing, empty or of another kind.</summary>
    public static string? Text(JsonElement parent, ReadOnlySpan<byte> name) => Text(Child(parent, name));

    /// <inheritdoc cref="Text(JsonElement, ReadOnlySpan{byte})"/>
    public static string? Text(JsonElement element)
    {
        var text = element.ValueKind switch
        {
            JsonValueKind.String => Decode(element),
            JsonValueKind.Number => element.GetRawText(),
            _ => null,
        };
        return string.IsNullOrEmpty(text) ? null : text;
    }

    /// <summary>Whether the element is this string; without an allocation as Meta writes it, that is without escapes.</summary>
    public static bool Is(JsonElement element, ReadOnlySpan<byte> utf8)
    {
        if (element.ValueKind != JsonValueKind.String)
        {
            return false;
        }

        // Not JsonElement.ValueEquals: it throws on a lone surrogate.
        var raw = JsonMarshal.GetRawUtf8Value(element)[1..^1];
        return raw.Contains((byte)'\\')
            ? Decode(element) is { } text && Encoding.UTF8.GetBytes(text).AsSpan().SequenceEqual(utf8)
            : raw.SequenceEqual(utf8);
    }

    /// <summary>A whole number given as number or string; null if missing, fractional or out of range.</summary>
    public static long? Whole(JsonElement parent, ReadOnlySpan<byte> name)
    {
        var element = Child(parent, name);
        if (element.ValueKind == JsonValueKind.Number)
        {
            return element.TryGetInt64(out var number) ? number : null;
        }

        return element.ValueKind == JsonValueKind.String
            && long.TryParse(Decode(element), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var parsed)
            ? parsed
            : null;
    }

    /// <summary>As <see cref="Whole"/>, within 32 bits.</summary>
    public static int? Number(JsonElement parent, ReadOnlySpan<byte> name) =>
        Whole(parent, name) is >= int.MinValue and <= int.MaxValue and var whole ? (int)whole : null;

    /// <summary>true or false, also as text; null otherwise.</summary>
    public static bool? Flag(JsonElement parent, ReadOnlySpan<byte> name)
    {
        var element = Child(parent, name);
        return element.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            JsonValueKind.String when bool.TryParse(Decode(element), out var flag) => flag,
            _ => null,
        };
    }

    /// <summary>Unix seconds, as string or number (reference 0.4); null if missing, not positive or after 2100.</summary>
    public static DateTimeOffset? Moment(JsonElement parent, ReadOnlySpan<byte> name) =>
        Whole(parent, name) is > 0 and <= LatestSecond and var seconds ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;

    /// <summary>The element's own text, bytes that are no UTF-8 replaced; at most <paramref name="maxChars"/> characters.</summary>
    public static string Raw(JsonElement element, int maxChars = int.MaxValue)
    {
        if (element.ValueKind == JsonValueKind.Undefined)
        {
            return "";
        }

        var utf8 = JsonMarshal.GetRawUtf8Value(element);
        return Cut(utf8, maxChars);
    }

    /// <summary>The first characters of some bytes, whatever they are.</summary>
    public static string Cut(ReadOnlySpan<byte> utf8, int maxChars)
    {
        // Four bytes a character at most: a snippet of a 3 MB body must not decode 3 MB.
        var enough = utf8.Length / 4 > maxChars ? utf8[..(maxChars * 4)] : utf8;
        return Cut(Encoding.UTF8.GetString(enough).Replace('\0', '\uFFFD'), maxChars);
    }

    /// <summary>The first characters of a text, never half a surrogate pair.</summary>
    public static string Cut(string text, int maxChars)
    {
        if (text.Length <= maxChars)
        {
            return text;
        }

        return text[..(char.IsHighSurrogate(text[maxChars - 1]) ? maxChars - 1 : maxChars)];
    }

    /// <summary>A key that is no text (a lone surrogate) makes the lookup throw, although another key is asked for.</summary>
    private static bool TryGetAmongBrokenKeys(JsonElement parent, ReadOnlySpan<byte> name, out JsonElement child)
    {
        child = default;
        foreach (var property in parent.EnumerateObject())
        {
            // Written as such, without escapes: how Meta writes every key.
            if (JsonMarshal.GetRawUtf8PropertyName(property).SequenceEqual(name))
            {
                child = property.Value;
            }
        }

        return child.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null);
    }

    private static string? Decode(JsonElement element)
    {
        try
        {
            var text = element.GetString();
            // U+0000 cannot be stored as text in PostgreSQL: one such name would poison its whole batch.
            return text is not null && text.Contains('\0') ? text.Replace('\0', '\uFFFD') : text;
        }
        catch (InvalidOperationException)
        {
            // Bytes that are no UTF-8, or half an emoji (a lone \ud83d, which a text cut by length ends with).
            return Mend(JsonMarshal.GetRawUtf8Value(element));
        }
    }

    /// <summary>Decodes a JSON string literal, quotes included, with U+FFFD for all that is no character.</summary>
    private static string Mend(ReadOnlySpan<byte> literal)
    {
        var source = Encoding.UTF8.GetString(literal[1..^1]);
        var result = new StringBuilder(source.Length);
        for (var i = 0; i < source.Length; i++)
        {
            if (source[i] != '\\' || i + 1 >= source.Length)
            {
                result.Append(source[i]);
                continue;
            }

            i++;
            if (source[i] == 'u' && i + 4 < source.Length
                && ushort.TryParse(source.AsSpan(i + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unit))
            {
                result.Append((char)unit);
                i += 4;
                continue;
            }

            result.Append(source[i] switch { 'n' => '\n', 't' => '\t', 'r' => '\r', 'b' => '\b', 'f' => '\f', var other => other });
        }

        return WholeCharacters(result.ToString());
    }

    private static string WholeCharacters(string text)
    {
        var result = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            // EnumerateRunes already gives U+FFFD for a lone surrogate.
            result.Append(rune.Value == 0 ? "\uFFFD" : rune.ToString());
        }

        return result.ToString();
    }
}

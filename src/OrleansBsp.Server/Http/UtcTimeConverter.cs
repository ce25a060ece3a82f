using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace OrleansBsp.Server.Http;

/// <summary>
/// <c>2026-03-01T09:30:00Z</c>, with a fraction only if there is one. Read with any offset and kept as UTC; refused without one,
/// because a time without an offset means another moment to each reader.
/// </summary>
public sealed class UtcTimeConverter : JsonConverter<DateTimeOffset>
{
    private const string Format = "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'";

    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.String || !TryParse(reader.GetString()!, out var time)) throw new JsonException();
        return time;
    }

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) => writer.WriteStringValue(Write(value));

    /// <summary>The one way a time is written, also outside JSON (CSV columns).</summary>
    public static string Write(DateTimeOffset time) => time.UtcDateTime.ToString(Format, CultureInfo.InvariantCulture);

    internal static bool TryParse(string text, out DateTimeOffset time)
    {
        time = default;
        // RoundtripKind keeps "no offset" apart: DateTimeOffset.Parse would silently take the server's own zone.
        if (text.Length < 16 || text[10] is not ('T' or 't')
            || !DateTime.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var parsed)
            || parsed.Kind == DateTimeKind.Unspecified
            || !DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time)) return false;
        time = time.ToUniversalTime();
        return true;
    }
}

/// <summary>The same for <see cref="DateTime"/>, which is UTC here: Npgsql gives timestamptz so.</summary>
public sealed class UtcDateTimeConverter : JsonConverter<DateTime>
{
    public override DateTime Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.String || !UtcTimeConverter.TryParse(reader.GetString()!, out var time)) throw new JsonException();
        return time.UtcDateTime;
    }

    public override void Write(Utf8JsonWriter writer, DateTime value, JsonSerializerOptions options) =>
        writer.WriteStringValue(UtcTimeConverter.Write(value.Kind == DateTimeKind.Local ? value : DateTime.SpecifyKind(value, DateTimeKind.Utc)));
}

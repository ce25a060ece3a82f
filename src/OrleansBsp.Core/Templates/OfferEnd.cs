using System.Globalization;

namespace OrleansBsp.Core.Templates;

/// <summary>Reads the end of a limited-time offer into Meta's <c>expiration_time_ms</c> (reference 1.8).</summary>
internal static class OfferEnd
{
    // 2001 to 2286: thirteen digits. Ten digits are seconds, the mistake that reference 8 (41) warns of.
    private const int MillisecondDigits = 13;

    private static readonly string[] Formats =
    [
        "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK",
        "yyyy-MM-dd HH:mmK", "yyyy-MM-dd HH:mm:ssK",
    ];

    /// <param name="milliseconds">Decimal digits, ready to be written as a JSON number.</param>
    public static ValueProblem? Parse(string value, out string milliseconds)
    {
        milliseconds = value;
        if (!value.AsSpan().ContainsAnyExceptInRange('0', '9'))
        {
            return value.Length == MillisecondDigits && value[0] != '0'
                ? null
                : Wrong(value.Length == 10 ? "looks like seconds since 1970; milliseconds are needed. Multiply by 1000." : "is not a number of milliseconds since 1970 (13 digits).");
        }

        // A time without a zone would be read hours wrong, so the zone is not guessed.
        if (!DateTime.TryParseExact(value, Formats, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var read)
            || read.Kind == DateTimeKind.Unspecified)
        {
            return Wrong("is not a time with a zone. Write it like 2026-11-22T18:30:00Z or 2026-11-22T18:30:00+05:30.");
        }

        var instant = DateTimeOffset.ParseExact(value, Formats, CultureInfo.InvariantCulture, DateTimeStyles.None);
        milliseconds = instant.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
        return null;
    }

    private static ValueProblem Wrong(string complaint) => new(ValueProblemCodes.NotATime, complaint);
}

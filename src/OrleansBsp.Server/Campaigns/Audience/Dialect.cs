using System.Text.RegularExpressions;
using CsvHelper;
using OrleansBsp.Core.Campaigns.Audience;

namespace OrleansBsp.Server.Campaigns.Audience;

/// <summary>How the fields of a file are separated.</summary>
/// <param name="Delimiter">Comma, semicolon, tab or vertical bar.</param>
/// <param name="HasHint">The first line is Excel's <c>sep=;</c>, which says so; the header comes after it.</param>
internal sealed partial record Dialect(char Delimiter, bool HasHint)
{
    private const int LooksAtRows = 20;

    /// <summary>
    /// Reads the start of the file with each delimiter in turn, by the same reader as the import, so that quotes are respected
    /// exactly. The one that shows the phone column wins; then the one that cuts the header into columns and most rows into as
    /// many; then the one with more columns. A comma if nothing tells (a single column).
    /// </summary>
    public static Dialect Detect(byte[] head, TextEncoding encoding, string phoneColumn)
    {
        if (Hint().Match(encoding.Decoder.GetString(head.AsSpan(0, Math.Min(head.Length, 64)))) is { Success: true } hint)
            return new Dialect(hint.Groups[1].Value[0], HasHint: true);
        var phoneKey = AudienceHeader.Key(phoneColumn);
        var best = new[] { ',', ';', '\t', '|' }.MaxBy(delimiter => Score(head, encoding, delimiter, phoneKey));
        return new Dialect(best, HasHint: false);
    }

    private static (bool Phone, int AgreeingRows, int Columns) Score(byte[] head, TextEncoding encoding, char delimiter, string phoneKey)
    {
        using var reader = CsvReader.Create(head, Options(delimiter, encoding));
        if (!reader.Read()) return default;
        var columns = reader.FieldCount;
        var phone = Enumerable.Range(0, columns).Any(i => AudienceHeader.Key(reader.GetString(i)) == phoneKey);
        var agreeing = 0;
        // The last row may be cut by the end of the head; one row in doubt does not outweigh the others.
        for (var row = 0; row < LooksAtRows && reader.Read(); row++)
            if (columns > 1 && reader.FieldCount == columns) agreeing++;
        return (phone, agreeing, columns);
    }

    /// <summary>The settings of every reader of an audience file. The header is a record like any other to it.</summary>
    public static CsvReaderOptions Options(char delimiter, TextEncoding encoding) => new()
    {
        Separator = delimiter,
        HasHeader = false,
        Encoding = encoding.Decoder,
        DetectSeparatorHint = false,
        IncludeValuesInExceptions = false,
    };

    [GeneratedRegex("""^\uFEFF?"?sep=([,;\t|])"?\r?\n""", RegexOptions.IgnoreCase)]
    private static partial Regex Hint();
}

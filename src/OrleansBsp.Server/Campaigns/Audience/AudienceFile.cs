using CsvHelper;
using OrleansBsp.Core.Campaigns.Audience;

namespace OrleansBsp.Server.Campaigns.Audience;

/// <summary>A spooled upload that proved to be a CSV file with a usable header, positioned before its first row.</summary>
internal sealed class AudienceFile : IDisposable
{
    private const int HeadBytes = 256 * 1024;
    private readonly CsvReader _reader;
    private readonly int _maxLineBytes;
    private CsvMalformedReason? _malformed; // what the reader said about the record it is at

    private AudienceFile(UploadSpool spool, Dialect dialect, AudienceOptions options)
    {
        (Encoding, Delimiter, _maxLineBytes) = (spool.Encoding, dialect.Delimiter, options.MaxLineBytes);
        _reader = CsvReader.Create(spool.Rewind(), Dialect.Options(dialect.Delimiter, spool.Encoding) with
        {
            MaxRecordSize = options.MaxLineBytes,
            OnMalformedRecord = record => _malformed = record.Reason,
        }, leaveOpen: true);
    }

    public TextEncoding Encoding { get; }

    public char Delimiter { get; }

    public AudienceHeader Header { get; private set; } = null!;

    /// <summary>The header row as it came.</summary>
    public string[] HeaderFields { get; private set; } = [];

    /// <summary>The current row, 1 for the first after the header. Blank lines are no rows.</summary>
    public int Row { get; private set; } = -1;

    public int FieldCount => _reader.FieldCount;

    /// <summary>The current row in UTF-8, valid until the next one.</summary>
    public ReadOnlySpan<byte> Raw => _reader.RawRecord;

    /// <summary>A closing quote with text after it: the row cannot be read with certainty.</summary>
    public bool HasBrokenQuotes => _malformed == CsvMalformedReason.TextAfterClosingQuote;

    /// <summary>Opens the spooled upload.</summary>
    /// <returns>The file, or why it cannot be used.</returns>
    public static (AudienceFile? File, AudienceImport.Refused? Refused) Open(UploadSpool spool, string phoneColumn, AudienceOptions options)
    {
        var head = spool.Head(HeadBytes);
        var encoding = spool.Encoding;
        var kind = FileKinds.Of(head, wide: encoding.Name is TextEncoding.Utf16Le or TextEncoding.Utf16Be);
        if (kind != FileKind.Text) return (null, AudienceRefusals.NotText(kind));
        if (encoding.CutOff) return (null, AudienceRefusals.CutOff("The file ends in the middle of a character, so its end is missing."));

        var dialect = Dialect.Detect(head, encoding, phoneColumn);
        var file = new AudienceFile(spool, dialect, options);
        var refused = file.ReadHeader(dialect, phoneColumn, options);
        if (refused is null) return (file, null);
        file.Dispose();
        return (null, refused);
    }

    /// <summary>Moves to the next row.</summary>
    /// <returns>True if there is one; false at the end, or with a refusal if the rest cannot be read.</returns>
    public bool Next(out AudienceImport.Refused? refused)
    {
        Row++;
        _malformed = null;
        refused = null;
        try
        {
            if (!_reader.Read()) return false;
        }
        catch (CsvFormatException)
        {
            refused = AudienceRefusals.LineTooLong(Row, _maxLineBytes);
            return false;
        }

        // The reader notices a long record only when its buffer is full; the rule should not depend on that.
        if (_reader.RawRecord.Length > _maxLineBytes) refused = AudienceRefusals.LineTooLong(Row, _maxLineBytes);
        else if (_malformed == CsvMalformedReason.UnterminatedQuote) refused = AudienceRefusals.UnclosedQuote(Row);
        return refused is null;
    }

    public string Field(int index) => _reader.GetString(index);

    /// <summary>
    /// All fields of the current row, for its rejection. PostgreSQL's text has no NUL, so a NUL shows as ␀. What exceeds
    /// <paramref name="most"/> fields stays together in one more: a megabyte of delimiters would be a million strings.
    /// </summary>
    public string[] Fields(int most)
    {
        var fields = new string[Math.Min(_reader.FieldCount, most + 1)];
        for (var i = 0; i < fields.Length; i++) fields[i] = _reader.GetString(i).Replace('\0', '\u2400');
        if (_reader.FieldCount > most + 1)
            fields[most] = string.Join(Delimiter, Enumerable.Range(most, _reader.FieldCount - most).Select(_reader.GetString)).Replace('\0', '\u2400');
        return fields;
    }

    public void Dispose() => _reader.Dispose();

    private AudienceImport.Refused? ReadHeader(Dialect dialect, string phoneColumn, AudienceOptions options)
    {
        if (dialect.HasHint) _reader.Read(); // not a row: only Excel's word about the delimiter
        if (!Next(out var refused)) return refused ?? AudienceRefusals.Empty();
        HeaderFields = new string[_reader.FieldCount];
        for (var i = 0; i < HeaderFields.Length; i++) HeaderFields[i] = _reader.GetString(i);
        if (HeaderFields.All(string.IsNullOrWhiteSpace)) return AudienceRefusals.Empty();
        var (header, problems) = AudienceHeader.Read(HeaderFields, phoneColumn, options.MaxColumns);
        if (header is null) return AudienceRefusals.Header(problems);
        Header = header;
        return null;
    }
}

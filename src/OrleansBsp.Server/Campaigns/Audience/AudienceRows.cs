using System.Text.Unicode;
using System.Threading.Channels;
using OrleansBsp.Core.Campaigns.Audience;

namespace OrleansBsp.Server.Campaigns.Audience;

/// <summary>
/// Reads the rows of a file, decides about each, and hands them on in batches. One bad row never stops the others. Runs on a
/// task of its own, so that reading and PostgreSQL's writing overlap; the counts are read after it has ended.
/// </summary>
internal sealed class AudienceRows(AudienceFile file, PhoneNormaliser phones, AudienceOptions options)
{
    private const int SampleRows = 5;
    private const int MaxShownChars = 200;
    private readonly PhoneIndex _seen = new();
    private readonly AudienceHeader _header = file.Header;
    // Clean UTF-8 and Windows-1252 have no damaged characters, so most files skip the look.
    private readonly bool _mayBeDamaged = file.Encoding.Damaged;

    public int Rows { get; private set; }

    public int Accepted { get; private set; }

    public int Duplicates { get; private set; }

    public int Invalid { get; private set; }

    public List<AudienceSample> Sample { get; } = [];

    /// <summary>Reads to the end.</summary>
    /// <returns>Null, or why the file as a whole cannot be used; what was handed on must then not be committed.</returns>
    public async Task<AudienceImport.Refused?> ReadAsync(ChannelWriter<AudienceBatch> output, CancellationToken cancel)
    {
        var batch = new AudienceBatch();
        AudienceImport.Refused? refused;
        while (file.Next(out refused))
        {
            if (++Rows > options.MaxRows) return AudienceRefusals.TooManyRows(options.MaxRows);
            Decide(batch);
            if (!batch.IsFull) continue;
            await output.WriteAsync(batch, cancel);
            batch = new AudienceBatch();
        }

        if (refused is not null) return refused;
        if (Rows == 0) return AudienceRefusals.NoRows(_header);
        if (!batch.IsEmpty) await output.WriteAsync(batch, cancel);
        return null;
    }

    private void Decide(AudienceBatch batch)
    {
        if (Unreadable() is { } why)
        {
            Reject(batch, why.Column, why.Value, why.Code, why.Message);
            return;
        }

        var cell = file.Field(_header.PhoneIndex);
        var values = Values(out var tooLong);
        if (tooLong >= 0)
        {
            var value = file.Field(tooLong);
            Reject(batch, _header.Names[tooLong], value, "value_too_long", $"The value has {value.Length:N0} characters; {options.MaxValueChars:N0} are allowed.");
            return;
        }

        var phone = phones.Read(cell);
        if (phone.Code is not null)
        {
            Reject(batch, _header.PhoneName, cell, phone.Code, phone.Message!);
            return;
        }

        var first = _seen.Add(phone.Phone, file.Row);
        if (first != 0)
        {
            Duplicates++;
            Add(batch, _header.PhoneName, cell, "duplicate", $"The number +{phone.Phone} is already in row {first}, which is kept.");
            return;
        }

        Accepted++;
        if (Sample.Count < SampleRows) Sample.Add(ToSample(phone.Phone, values));
        batch.Add(new AcceptedRow(Accepted, phone.Phone, values), Weight());
    }

    private (string Column, string Value, string Code, string Message)? Unreadable()
    {
        if (file.Raw.Contains((byte)0))
            return At("\0", "nul_character", "The row has a NUL character in it, which is no text. Type the value again.");
        if (_mayBeDamaged && (!Utf8.IsValid(file.Raw) || file.Raw.IndexOf("\uFFFD"u8) >= 0))
            return At("\uFFFD", "encoding", $"A character of the row is damaged (it is not {file.Encoding.Name}). Type the value again.");
        if (file.HasBrokenQuotes)
            return ("", "", "quotes", "A closing quotation mark has text after it. Double the quotation marks that belong to the text (\"\").");
        if (file.FieldCount == _header.Names.Count) return null;
        return file.FieldCount < _header.Names.Count
            ? ("", "", "too_few_fields", $"The row has {Fields(file.FieldCount)}, the header has {_header.Names.Count}.")
            : ("", "", "too_many_fields", $"The row has {Fields(file.FieldCount)}, the header has {_header.Names.Count}. A value that holds the delimiter must stand in quotation marks.");
    }

    // Names the first column that has the character.
    private (string Column, string Value, string Code, string Message) At(string character, string code, string message)
    {
        for (var i = 0; i < file.FieldCount; i++)
        {
            var value = file.Field(i);
            if (value.Contains(character, StringComparison.Ordinal)) return (i < _header.Names.Count ? _header.Names[i] : "", value, code, message);
        }

        return ("", "", code, message);
    }

    private string[] Values(out int tooLong)
    {
        tooLong = -1;
        var values = new string[_header.Columns.Count];
        for (int i = 0, at = 0; i < _header.Names.Count; i++)
        {
            if (i == _header.PhoneIndex) continue;
            var value = file.Field(i);
            if (value.Length > options.MaxValueChars && tooLong < 0) tooLong = i;
            values[at++] = value;
        }

        return values;
    }

    private void Reject(AudienceBatch batch, string column, string value, string code, string message)
    {
        Invalid++;
        Add(batch, column, value, code, message);
    }

    private void Add(AudienceBatch batch, string column, string value, string code, string message)
    {
        var shown = (value.Length <= MaxShownChars ? value : value[..MaxShownChars] + "…").Replace('\0', '\u2400');
        batch.Add(new RejectedRow(file.Row, column, shown, code, message, file.Fields(options.MaxColumns)), Weight());
    }

    private static string Fields(int count) => count == 1 ? "1 field" : $"{count} fields";

    private int Weight() => (2 * file.Raw.Length) + (32 * file.FieldCount);

    private AudienceSample ToSample(long phone, string[] values) =>
        new(Accepted, $"+{phone}", _header.Columns.Zip(values).ToDictionary(pair => pair.First, pair => pair.Second));
}

using System.Text;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using OrleansBsp.Server.Campaigns.Audience;

namespace OrleansBsp.Server.Tests.Campaigns.Audience;

/// <summary>Any table, written in any encoding, delimiter, quoting and line ending, reads back the same.</summary>
public sealed class AudiencePropertyTests(AudienceDatabase db) : IClassFixture<AudienceDatabase>
{
    private static readonly Encoding Windows1252 = CodePagesEncodingProvider.Instance.GetEncoding(1252)!;
    // Windows-1252 pairs that happen to be sound UTF-8 are left out of the accents: no program can tell those apart.
    private static readonly string[] Ascii = ["a", "Z", "7", " ", ",", ";", "|", "\t", "\"", "\n", "\r\n", "\r", "'", "=", "+", "-", "@", "\\", "sep=;"];
    private static readonly string[] Accents = ["é", "ü", "ñ", "É"];
    private static readonly string[] World = ["म", "😀", "中", "\u2028", "\u00A0", "ß"];

    [Property(MaxTest = 150)]
    public Property A_table_reads_back_the_same() => Prop.ForAll(Tables.ToArbitrary(), table => ReadsBackAsync(table).GetAwaiter().GetResult());

    private static Gen<Table> Tables =>
        from encoding in Gen.Elements("utf-8", "utf-8 bom", "utf-16le bom", "utf-16be bom", "utf-16le", "windows-1252")
        from delimiter in Gen.Elements(',', ';', '\t', '|')
        from newLine in Gen.Elements("\n", "\r\n", "\r")
        from quoteAll in Gen.Elements(true, false)
        from endsWithNewLine in Gen.Elements(true, false)
        from columns in Gen.Choose(0, 5)
        from phoneAt in Gen.Choose(0, columns)
        from count in Gen.Choose(0, 12)
        from rows in Gen.ArrayOf(Rows(Pieces(encoding), columns), count)
        select new Table(encoding, delimiter, newLine, quoteAll, endsWithNewLine, columns, phoneAt, rows);

    private static string[] Pieces(string encoding) => encoding switch
    {
        "utf-16le" => Ascii, // evident without a mark because of its zero bytes
        "windows-1252" => [.. Ascii, .. Accents],
        _ => [.. Ascii, .. Accents, .. World],
    };

    // One in three rows repeats a number, one in seven has none.
    private static Gen<Row> Rows(string[] pieces, int columns) =>
        from number in Gen.Choose(0, 8)
        from shape in Gen.Elements("98765432{0:00}", "+91 98765 432{0:00}", "0098765432{0:00}", "0{1}", "no number", "91 98765-432{0:00}")
        from values in Gen.ArrayOf(from parts in Gen.ArrayOf(Gen.Elements(pieces)) select string.Concat(parts), columns)
        select new Row(string.Format(System.Globalization.CultureInfo.InvariantCulture, shape, number, 9876543200 + number), values);

    private async Task ReadsBackAsync(Table table)
    {
        var campaign = await db.CampaignAsync();

        var import = await db.ImportAsync(campaign, table.Write());

        if (table.Rows.Length == 0)
        {
            Assert.Equal("no_rows", AudienceDatabase.Refused(import).Errors[0].Code);
            return;
        }

        var summary = AudienceDatabase.Imported(import);
        var model = new Dictionary<long, string[]>();
        var (duplicates, invalid) = (0, 0);
        foreach (var row in table.Rows)
        {
            var phone = PhoneNormaliser.ForCountryOrNull("IN")!.Read(row.Phone).Phone;
            if (phone == 0) invalid++;
            else if (!model.TryAdd(phone, row.Values)) duplicates++;
        }

        Assert.Equal((table.Rows.Length, model.Count, duplicates, invalid), (summary.Rows, summary.Accepted, summary.Duplicates, summary.Invalid));
        Assert.Equal(summary.Rows, summary.Accepted + summary.Duplicates + summary.Invalid);
        Assert.Equal(table.Columns == 0 ? "," : table.Delimiter.ToString(), summary.Delimiter);
        var recipients = await db.RecipientsAsync(campaign);
        Assert.Equal(Enumerable.Range(1, model.Count), recipients.Select(recipient => recipient.Position));
        Assert.Equal(model.Keys, recipients.Select(recipient => recipient.Phone));
        Assert.Equal(model.Values, recipients.Select(recipient => recipient.Values));
        Assert.Equal(duplicates + invalid, (await db.RejectsAsync(summary.AudienceId)).Count);
    }

    private sealed record Row(string Phone, string[] Values);

    private sealed record Table(string Encoding, char Delimiter, string NewLine, bool QuoteAll, bool EndsWithNewLine, int Columns, int PhoneAt, Row[] Rows)
    {
        public byte[] Write()
        {
            var header = Line("phone", Enumerable.Range(1, Columns).Select(i => $"column {i}"));
            var text = string.Join(NewLine, Rows.Select(row => Line(row.Phone, row.Values)).Prepend(header)) + (EndsWithNewLine ? NewLine : "");
            return Encoding switch
            {
                "utf-8 bom" => [0xEF, 0xBB, 0xBF, .. System.Text.Encoding.UTF8.GetBytes(text)],
                "utf-16le bom" => [0xFF, 0xFE, .. System.Text.Encoding.Unicode.GetBytes(text)],
                "utf-16be bom" => [0xFE, 0xFF, .. System.Text.Encoding.BigEndianUnicode.GetBytes(text)],
                "utf-16le" => System.Text.Encoding.Unicode.GetBytes(text),
                "windows-1252" => Windows1252.GetBytes(text),
                _ => System.Text.Encoding.UTF8.GetBytes(text),
            };
        }

        private string Line(string phone, IEnumerable<string> values)
        {
            var fields = values.ToList();
            fields.Insert(PhoneAt, phone);
            return string.Join(Delimiter, fields.Select(Field));
        }

        private string Field(string value) =>
            QuoteAll || value.Contains(Delimiter, StringComparison.Ordinal) || value.AsSpan().ContainsAny("\"\r\n")
                ? "\"" + value.Replace("\"", "\"\"", StringComparison.Ordinal) + "\""
                : value;
    }
}

using System.Text;
using OrleansBsp.Server.Campaigns.Audience;

namespace OrleansBsp.Server.Tests.Campaigns.Audience;

/// <summary>Rows that are rejected while the others around them are taken.</summary>
public sealed class RowRulesTests(AudienceDatabase db) : IClassFixture<AudienceDatabase>
{
    private static readonly Encoding Windows1252 = CodePagesEncodingProvider.Instance.GetEncoding(1252)!;

    public static TheoryData<string, string, string, string, string> Rows => new()
    {
        { "9876543211", "", "", "too_few_fields", "The row has 1 field, the header has 3." },
        { "9876543211,a", "", "", "too_few_fields", "The row has 2 fields, the header has 3." },
        { "9876543211,a,b,c", "", "", "too_many_fields", "The row has 4 fields, the header has 3. A value that holds the delimiter must stand in quotation marks." },
        { "9876543211,a,b,", "", "", "too_many_fields", "The row has 4 fields, the header has 3. A value that holds the delimiter must stand in quotation marks." },
        { ",,", "Phone", "", "phone_empty", "The phone number is empty." },
        { "  ,a,b", "Phone", "  ", "phone_empty", "The phone number is empty." },
        { "9876543211,As\0ha,b", "name", "As\u2400ha", "nul_character", "The row has a NUL character in it, which is no text. Type the value again." },
        { "98765\043211,a,b", "Phone", "98765\u240043211", "nul_character", "The row has a NUL character in it, which is no text. Type the value again." },
        { "9876543211,\"Asha\"x,b", "", "", "quotes", "A closing quotation mark has text after it. Double the quotation marks that belong to the text (\"\")." },
        { "9876543211,a," + new string('x', 4_097), "city", new string('x', 200) + "…", "value_too_long", "The value has 4,097 characters; 4,096 are allowed." },
        { "9876543210,a,b", "Phone", "9876543210", "duplicate", "The number +919876543210 is already in row 1, which is kept." },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task A_bad_row_is_rejected_and_its_neighbours_are_taken(string row, string column, string value, string code, string message)
    {
        var campaign = await db.CampaignAsync();

        var summary = await db.ImportedAsync(campaign, $"Phone,name,city\n9876543210,a,b\n{row}\n9876543212,a,b\n");

        Assert.Equal((3, 2, 1), (summary.Rows, summary.Accepted, summary.Duplicates + summary.Invalid));
        Assert.Equal(code == "duplicate" ? 1 : 0, summary.Duplicates);
        Assert.Equal([(2, column, value, code, message)], await db.RejectsAsync(summary.AudienceId));
        Assert.Equal([(1, 919876543210), (2, 919876543212)], (await db.RecipientsAsync(campaign)).Select(r => (r.Position, r.Phone)));
    }

    [Theory]
    [InlineData("5\" pipe", "5\" pipe")]
    [InlineData("\"a \"\"quoted\"\" word\"", "a \"quoted\" word")]
    [InlineData("\"a,b\"", "a,b")]
    [InlineData("\"two\r\nlines\"", "two\r\nlines")]
    [InlineData(" spaces stay ", " spaces stay ")]
    [InlineData("\u0085\u2028", "\u0085\u2028")]
    [InlineData("😀", "😀")]
    [InlineData("'", "'")]
    public async Task A_value_is_taken_as_it_stands(string field, string value)
    {
        var campaign = await db.CampaignAsync();
        await db.ImportedAsync(campaign, $"phone,name,city\n9876543210,{field},b\n");
        Assert.Equal([value, "b"], Assert.Single(await db.RecipientsAsync(campaign)).Values);
    }

    [Fact]
    public async Task The_longest_value_is_taken()
    {
        var summary = await db.ImportedAsync(await db.CampaignAsync(), $"phone,name\n9876543210,{new string('é', 4_096)}\n");
        Assert.Equal(1, summary.Accepted);
    }

    [Fact]
    public async Task Blank_lines_are_no_rows()
    {
        var summary = await db.ImportedAsync(await db.CampaignAsync(), "\n\nphone\n\n9876543210\n\n\nx\n\n");

        Assert.Equal((2, 1, 1), (summary.Rows, summary.Accepted, summary.Invalid));
        Assert.Equal(2, Assert.Single(await db.RejectsAsync(summary.AudienceId)).Row);
    }

    [Fact]
    public async Task A_file_without_one_good_row_is_an_empty_audience_with_reasons()
    {
        var summary = await db.ImportedAsync(await db.CampaignAsync(), "phone\nx\ny\n");
        Assert.Equal((2, 0, 2), (summary.Rows, summary.Accepted, summary.Invalid));
        Assert.Empty(summary.Sample);
    }

    public static TheoryData<string, byte[], string> Encodings => new()
    {
        { "UTF-8", Encoding.UTF8.GetBytes("phone,name\n9876543210,Renée मीरा 😀\n"), "utf-8" },
        { "UTF-8 with a mark", [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes("phone,name\n9876543210,Renée मीरा 😀\n")], "utf-8" },
        { "UTF-16", [0xFF, 0xFE, .. Encoding.Unicode.GetBytes("phone,name\n9876543210,Renée मीरा 😀\n")], "utf-16le" },
        { "UTF-16 big-endian", [0xFE, 0xFF, .. Encoding.BigEndianUnicode.GetBytes("phone,name\n9876543210,Renée मीरा 😀\n")], "utf-16be" },
        { "UTF-16 without a mark", Encoding.Unicode.GetBytes("phone,name\n9876543210,Renée मीरा 😀\n"), "utf-16le" },
        { "UTF-16 big-endian without a mark", Encoding.BigEndianUnicode.GetBytes("phone,name\n9876543210,Renée मीरा 😀\n"), "utf-16be" },
    };

    [Theory]
    [MemberData(nameof(Encodings))]
    public async Task Text_arrives_in_every_encoding(string what, byte[] file, string encoding)
    {
        Assert.NotEmpty(what);
        var campaign = await db.CampaignAsync();

        var summary = AudienceDatabase.Imported(await db.ImportAsync(campaign, file));

        Assert.Equal(encoding, summary.Encoding);
        Assert.Equal(["Renée मीरा 😀"], Assert.Single(await db.RecipientsAsync(campaign)).Values);
    }

    [Fact]
    public async Task An_accent_after_a_megabyte_of_ascii_decides_the_encoding_of_all()
    {
        var rows = "phone,name\n" + string.Concat(Enumerable.Range(0, 50_000).Select(i => $"98765{i:00000},Customer number {i}\n"));
        var campaign = await db.CampaignAsync();

        var summary = AudienceDatabase.Imported(await db.ImportAsync(campaign, Windows1252.GetBytes(rows + "9876599999,Renée €5\n")));

        Assert.Equal(("windows-1252", 50_001), (summary.Encoding, summary.Accepted));
        Assert.Equal(["Renée €5"], (await db.RecipientsAsync(campaign))[^1].Values);
    }

    [Fact]
    public async Task One_broken_byte_in_a_hindi_list_costs_one_row()
    {
        var campaign = await db.CampaignAsync();
        byte[] file = [.. Encoding.UTF8.GetBytes("phone,name\n9876543210,मीरा\n9876543211,आ"), 0xFF, .. Encoding.UTF8.GetBytes("शा\n9876543212,रवि\n")];

        var summary = AudienceDatabase.Imported(await db.ImportAsync(campaign, file));

        Assert.Equal(("utf-8", 2, 1), (summary.Encoding, summary.Accepted, summary.Invalid));
        Assert.Equal((2, "name", "आ\uFFFDशा", "encoding", "A character of the row is damaged (it is not utf-8). Type the value again."), Assert.Single(await db.RejectsAsync(summary.AudienceId)));
        Assert.Equal(["मीरा"], (await db.RecipientsAsync(campaign))[0].Values);
    }

    public static TheoryData<string, string, string[]> Delimiters => new()
    {
        { "phone,name\n9876543210,a", ",", ["a"] },
        { "phone;name\n9876543210;a", ";", ["a"] },
        { "phone\tname\n9876543210\ta", "\t", ["a"] },
        { "phone|name\n9876543210|a", "|", ["a"] },
        { "phone\n9876543210", ",", [] },
        { "phone;name, first\n9876543210;a, b, c", ";", ["a, b, c"] },
        { "\"a;b;c;d\",phone\n\"x;y;z\",9876543210", ",", ["x;y;z"] },
        { "\"n,a,m,e\"|phone\nx|9876543210", "|", ["x"] },
        { "sep=;\nphone;name\n9876543210;a", ";", ["a"] },
        { "\"sep=|\"\r\nphone|name\r\n9876543210|a", "|", ["a"] },
        { "phone\tprice\n9876543210\t1,5", "\t", ["1,5"] },
        { "phone,name\r9876543210,a\r", ",", ["a"] },
    };

    [Theory]
    [MemberData(nameof(Delimiters))]
    public async Task The_delimiter_is_found(string file, string delimiter, string[] values)
    {
        var campaign = await db.CampaignAsync();

        var summary = await db.ImportedAsync(campaign, file);

        Assert.Equal(delimiter, summary.Delimiter);
        Assert.Equal(values, Assert.Single(await db.RecipientsAsync(campaign)).Values);
    }

    [Fact]
    public async Task Without_the_phone_column_the_delimiter_is_still_told_from_the_columns()
    {
        var refused = AudienceDatabase.Refused(await db.ImportAsync(await db.CampaignAsync(), "mobile;name, first\n9876543210;a\n"));
        Assert.Contains("\"mobile\", \"name, first\"", refused.Detail, StringComparison.Ordinal);
    }
}

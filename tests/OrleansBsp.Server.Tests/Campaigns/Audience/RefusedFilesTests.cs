using System.Text;
using OrleansBsp.Server.Campaigns.Audience;

namespace OrleansBsp.Server.Tests.Campaigns.Audience;

/// <summary>Files that cannot be used as a whole. After each of them the previous audience is still there, and nothing else is.</summary>
public sealed class RefusedFilesTests(AudienceDatabase db) : IClassFixture<AudienceDatabase>
{
    private static readonly AudienceOptions Small = new() { MaxUploadBytes = 2_000_000, MaxLineBytes = 100_000, MaxRows = 1_000 };

    private static readonly Dictionary<string, (byte[] File, int Status, string Code, string Message)> Files = new()
    {
        ["empty"] = ([], 400, "empty_file", "The file has no rows, not even a header."),
        ["a mark alone"] = ([0xEF, 0xBB, 0xBF], 400, "empty_file", "The file has no rows, not even a header."),
        ["blank lines"] = (Utf8("\r\n\r\n\n"), 400, "empty_file", "The file has no rows, not even a header."),
        ["spaces"] = (Utf8("  ,  \n"), 400, "empty_file", "The file has no rows, not even a header."),
        ["header only"] = (Utf8("phone,name"), 400, "no_rows", "The file has a header (phone, name) and no rows below it."),
        ["header and blank lines"] = (Utf8("phone,name\n\n\n"), 400, "no_rows", "The file has a header (phone, name) and no rows below it."),
        ["no phone column"] = (Utf8("name,mobile\nAsha,9876543210\n"), 400, "phone_column_missing", "There is no column \"phone\". The file has \"name\", \"mobile\". Name the right column with phoneColumn, or rename the column in the file."),
        ["duplicate header"] = (Utf8("phone,Name,name\n9876543210,a,b\n"), 400, "duplicate_column", "Columns 2 and 3 are both called \"name\" (case and spaces do not count). Rename one of them."),
        ["empty header name"] = (Utf8("phone,,city\n9876543210,a,b\n"), 400, "empty_column_name", "Column 2 of 3 has no name. Name it in the header or remove the column."),
        ["too many columns"] = (Utf8("phone" + string.Concat(Enumerable.Range(1, 100).Select(i => $",c{i}")) + "\n9876543210\n"), 400, "too_many_columns", "The header has 101 columns; 100 are allowed. Remove the columns that the template does not use."),
        ["workbook"] = ([.. "PK\u0003\u0004"u8, 0x14, 0, 6, 0, .. "[Content_Types].xml"u8, 0, 1, 2], 415, "excel_workbook", "This is an Excel workbook. Open it and save it as CSV (\"CSV UTF-8\"), then upload that file."),
        ["old workbook"] = ([0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1, 0, 0], 415, "excel_workbook", "This is an Excel workbook. Open it and save it as CSV (\"CSV UTF-8\"), then upload that file."),
        ["zip"] = ([.. "PK\u0003\u0004"u8, 0x14, 0, .. "people.csv"u8], 415, "zip", "This is a zip archive. Unpack it and upload the CSV file in it."),
        ["binary"] = ([.. Enumerable.Range(0, 5_000).Select(i => (byte)(i * 37 % 251))], 415, "binary_file", "This is not a text file. Export the list as CSV and upload that file."),
        ["long header"] = (Utf8("phone" + new string('x', 200_000)), 400, "line_too_long", "The header is longer than 0.1 MB. The usual cause is a quotation mark that is never closed."),
        ["long line without end"] = (Utf8("phone,name\n9876543210,a\n9876543211," + new string('x', 1_500_000)), 400, "line_too_long", "Row 2 is longer than 0.1 MB. The usual cause is a quotation mark that is never closed."),
        ["long line that ends"] = (Utf8("phone,name\n9876543211," + new string('x', 100_001) + "\n9876543210,a\n"), 400, "line_too_long", "Row 1 is longer than 0.1 MB. The usual cause is a quotation mark that is never closed."),
        ["long line late"] = (Utf8("phone,name\n" + Numbers(900) + "9876543211," + new string('x', 110_000) + "\n"), 400, "line_too_long", "Row 901 is longer than 0.1 MB. The usual cause is a quotation mark that is never closed."),
        ["unclosed quote"] = (Utf8("phone,name\n9876543210,\"Asha\n9876543211,Ravi\n"), 400, "unclosed_quote", "Row 1 opens a quotation mark that is never closed, so the rest of the file would be one value. Close it, or double it if it is part of the text."),
        ["unclosed quote in the header"] = (Utf8("\"phone,name\n9876543210,Asha\n"), 400, "unclosed_quote", "The header opens a quotation mark that is never closed, so the rest of the file would be one value. Close it, or double it if it is part of the text."),
        ["unclosed quote that swallows too much"] = (Utf8("phone,name\n9876543210,\"Asha\n" + Numbers(9_000)), 400, "line_too_long", "Row 1 is longer than 0.1 MB. The usual cause is a quotation mark that is never closed."),
        ["too large"] = (Utf8("phone,name\n" + new string('\n', 2_000_000)), 413, "file_too_large", "The file is larger than 2 MB. Split it over several campaigns."),
        ["too many rows"] = (Utf8("phone,name\n" + Numbers(1_001)), 413, "too_many_rows", "The file has more than 1,000 rows. Split it over several campaigns."),
        ["cut in a character"] = ([.. Utf8("phone,name\n9876543210,मीरा\n9876543211,"), 0xE0, 0xA4], 400, "cut_off", "The file ends in the middle of a character, so its end is missing. Upload the file again."),
        ["UTF-16 cut in a character"] = ([0xFF, 0xFE, .. Encoding.Unicode.GetBytes("phone\n9876543210\n"), 0x39], 400, "cut_off", "The file ends in the middle of a character, so its end is missing. Upload the file again."),
    };

    // By name: megabytes of file in a test's name make the runner slow.
    public static TheoryData<string> Names => new(Files.Keys);

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_file_that_cannot_be_used_leaves_the_previous_audience(string what)
    {
        var (file, status, code, message) = Files[what];
        var campaign = await db.CampaignAsync();
        await db.ImportedAsync(campaign, "phone\n9876543210\nx\n");
        var before = await db.EverythingAsync();

        var refused = AudienceDatabase.Refused(await db.ImportAsync(campaign, file, Small));

        Assert.Equal((status, code, message), (refused.Status, refused.Errors[0].Code, refused.Errors[0].Message));
        Assert.Equal(message, refused.Detail);
        Assert.Equal(before, await db.EverythingAsync());
    }

    [Theory]
    [InlineData("", "IN", "phone_column_empty")]
    [InlineData("phone", "", "default_country")]
    [InlineData("phone", "XX", "default_country")]
    [InlineData("phone", "IND", "default_country")]
    [InlineData("phone", "001", "default_country")]
    [InlineData("phone", "91", "default_country")]
    public async Task A_request_that_makes_no_sense_is_refused_before_the_upload(string phoneColumn, string country, string code)
    {
        var body = new MemoryStream(Utf8("phone\n9876543210\n"));

        var refused = AudienceDatabase.Refused(await db.ImportAsync(await db.CampaignAsync(), body, phoneColumn: phoneColumn, country: country));

        Assert.Equal((400, code, 0), (refused.Status, refused.Errors[0].Code, body.Position));
    }

    [Theory]
    [InlineData("scheduled")]
    [InlineData("running")]
    [InlineData("paused")]
    [InlineData("completed")]
    [InlineData("cancelled")]
    public async Task Only_a_draft_takes_an_audience(string state)
    {
        var campaign = await db.CampaignAsync(state);
        var body = new MemoryStream(Utf8("phone\n9876543210\n"));

        var refused = AudienceDatabase.Refused(await db.ImportAsync(campaign, body));

        Assert.Equal((409, "campaign_not_draft", 0), (refused.Status, refused.Errors[0].Code, body.Position));
        Assert.Equal($"Campaign {campaign} is {state}; its audience can only be replaced while it is a draft. Make a new campaign for this file.", refused.Detail);
    }

    [Fact]
    public async Task A_campaign_that_does_not_exist_is_refused()
    {
        Assert.Equal(404, AudienceDatabase.Refused(await db.ImportAsync(987_654, "phone\n9876543210\n")).Status);
    }

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    private static string Numbers(int count) => string.Concat(Enumerable.Range(0, count).Select(i => $"98765{i:00000},Name {i}\n"));
}

using System.Text;
using OrleansBsp.Server.Campaigns.Audience;

namespace OrleansBsp.Server.Tests.Campaigns.Audience;

public sealed class AudienceRejectsTests(AudienceDatabase db) : IClassFixture<AudienceDatabase>
{
    [Fact]
    public async Task The_rejects_file_has_the_rows_as_they_came_and_the_reason_in_a_last_column()
    {
        var csv = await RejectsOfAsync(""""
            name;Phone;note
            Asha;9876543210;ok
            "Ravi;R";12;"said ""no"""
            =cmd|' /C calc'!A0;+91 12345;@SUM(A1)
            Meera;+919876543210;-
            short;1
            """".ReplaceLineEndings("\n"));

        Assert.Equal(
            "\uFEFF" + """"
            name;Phone;note;reject_reason
            "Ravi;R";12;"said ""no""";"""12"" is too short for a phone number of IN (+91)."
            '=cmd|' /C calc'!A0;+91 12345;'@SUM(A1);"""+91 12345"" is too short for a phone number of IN (+91)."
            Meera;+919876543210;-;The number +919876543210 is already in row 1, which is kept.
            short;1;;The row has 2 fields, the header has 3.

            """".ReplaceLineEndings("\r\n"),
            csv);
    }

    [Fact]
    public async Task A_row_of_very_many_fields_keeps_its_content_in_few()
    {
        var csv = await RejectsOfAsync($"phone,name\n9876543210,{new string(',', 150)}end\n");

        Assert.Contains($",\"{new string(',', 51)}end\",\"The row has 152 fields", csv, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_rejects_the_file_is_its_header()
    {
        Assert.Equal("\uFEFFphone,name,reject_reason\r\n", await RejectsOfAsync("phone,name\n9876543210,a\n"));
    }

    [Fact]
    public async Task A_mended_rejects_file_can_be_uploaded_again_and_again()
    {
        var once = await RejectsOfAsync("phone,name\n9876543210,a\n98765,b\nx,c\n");

        var mended = once.Replace("98765,b", "9876543219,b", StringComparison.Ordinal);
        var twice = await RejectsOfAsync(mended);

        Assert.StartsWith("\uFEFFphone,name,reject_reason,reject_reason_2\r\nx,c,", twice, StringComparison.Ordinal);
        Assert.DoesNotContain("9876543219", twice, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Many_rejects_are_streamed_in_the_files_order()
    {
        var csv = await RejectsOfAsync("phone\n" + string.Concat(Enumerable.Range(1, 20_000).Select(i => $"x{i}\n")));

        var lines = csv.Split("\r\n");
        Assert.Equal(20_002, lines.Length);
        Assert.StartsWith("x20000,", lines[20_000], StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_audience_that_was_replaced_has_no_rejects_file()
    {
        using var output = new MemoryStream();
        Assert.False(await new AudienceRejects(db.Database).WriteCsvAsync(999_999, output, CancellationToken.None));
        Assert.Equal(0, output.Length);
    }

    [Theory]
    [InlineData("text/csv", null)]
    [InlineData("text/csv; charset=utf-8", null)]
    [InlineData("Text/CSV; header=present", null)]
    [InlineData("text/tab-separated-values", null)]
    [InlineData(null, "The content type is missing; text/csv is expected. Send the file as the request's body.")]
    [InlineData("nonsense", "The content type is nonsense; text/csv is expected. Send the file as the request's body.")]
    [InlineData("application/json", "The content type is application/json; text/csv is expected. Send the file as the request's body.")]
    [InlineData("multipart/form-data; boundary=x", "The content type is multipart/form-data; text/csv is expected. Send the file itself as the request's body, not a form.")]
    [InlineData("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "The content type is application/vnd.openxmlformats-officedocument.spreadsheetml.sheet; text/csv is expected. Save the workbook as CSV and upload that file.")]
    public void The_content_type_is_checked(string? contentType, string? detail)
    {
        var refused = AudienceContentType.Check(contentType);
        Assert.Equal(detail, refused?.Detail);
        Assert.Equal(detail is null ? null : 415, refused?.Status);
    }

    private async Task<string> RejectsOfAsync(string file)
    {
        var summary = await db.ImportedAsync(await db.CampaignAsync(), file);
        using var output = new AsyncOnly();
        Assert.True(await new AudienceRejects(db.Database).WriteCsvAsync(summary.AudienceId, output, CancellationToken.None));
        return Encoding.UTF8.GetString(output.ToArray());
    }

    /// <summary>As a response's body is: writing to it synchronously is an error.</summary>
    private sealed class AsyncOnly : MemoryStream
    {
        public override void Write(byte[] buffer, int offset, int count) => throw new InvalidOperationException("Synchronous write.");

        public override void Write(ReadOnlySpan<byte> buffer) => throw new InvalidOperationException("Synchronous write.");

        public override void Flush() => throw new InvalidOperationException("Synchronous flush.");

        public override async Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => await WriteAsync(buffer.AsMemory(offset, count), cancellationToken);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            base.Write(buffer.ToArray(), 0, buffer.Length);
            return ValueTask.CompletedTask;
        }

        public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}

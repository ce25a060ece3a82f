using CsvHelper;
using OrleansBsp.Core.Campaigns.Audience;
using OrleansBsp.Server.Storage;

namespace OrleansBsp.Server.Campaigns.Audience;

/// <summary>
/// The rejected rows of an audience as a CSV file to mend and upload again: the columns of the upload in their order, its
/// delimiter, and the reason in a last column. UTF-8 with a byte order mark, so that spreadsheets read it rightly.
/// </summary>
/// <remarks>Cells that a spreadsheet would run as a formula are disarmed; see <see cref="FormulaGuard"/> for which and how.</remarks>
public sealed class AudienceRejects(Database database)
{
    private const string ReasonColumn = "reject_reason";
    private const int PageRows = 1_000;
    private const int PageChars = 4_000_000;

    /// <summary>Streams the file; an audience without rejects gives the header alone. Only writes to the output asynchronously.</summary>
    /// <returns>False, and nothing written, if there is no such audience (it was replaced by a newer upload).</returns>
    /// <exception cref="InvalidOperationException">A newer upload replaced the audience half-way: the output is incomplete and must not end as if it were whole.</exception>
    public async Task<bool> WriteCsvAsync(long audienceId, Stream output, CancellationToken cancel)
    {
        if (await FileAsync(audienceId, cancel) is not { } file) return false;
        var csv = CsvWriter.Create(output, new CsvWriterOptions { Separator = file.Delimiter, WriteByteOrderMark = true, ValidateFieldCount = false }, leaveOpen: true);
        await using (csv)
        {
            var (last, written, columns) = (-1, 0, 0);
            while (written < file.Rows)
            {
                var page = await PageAsync(audienceId, last, cancel);
                if (page.Count == 0) throw new InvalidOperationException($"Audience {audienceId} was replaced while its rejects were written ({written} of {file.Rows} rows).");
                foreach (var (row, message, fields) in page)
                {
                    if (row == 0) columns = fields.Length;
                    foreach (var field in fields) csv.WriteField(FormulaGuard.Cell(field));
                    for (var i = fields.Length; i < columns; i++) csv.WriteField(""); // a short row's reason belongs in the last column too
                    csv.WriteField(row == 0 ? NameOfReason(fields) : message); // our messages never start like a formula
                    await csv.EndRecordAsync(cancel);
                    last = row;
                }

                written += page.Count;
            }

            await csv.FlushAsync(cancel);
        }

        return true;
    }

    private async Task<(char Delimiter, int Rows)?> FileAsync(long audienceId, CancellationToken cancel)
    {
        await using var select = database.Main.CreateCommand(AudienceSql.RejectsFile);
        select.Parameters.AddWithValue("audience", audienceId);
        await using var reader = await select.ExecuteReaderAsync(cancel);
        return await reader.ReadAsync(cancel) ? (reader.GetString(0)[0], reader.GetInt32(1)) : null;
    }

    // A page is read whole, so that a slow download holds no connection. It ends early when its rows are long.
    private async Task<List<(int Row, string Message, string[] Fields)>> PageAsync(long audienceId, int after, CancellationToken cancel)
    {
        await using var select = database.Main.CreateCommand(AudienceSql.Rejects);
        select.Parameters.AddWithValue("audience", audienceId);
        select.Parameters.AddWithValue("after", after);
        select.Parameters.AddWithValue("limit", PageRows);
        await using var reader = await select.ExecuteReaderAsync(cancel);
        var page = new List<(int, string, string[])>(PageRows);
        var weight = 0;
        while (weight < PageChars && await reader.ReadAsync(cancel))
        {
            var fields = reader.GetFieldValue<string[]>(2);
            page.Add((reader.GetInt32(0), reader.GetString(1), fields));
            foreach (var field in fields) weight += field.Length + 16;
        }

        return page;
    }

    // A rejects file that was mended and uploaded again has the column already, and two of a name would be refused next time.
    private static string NameOfReason(string[] header)
    {
        var taken = header.Select(AudienceHeader.Key).ToHashSet();
        var name = ReasonColumn;
        for (var i = 2; taken.Contains(AudienceHeader.Key(name)); i++) name = $"{ReasonColumn}_{i}";
        return name;
    }
}

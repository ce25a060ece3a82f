using CsvHelper;
using Npgsql;
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

    /// <summary>Streams the file; an audience without rejects gives the header alone. Only writes to the output asynchronously.</summary>
    /// <remarks>
    /// One statement from start to end, so the file is whole even if a newer upload replaces the audience meanwhile, and memory does
    /// not depend on its size. It holds a connection for as long as the client downloads, at most <c>15 min</c>.
    /// </remarks>
    /// <returns>False, and nothing written, if there is no such audience (it was replaced by a newer upload).</returns>
    public async Task<bool> WriteCsvAsync(long audienceId, Stream output, CancellationToken cancel)
    {
        await using var connection = await database.Main.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        if (await DelimiterAsync(connection, audienceId, cancel) is not { } delimiter) return false;

        await using var csv = CsvWriter.Create(output, new CsvWriterOptions { Separator = delimiter, WriteByteOrderMark = true, ValidateFieldCount = false }, leaveOpen: true);
        await using var select = new NpgsqlCommand(AudienceSql.Rejects, connection, transaction);
        select.Parameters.AddWithValue("audience", audienceId);
        await using var rows = await select.ExecuteReaderAsync(cancel);
        var columns = 0;
        while (await rows.ReadAsync(cancel))
        {
            var fields = rows.GetFieldValue<string[]>(2);
            var isHeader = rows.GetInt32(0) == 0;
            if (isHeader) columns = fields.Length;
            foreach (var field in fields) csv.WriteField(FormulaGuard.Cell(field));
            for (var i = fields.Length; i < columns; i++) csv.WriteField(""); // a short row's reason belongs in the last column too
            csv.WriteField(isHeader ? NameOfReason(fields) : rows.GetString(1)); // our messages never start like a formula
            await csv.EndRecordAsync(cancel);
        }

        await csv.FlushAsync(cancel);
        return true;
    }

    private static async Task<char?> DelimiterAsync(NpgsqlConnection connection, long audienceId, CancellationToken cancel)
    {
        await using (var patience = new NpgsqlCommand(AudienceSql.RejectsPatience, connection)) await patience.ExecuteNonQueryAsync(cancel);
        await using var select = new NpgsqlCommand(AudienceSql.Delimiter, connection);
        select.Parameters.AddWithValue("audience", audienceId);
        return await select.ExecuteScalarAsync(cancel) is string { Length: 1 } delimiter ? delimiter[0] : null;
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

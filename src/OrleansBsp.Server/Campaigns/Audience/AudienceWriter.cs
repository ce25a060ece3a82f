using Npgsql;
using NpgsqlTypes;

namespace OrleansBsp.Server.Campaigns.Audience;

/// <summary>The one transaction of an import. Disposed without <see cref="ReplaceAsync"/>, it never happened.</summary>
internal sealed class AudienceWriter : IAsyncDisposable
{
    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlTransaction _transaction;
    private readonly long _campaignId;

    private AudienceWriter(NpgsqlConnection connection, NpgsqlTransaction transaction, long campaignId)
    {
        (_connection, _transaction, _campaignId) = (connection, transaction, campaignId);
    }

    public long AudienceId { get; private set; }

    public static async Task<AudienceWriter> BeginAsync(NpgsqlDataSource database, long campaignId, AudienceFile file, CancellationToken cancel)
    {
        var connection = await database.OpenConnectionAsync(cancel);
        AudienceWriter writer;
        try
        {
            writer = new AudienceWriter(connection, await connection.BeginTransactionAsync(cancel), campaignId);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }

        try
        {
            writer.AudienceId = (long)(await writer.ScalarAsync(AudienceSql.Begin, cancel, ("campaign", campaignId),
                ("columns", file.Header.Columns.ToArray()), ("encoding", file.Encoding.Name), ("delimiter", file.Delimiter.ToString())))!;
            await writer.CopyRejectsAsync([new RejectedRow(0, "", "", "header", "", file.HeaderFields)], cancel);
            return writer;
        }
        catch
        {
            await writer.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Two short COPYs per batch instead of two long ones: they share one connection, no rejects pile up in memory, and no
    /// statement runs into its time limit however large the file is.
    /// </summary>
    public async Task WriteAsync(AudienceBatch batch, CancellationToken cancel)
    {
        if (batch.Accepted.Count > 0) await CopyRecipientsAsync(batch.Accepted, cancel);
        if (batch.Rejected.Count > 0) await CopyRejectsAsync(batch.Rejected, cancel);
    }

    /// <summary>Makes the new audience the campaign's and removes the old one, if the campaign is still a draft; commits.</summary>
    /// <remarks>
    /// The old rows go before the lock is taken, so that launching waits for milliseconds and not for a million deletions. Nobody
    /// sees them gone before the commit, and they are back if the campaign turns out to be no draft any more.
    /// </remarks>
    /// <returns>Null, or why nothing was changed.</returns>
    public async Task<AudienceImport.Refused?> ReplaceAsync(AudienceRows rows, CancellationToken cancel)
    {
        await ExecuteAsync(AudienceSql.Finish, cancel, ("rows", rows.Rows), ("accepted", rows.Accepted), ("duplicates", rows.Duplicates),
            ("invalid", rows.Invalid), ("audience", AudienceId));
        try
        {
            await ExecuteAsync(AudienceSql.OneAtATime, cancel, ("campaign", _campaignId));
            var old = await ScalarAsync(AudienceSql.Current, cancel, ("campaign", _campaignId)) as long?;
            if (old is { } before) await RemoveRowsAsync(before, cancel);

            var state = await ScalarAsync(AudienceSql.Lock, cancel, ("campaign", _campaignId)) as string;
            if (state is null) return AudienceRefusals.NoCampaign(_campaignId);
            if (state != "draft") return AudienceRefusals.NotDraft(_campaignId, state);

            await ExecuteAsync(AudienceSql.Plan, cancel, ("accepted", rows.Accepted), ("campaign", _campaignId));
            if (await ScalarAsync(AudienceSql.Point, cancel, ("audience", AudienceId), ("campaign", _campaignId)) is long replaced)
            {
                if (replaced != old) await RemoveRowsAsync(replaced, cancel); // a version before this one takes no turn
                await ExecuteAsync(AudienceSql.RemoveAudience, cancel, ("old", replaced));
            }
        }
        catch (PostgresException failure) when (failure.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            return AudienceRefusals.Busy(_campaignId);
        }

        await _transaction.CommitAsync(cancel);
        return null;
    }

    public async ValueTask DisposeAsync()
    {
        await _transaction.DisposeAsync(); // rolls back what was not committed
        await _connection.DisposeAsync();
    }

    private async Task CopyRecipientsAsync(List<AcceptedRow> rows, CancellationToken cancel)
    {
        await using var copy = await _connection.BeginBinaryImportAsync(AudienceSql.CopyRecipients, cancel);
        foreach (var row in rows)
        {
            await copy.StartRowAsync(cancel);
            await copy.WriteAsync(AudienceId, NpgsqlDbType.Bigint, cancel);
            await copy.WriteAsync(row.Position, NpgsqlDbType.Integer, cancel);
            await copy.WriteAsync(row.Phone, NpgsqlDbType.Bigint, cancel);
            await copy.WriteAsync(row.Values, NpgsqlDbType.Array | NpgsqlDbType.Text, cancel);
        }

        await copy.CompleteAsync(cancel);
    }

    private async Task CopyRejectsAsync(List<RejectedRow> rows, CancellationToken cancel)
    {
        await using var copy = await _connection.BeginBinaryImportAsync(AudienceSql.CopyRejects, cancel);
        foreach (var row in rows)
        {
            await copy.StartRowAsync(cancel);
            await copy.WriteAsync(AudienceId, NpgsqlDbType.Bigint, cancel);
            await copy.WriteAsync(row.Number, NpgsqlDbType.Integer, cancel);
            await copy.WriteAsync(row.Column, NpgsqlDbType.Text, cancel);
            await copy.WriteAsync(row.Value, NpgsqlDbType.Text, cancel);
            await copy.WriteAsync(row.Code, NpgsqlDbType.Text, cancel);
            await copy.WriteAsync(row.Message, NpgsqlDbType.Text, cancel);
            await copy.WriteAsync(row.Fields, NpgsqlDbType.Array | NpgsqlDbType.Text, cancel);
        }

        await copy.CompleteAsync(cancel);
    }

    private async Task RemoveRowsAsync(long old, CancellationToken cancel)
    {
        await ExecuteAsync(AudienceSql.RemoveRecipients, cancel, ("old", old));
        await ExecuteAsync(AudienceSql.RemoveRejects, cancel, ("old", old));
    }

    private async Task<object?> ScalarAsync(string sql, CancellationToken cancel, params (string Name, object Value)[] parameters)
    {
        await using var command = Command(sql, parameters);
        return await command.ExecuteScalarAsync(cancel);
    }

    private async Task ExecuteAsync(string sql, CancellationToken cancel, params (string Name, object Value)[] parameters)
    {
        await using var command = Command(sql, parameters);
        await command.ExecuteNonQueryAsync(cancel);
    }

    private NpgsqlCommand Command(string sql, params (string Name, object Value)[] parameters)
    {
        var command = new NpgsqlCommand(sql, _connection, _transaction);
        foreach (var (name, value) in parameters) command.Parameters.AddWithValue(name, value);
        return command;
    }
}

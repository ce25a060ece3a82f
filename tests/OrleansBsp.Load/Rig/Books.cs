using Npgsql;

namespace OrleansBsp.Load.Rig;

/// <summary>Sums over the counters of some campaigns.</summary>
/// <param name="Answered">Messages whose send is recorded as accepted, whatever came after.</param>
internal sealed record BooksSum(long Planned, long Released, long Answered, long Read);

/// <summary>Reads the counters straight from the database: one cheap statement, so that looking does not disturb what is measured.</summary>
internal sealed class Books(string connectionString) : IAsyncDisposable
{
    private const string Sum = """
        select coalesce(sum(planned), 0), coalesce(sum(released_through), 0),
               coalesce(sum(accepted_only + held + sent + delivered + read + failed), 0), coalesce(sum(read), 0)
        from campaign_run where campaign_id = any ($1)
        """;

    private const string InboxWaiting = """select coalesce(sum(h.last_offset - c."offset"), 0) from inbox_head h join inbox_cursor c on c.shard = h.shard""";

    private readonly NpgsqlDataSource _database = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connectionString) { MaxPoolSize = 2, NoResetOnClose = true, MaxAutoPrepare = 4, AutoPrepareMinUsages = 2 });

    /// <summary>For whoever else looks into it.</summary>
    public NpgsqlDataSource Database => _database;

    public async Task<BooksSum> ReadAsync(long[] campaigns, CancellationToken cancel)
    {
        await using var command = _database.CreateCommand(Sum);
        command.Parameters.Add(new NpgsqlParameter { Value = campaigns });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        await reader.ReadAsync(cancel);
        return new BooksSum(reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3));
    }

    /// <summary>True: what was stored in the inbox when <see cref="InboxHeadsAsync"/> was read has been applied. It need not be empty for that.</summary>
    public async Task<bool> IsAppliedAsync(long[] heads, CancellationToken cancel) =>
        (await OffsetsAsync("""select "offset" from inbox_cursor order by shard""", cancel)).Zip(heads).All(shard => shard.First >= shard.Second);

    /// <summary>The last stored body of each shard.</summary>
    public Task<long[]> InboxHeadsAsync(CancellationToken cancel) => OffsetsAsync("select last_offset from inbox_head order by shard", cancel);

    /// <summary>Webhook bodies that are stored and not yet applied.</summary>
    public async Task<long> InboxWaitingAsync(CancellationToken cancel)
    {
        await using var command = _database.CreateCommand(InboxWaiting);
        return Convert.ToInt64(await command.ExecuteScalarAsync(cancel), System.Globalization.CultureInfo.InvariantCulture);
    }

    public async Task<long> ConversationsAsync(CancellationToken cancel)
    {
        await using var command = _database.CreateCommand("select count(*) from conversation where last_message_at is not null");
        return (long)(await command.ExecuteScalarAsync(cancel))!;
    }

    public async Task<string> VersionAsync(CancellationToken cancel)
    {
        await using var command = _database.CreateCommand("show server_version");
        return (string)(await command.ExecuteScalarAsync(cancel))!;
    }

    private async Task<long[]> OffsetsAsync(string sql, CancellationToken cancel)
    {
        await using var command = _database.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var offsets = new List<long>();
        while (await reader.ReadAsync(cancel)) offsets.Add(reader.GetInt64(0));
        return [.. offsets];
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();
}

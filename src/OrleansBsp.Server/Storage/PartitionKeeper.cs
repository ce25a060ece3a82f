using Npgsql;

namespace OrleansBsp.Server.Storage;

/// <summary>
/// Makes partitions ahead of need: messages by month, logs by day. Called at start and by the supervisor every hour.
/// A missing partition would stop sending, so a week ahead is kept: nobody notices a supervisor that was down for days.
/// </summary>
public static class PartitionKeeper
{
    // A message of a queue is not looked at any more a day after its moment, so its claim is not needed any more then.
    private const int ClaimRetentionDays = 3;

    private const string EnsureSql = """
        select ensure_month_partition('message', (current_date + make_interval(months => m))::date),
               ensure_month_partition('attempt', (current_date + make_interval(months => m))::date)
        from generate_series(0, 1) m;
        select ensure_day_partition('inbox', current_date + d), ensure_day_partition('event', current_date + d), ensure_day_partition('send_claim', current_date + d)
        from generate_series(-1, 7) d;
        """;

    private const string OldSql = """
        select c.oid::regclass::text from pg_inherits i join pg_class c on c.oid = i.inhrelid
        where i.inhparent = @parent::regclass and c.relname < @parent || to_char(current_date - @days, '_YYYY_MM_DD')
        """;

    /// <summary>
    /// Drops whole days of the logs that are past their retention. A day of the inbox with a webhook that is not applied yet stays: it
    /// was acknowledged. A table in use is left for the next time.
    /// </summary>
    public static async Task DropOldAsync(NpgsqlConnection connection, DatabaseOptions retention, CancellationToken cancel)
    {
        foreach (var (parent, days) in new[] { ("inbox", retention.InboxRetentionDays), ("event", retention.EventRetentionDays), ("send_claim", ClaimRetentionDays) })
        {
            var old = new List<string>();
            await using (var find = new NpgsqlCommand(OldSql, connection) { Parameters = { new("parent", parent), new("days", days) } })
            await using (var reader = await find.ExecuteReaderAsync(cancel))
                while (await reader.ReadAsync(cancel)) old.Add(reader.GetString(0));
            foreach (var table in old)
            {
                if (parent == "inbox" && await IsWaitedForAsync(connection, table, cancel)) continue;
                await using var drop = new NpgsqlCommand($"drop table {table}", connection);
                await drop.ExecuteNonQueryAsync(cancel);
            }
        }
    }

    // Nothing is added to a day that has passed, and cursors only move on: what is applied now stays so until the drop.
    private static async Task<bool> IsWaitedForAsync(NpgsqlConnection connection, string table, CancellationToken cancel)
    {
        await using var look = new NpgsqlCommand(
            $"""select exists (select from inbox_cursor c join {table} i on i.shard = c.shard and i."offset" > c."offset")""", connection);
        return (bool)(await look.ExecuteScalarAsync(cancel))!;
    }

    public static async Task EnsureAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var ensure = new NpgsqlCommand(EnsureSql, connection);
        await ensure.ExecuteNonQueryAsync(cancel);
    }
}

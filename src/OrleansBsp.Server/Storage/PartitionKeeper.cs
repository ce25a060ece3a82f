using Npgsql;

namespace OrleansBsp.Server.Storage;

/// <summary>
/// Makes partitions ahead of need: messages by month, logs by day. Called at start and by the supervisor every hour.
/// A missing partition would stop sending, so a week ahead is kept: nobody notices a supervisor that was down for days.
/// </summary>
public static class PartitionKeeper
{
    private const string EnsureSql = """
        select ensure_month_partition('message', (current_date + make_interval(months => m))::date),
               ensure_month_partition('attempt', (current_date + make_interval(months => m))::date)
        from generate_series(0, 1) m;
        select ensure_day_partition('inbox', current_date + d), ensure_day_partition('event', current_date + d)
        from generate_series(-1, 7) d;
        """;

    public static async Task EnsureAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var ensure = new NpgsqlCommand(EnsureSql, connection);
        await ensure.ExecuteNonQueryAsync(cancel);
    }
}

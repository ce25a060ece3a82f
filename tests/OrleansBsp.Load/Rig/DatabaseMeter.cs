using Npgsql;

namespace OrleansBsp.Load.Rig;

/// <summary>What PostgreSQL did between two moments.</summary>
/// <param name="Writes">Transactions that wrote something.</param>
/// <param name="Statements">All statements by their kind; empty where they are not counted.</param>
internal sealed record DatabaseWork(long Writes, long WalBytes, IReadOnlyDictionary<string, StatementWork> Statements)
{
    public long Calls => Statements.Values.Sum(kind => kind.Calls);

    public long Rows => Statements.Values.Sum(kind => kind.Rows);

    public long Pages => Statements.Values.Sum(kind => kind.Pages);
}

/// <param name="Rows">That were returned or changed.</param>
/// <param name="Pages">Of 8 KB, that were looked at, in memory or on disk: a measure of how much had to be read for it.</param>
/// <param name="Milliseconds">Within PostgreSQL.</param>
internal sealed record StatementWork(long Calls, long Rows, long Pages, double Milliseconds)
{
    public static StatementWork operator -(StatementWork one, StatementWork other) =>
        new(one.Calls - other.Calls, one.Rows - other.Rows, one.Pages - other.Pages, one.Milliseconds - other.Milliseconds);
}

/// <summary>
/// Counts what PostgreSQL does. Transactions that write by the ids they take and bytes by the log's position, both exact at once; pg_stat_database would tell
/// a second late, and of connections that rest ten seconds late. Statements by <c>pg_stat_statements</c>, where the rig has loaded it.
/// </summary>
internal sealed class DatabaseMeter
{
    private const string Load = "alter system set shared_preload_libraries = 'pg_stat_statements'";
    private const string CanCount = "select exists (select 1 from pg_available_extensions where name = 'pg_stat_statements')";
    private const string Prepare = "create extension if not exists pg_stat_statements";
    private const string Position = "select pg_snapshot_xmax(pg_current_snapshot())::text::bigint, (pg_current_wal_insert_lsn() - '0/0')::bigint";

    private const string Statements = """
        select query, calls, rows, shared_blks_hit + shared_blks_read, total_exec_time from pg_stat_statements
        where dbid = (select oid from pg_database where datname = current_database())
        """;

    private readonly NpgsqlDataSource _database;
    private readonly bool _counts;
    private readonly DatabaseWork _before;

    private DatabaseMeter(NpgsqlDataSource database, bool counts, DatabaseWork before) => (_database, _counts, _before) = (database, counts, before);

    /// <summary>Makes the next start of this PostgreSQL count statements.</summary>
    /// <returns>False: it cannot, as the one of the npm package.</returns>
    public static async Task<bool> TryLoadAsync(string connectionString, CancellationToken cancel)
    {
        await using var database = NpgsqlDataSource.Create(connectionString);
        if (!await ScalarAsync<bool>(database, CanCount, cancel)) return false;
        await using var load = database.CreateCommand(Load);
        await load.ExecuteNonQueryAsync(cancel);
        return true;
    }

    public static async Task<DatabaseMeter> StartAsync(NpgsqlDataSource database, bool counts, CancellationToken cancel)
    {
        if (counts)
        {
            await using var prepare = database.CreateCommand(Prepare);
            await prepare.ExecuteNonQueryAsync(cancel);
        }

        return new DatabaseMeter(database, counts, await ReadAsync(database, counts, cancel));
    }

    public async Task<DatabaseWork> StopAsync(CancellationToken cancel)
    {
        var now = await ReadAsync(_database, _counts, cancel);
        var nothing = new StatementWork(0, 0, 0, 0);
        return new DatabaseWork(now.Writes - _before.Writes, now.WalBytes - _before.WalBytes,
            now.Statements.ToDictionary(kind => kind.Key, kind => kind.Value - _before.Statements.GetValueOrDefault(kind.Key, nothing)));
    }

    private static async Task<DatabaseWork> ReadAsync(NpgsqlDataSource database, bool counts, CancellationToken cancel)
    {
        await using var position = database.CreateCommand(Position);
        await using var reader = await position.ExecuteReaderAsync(cancel);
        await reader.ReadAsync(cancel);
        return new DatabaseWork(reader.GetInt64(0), reader.GetInt64(1), counts ? await ReadStatementsAsync(database, cancel) : new Dictionary<string, StatementWork>());
    }

    private static async Task<Dictionary<string, StatementWork>> ReadStatementsAsync(NpgsqlDataSource database, CancellationToken cancel)
    {
        var kinds = new Dictionary<string, StatementWork>();
        await using var command = database.CreateCommand(Statements);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            if (StatementKinds.OfOrNull(reader.GetString(0)) is not { } kind) continue;
            var one = new StatementWork(reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3), reader.GetDouble(4));
            kinds[kind] = kinds.TryGetValue(kind, out var others)
                ? new StatementWork(others.Calls + one.Calls, others.Rows + one.Rows, others.Pages + one.Pages, others.Milliseconds + one.Milliseconds)
                : one;
        }

        return kinds;
    }

    private static async Task<T> ScalarAsync<T>(NpgsqlDataSource database, string sql, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync(cancel))!;
    }
}

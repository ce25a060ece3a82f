using System.Reflection;
using DbUp;
using DbUp.Engine;
using DbUp.Engine.Output;
using Npgsql;
using OrleansBsp.Core.Pacing;

namespace OrleansBsp.Server.Storage;

/// <summary>
/// Brings a database to the schema of this version. Numbered scripts, forward only, each in its own transaction, under an
/// advisory lock so that silos that start together do not race. Running it again changes nothing.
/// </summary>
public static class Migrator
{
    /// <summary>The application name of the session that keeps other processes from migrating at the same time.</summary>
    public const string Application = "orleansbsp-migrate";

    // Any constant will do; it only has to be the same in every process of an installation.
    private const long LockKey = 0x6273_705f_6d69_6772;

    /// <summary>Waits while the database is away: a silo that ended because it had lost it must not have to be started again and again.</summary>
    /// <exception cref="NpgsqlException">It does not answer in time, or says no.</exception>
    public static async Task WaitForDatabaseAsync(string connectionString, TimeSpan limit, TimeProvider clock, CancellationToken cancel)
    {
        var begun = clock.GetTimestamp();
        for (var failures = 0; ; failures++)
        {
            try
            {
                await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false, Timeout = 5 }.ConnectionString);
                await connection.OpenAsync(cancel);
                return;
            }
            catch (NpgsqlException failure) when (Passing.Is(failure) && clock.GetElapsedTime(begun) < limit)
            {
                if (failures == 0) await Console.Error.WriteLineAsync($"The database does not answer; waiting for it: {failure.Message}");
                await Task.Delay(Backoff.Ordinary.After(failures), clock, cancel);
            }
        }
    }

    /// <exception cref="InvalidOperationException">A script failed; the message names it.</exception>
    public static async Task RunAsync(string connectionString, CancellationToken cancel)
    {
        // Not pooled: the lock goes with the session, and a pooled session lives on after its connection is closed.
        await using var guard = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false, ApplicationName = Application }.ConnectionString);
        await guard.OpenAsync(cancel);
        await using (var take = new NpgsqlCommand("select pg_advisory_lock(@key)", guard) { CommandTimeout = 60 })
        {
            take.Parameters.AddWithValue("key", LockKey);
            await take.ExecuteNonQueryAsync(cancel);
        }

        var result = Upgrade(connectionString).PerformUpgrade();
        if (!result.Successful)
            throw new InvalidOperationException($"Migration {result.ErrorScript?.Name} failed: {result.Error.Message}", result.Error);

        await PartitionKeeper.EnsureAsync(guard, cancel);
    }

    /// <summary>Waits until another process has migrated the database. Changes nothing; scripts that only a newer version knows do not matter.</summary>
    /// <exception cref="InvalidOperationException">It was not migrated in time; the message says what is missing and what to do.</exception>
    public static async Task WaitAsync(string connectionString, TimeSpan limit, TimeProvider clock, CancellationToken cancel)
    {
        var begun = clock.GetTimestamp();
        while (true)
        {
            var missing = await MissingAsync(connectionString, cancel);
            if (missing.Count == 0) return;
            if (clock.GetElapsedTime(begun) >= limit)
                throw new InvalidOperationException($"The database lacks the migrations {string.Join(", ", missing)}. Database:Migrate is off here: run this version's command 'migrate' first.");
            await Task.Delay(TimeSpan.FromSeconds(1), clock, cancel);
        }
    }

    // Not DbUp's own question: asking it makes its journal table where there is none.
    private static async Task<List<string>> MissingAsync(string connectionString, CancellationToken cancel)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync(cancel);
        var applied = new HashSet<string>();
        await using var exists = new NpgsqlCommand("select to_regclass('schemaversions') is not null", connection);
        if (await exists.ExecuteScalarAsync(cancel) is true)
        {
            await using var select = new NpgsqlCommand("select scriptname from schemaversions", connection);
            await using var rows = await select.ExecuteReaderAsync(cancel);
            while (await rows.ReadAsync(cancel)) applied.Add(rows.GetString(0));
        }

        return [.. Assembly.GetExecutingAssembly().GetManifestResourceNames().Where(IsScript).Where(name => !applied.Contains(name)).Order(StringComparer.Ordinal)];
    }

    private static bool IsScript(string name) => name.EndsWith(".sql", StringComparison.Ordinal);

    private static UpgradeEngine Upgrade(string connectionString) => DeployChanges.To
        .PostgresqlDatabase(connectionString)
        .WithScriptsEmbeddedInAssembly(Assembly.GetExecutingAssembly(), IsScript)
        .WithTransactionPerScript()
        .WithVariablesDisabled() // $q$ is PostgreSQL's quoting here
        .LogTo(new NoOpUpgradeLog())
        .Build();
}

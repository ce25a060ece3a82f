using System.Reflection;
using DbUp;
using DbUp.Engine.Output;
using Npgsql;

namespace OrleansBsp.Server.Storage;

/// <summary>
/// Brings a database to the schema of this version. Numbered scripts, forward only, each in its own transaction, under an
/// advisory lock so that silos that start together do not race. Running it again changes nothing.
/// </summary>
public static class Migrator
{
    // Any constant will do; it only has to be the same in every process of an installation.
    private const long LockKey = 0x6273_705f_6d69_6772;

    /// <exception cref="InvalidOperationException">A script failed; the message names it.</exception>
    public static async Task RunAsync(string connectionString, CancellationToken cancel)
    {
        // Not pooled: the lock goes with the session, and a pooled session lives on after its connection is closed.
        await using var guard = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString);
        await guard.OpenAsync(cancel);
        await using (var take = new NpgsqlCommand("select pg_advisory_lock(@key)", guard) { CommandTimeout = 60 })
        {
            take.Parameters.AddWithValue("key", LockKey);
            await take.ExecuteNonQueryAsync(cancel);
        }

        var result = DeployChanges.To
            .PostgresqlDatabase(connectionString)
            .WithScriptsEmbeddedInAssembly(Assembly.GetExecutingAssembly(), name => name.EndsWith(".sql", StringComparison.Ordinal))
            .WithTransactionPerScript()
            .WithVariablesDisabled() // $q$ is PostgreSQL's quoting here
            .LogTo(new NoOpUpgradeLog())
            .Build()
            .PerformUpgrade();
        if (!result.Successful)
            throw new InvalidOperationException($"Migration {result.ErrorScript?.Name} failed: {result.Error.Message}", result.Error);

        await PartitionKeeper.EnsureAsync(guard, cancel);
    }
}

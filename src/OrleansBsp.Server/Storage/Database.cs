using Npgsql;

namespace OrleansBsp.Server.Storage;

/// <summary>
/// The two pools. <see cref="Main"/> does the work; <see cref="Control"/> is small and kept apart so that a full main pool
/// cannot starve what keeps ownership alive (epochs, the right to grant permits, the supervisor).
/// </summary>
public sealed class Database : IAsyncDisposable
{
    /// <summary>The application name of the sessions of both pools, as PostgreSQL shows it.</summary>
    public const string Application = "orleansbsp";

    /// <summary>Asks whether the server takes writes: after a fail-over the old primary, or a standby in its place, answers as ever and takes none.</summary>
    internal const string TakesWrites = "select current_setting('transaction_read_only') = 'off'";

    /// <summary>What to say if it does not.</summary>
    internal const string TakesNoWrites = "the database takes no writes: another server is the primary now";

    public Database(string connectionString, DatabaseOptions options)
    {
        ConnectionString = connectionString;
        Main = Build("main", connectionString, options.PoolSize, options.StatementTimeoutSeconds);
        Control = Build("control", connectionString, options.ControlPoolSize, options.ControlTimeoutSeconds);
    }

    public string ConnectionString { get; }

    public NpgsqlDataSource Main { get; }

    public NpgsqlDataSource Control { get; }

    public async ValueTask DisposeAsync()
    {
        await Main.DisposeAsync();
        await Control.DisposeAsync();
    }

    private static NpgsqlDataSource Build(string name, string connectionString, int poolSize, int timeoutSeconds)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString)
        {
            MaxPoolSize = poolSize,
            Timeout = 5,
            CommandTimeout = timeoutSeconds,
            // Lock waits and forgotten transactions end by themselves: a ghost session must not stop a cluster in silence.
            Options = $"-c lock_timeout=5s -c idle_in_transaction_session_timeout=30s -c statement_timeout={timeoutSeconds}s",
            MaxAutoPrepare = 60,
            AutoPrepareMinUsages = 2,
            KeepAlive = 15,
            // After a fail-over or restart no connection may live on for ever.
            ConnectionLifetime = 600,
            NoResetOnClose = true,
            ApplicationName = Application,
        };
        return new NpgsqlDataSourceBuilder(settings.ConnectionString) { Name = name }.Build(); // the name stands in the pools' measures
    }
}

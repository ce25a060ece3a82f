using OrleansBsp.Server.Access;
using OrleansBsp.Server.Storage;

namespace OrleansBsp.Server.Hosting;

/// <summary>What has to be there before the first request: a database with the schema of this version, and someone who can get in.</summary>
internal sealed class Start : IAsyncDisposable
{
    private readonly EmbeddedPostgres? _postgres;

    private Start(EmbeddedPostgres? postgres, Database database, DatabaseOptions options) =>
        (_postgres, Database, DatabaseOptions) = (postgres, database, options);

    public Database Database { get; }

    public DatabaseOptions DatabaseOptions { get; }

    public static async Task<Start> PrepareAsync(IConfiguration configuration, string dataFolder, CancellationToken cancel)
    {
        var options = configuration.GetSection("Database").Get<DatabaseOptions>() ?? new DatabaseOptions();
        EmbeddedPostgres? postgres = null;
        var connectionString = configuration.GetConnectionString("Postgres");
        if (string.IsNullOrWhiteSpace(connectionString))
        {
            postgres = await EmbeddedPostgres.StartAsync(Path.Combine(dataFolder, "postgres"), durable: true, cancel);
            connectionString = postgres.ConnectionString;
        }

        await Migrator.WaitForDatabaseAsync(connectionString, TimeSpan.FromSeconds(options.MigrationWaitSeconds), TimeProvider.System, cancel);
        if (options.Migrate) await Migrator.RunAsync(connectionString, cancel);
        else await Migrator.WaitAsync(connectionString, TimeSpan.FromSeconds(options.MigrationWaitSeconds), TimeProvider.System, cancel);
        var database = new Database(connectionString, options);
        var access = configuration.GetSection("Access").Get<AccessOptions>() ?? new AccessOptions();
        if (access.CredentialsFile is { Length: > 0 } given) await FirstCredentials.EnsureGivenAsync(database, given, cancel);
        else await FirstCredentials.EnsureAsync(database, dataFolder, cancel);
        return new Start(postgres, database, options);
    }

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        if (_postgres is not null) await _postgres.DisposeAsync();
    }
}

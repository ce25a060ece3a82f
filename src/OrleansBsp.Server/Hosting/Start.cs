using Npgsql;
using OrleansBsp.Server.Access;
using OrleansBsp.Server.Settings;
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

    /// <exception cref="SettingsException">The database or a file that the settings lead to is not what it has to be.</exception>
    public static async Task<Start> PrepareAsync(IConfiguration configuration, string dataFolder, CancellationToken cancel)
    {
        var options = configuration.GetSection("Database").Get<DatabaseOptions>() ?? new DatabaseOptions();
        var credentialsFile = configuration["Access:CredentialsFile"];
        try
        {
            EmbeddedPostgres? postgres = null;
            if (configuration.GetConnectionString("Postgres") is { } connectionString && !string.IsNullOrWhiteSpace(connectionString)) await ReachAsync(connectionString, options, cancel);
            else connectionString = (postgres = await EmbeddedPostgres.StartAsync(Path.Combine(dataFolder, "postgres"), durable: true, cancel)).ConnectionString;

            await MigrateAsync(connectionString, options, cancel);
            var database = new Database(connectionString, options);
            if (credentialsFile is { Length: > 0 }) await FirstCredentials.EnsureGivenAsync(database, credentialsFile, cancel);
            else await FirstCredentials.EnsureAsync(database, dataFolder, cancel);
            return new Start(postgres, database, options);
        }
        catch (Exception failure) when (failure is InvalidDataException or UnauthorizedAccessException)
        {
            throw new SettingsException($"{(credentialsFile is { Length: > 0 } ? "Access__CredentialsFile" : "BSP_DATA")}: {failure.Message}", failure);
        }
    }

    private static async Task ReachAsync(string connectionString, DatabaseOptions options, CancellationToken cancel)
    {
        try
        {
            await Migrator.WaitForDatabaseAsync(connectionString, TimeSpan.FromSeconds(options.MigrationWaitSeconds), TimeProvider.System, cancel);
        }
        catch (NpgsqlException failure) when (!Passing.Is(failure))
        {
            throw ConnectionSetting.Refused(connectionString, failure);
        }
    }

    private static async Task MigrateAsync(string connectionString, DatabaseOptions options, CancellationToken cancel)
    {
        try
        {
            if (options.Migrate) await Migrator.RunAsync(connectionString, cancel);
            else await Migrator.WaitAsync(connectionString, TimeSpan.FromSeconds(options.MigrationWaitSeconds), TimeProvider.System, cancel);
        }
        catch (InvalidOperationException failure) when (failure.InnerException is PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege } answer)
        {
            throw new SettingsException($"{ConnectionSetting.Name}: its role may not make tables: {answer.MessageText}. Make it the owner of the database.", failure);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        if (_postgres is not null) await _postgres.DisposeAsync();
    }
}

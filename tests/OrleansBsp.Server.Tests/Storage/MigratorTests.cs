using Npgsql;
using OrleansBsp.Server.Storage;

namespace OrleansBsp.Server.Tests.Storage;

public sealed class MigratorTests
{
    [Fact]
    public async Task Migrations_run_twice_change_nothing()
    {
        var database = await PostgresServer.CreateDatabaseAsync();
        var before = await SchemaAsync(database);

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Migrator.RunAsync(database, CancellationToken.None)));

        Assert.Equal(before, await SchemaAsync(database));
        Assert.NotEmpty(before);
    }

    [Fact]
    public async Task Waiting_changes_nothing_and_ends_when_another_process_has_migrated()
    {
        var database = await PostgresServer.CreateDatabaseAsync();
        await ExecuteAsync(database, "drop schema public cascade; create schema public");

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => Migrator.WaitAsync(database, TimeSpan.Zero, TimeProvider.System, CancellationToken.None));
        Assert.Contains("0001_orleans.sql", refused.Message, StringComparison.Ordinal);
        Assert.Contains("'migrate'", refused.Message, StringComparison.Ordinal);
        Assert.Empty(await SchemaAsync(database));

        var waiting = Migrator.WaitAsync(database, TimeSpan.FromMinutes(1), TimeProvider.System, CancellationToken.None);
        Assert.False(waiting.IsCompleted);
        await Migrator.RunAsync(database, CancellationToken.None);
        await waiting;
    }

    [Fact]
    public async Task A_database_that_is_ahead_is_good_enough_and_one_that_lacks_a_single_script_is_not()
    {
        var database = await PostgresServer.CreateDatabaseAsync();
        await ExecuteAsync(database, "insert into schemaversions (scriptname, applied) values ('OrleansBsp.Server.Storage.Migrations.9999_of_a_newer_version.sql', now())");
        await Migrator.WaitAsync(database, TimeSpan.Zero, TimeProvider.System, CancellationToken.None);

        await ExecuteAsync(database, "delete from schemaversions where scriptname like '%0008_fence.sql'");
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => Migrator.WaitAsync(database, TimeSpan.Zero, TimeProvider.System, CancellationToken.None));
        Assert.Contains("0008_fence.sql", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("0007", refused.Message, StringComparison.Ordinal);
    }

    private static async Task ExecuteAsync(string database, string sql)
    {
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<List<string>> SchemaAsync(string database)
    {
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            "select table_name || '.' || column_name || ' ' || data_type from information_schema.columns where table_schema = 'public' order by 1", connection);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<string>();
        while (await reader.ReadAsync()) rows.Add(reader.GetString(0));
        return rows;
    }
}

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

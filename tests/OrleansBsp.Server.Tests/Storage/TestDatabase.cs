using Dapper;
using Npgsql;

namespace OrleansBsp.Server.Tests.Storage;

/// <summary>A look into a test's database.</summary>
internal static class TestDatabase
{
    public static async Task<T> ReadAsync<T>(string connectionString, string sql, object? arguments)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        return (await connection.ExecuteScalarAsync<T>(sql, arguments))!;
    }

    public static async Task<List<T>> ListAsync<T>(string connectionString, string sql, object? arguments)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        return [.. await connection.QueryAsync<T>(sql, arguments)];
    }
}

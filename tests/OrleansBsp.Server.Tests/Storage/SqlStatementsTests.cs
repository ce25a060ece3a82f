using System.Reflection;
using System.Text.RegularExpressions;
using Npgsql;
using OrleansBsp.Server.Storage;

namespace OrleansBsp.Server.Tests.Storage;

/// <summary>Every statement that the server can run, planned by PostgreSQL on the schema of this version: a typo fails here.</summary>
public sealed partial class SqlStatementsTests(SqlStatementsTests.MigratedDatabase database) : IClassFixture<SqlStatementsTests.MigratedDatabase>
{
    /// <summary>Types of parameters that stand where PostgreSQL cannot infer them (<c>unnest</c>, <c>cardinality</c>).</summary>
    private static readonly Dictionary<string, string> Arrays = new()
    {
        ["bodies"] = "text[]", ["InboxSql.bodies"] = "bytea[]", ["positions"] = "int[]", ["phones"] = "bigint[]", ["states"] = "smallint[]", ["attempts"] = "smallint[]", ["statesRead"] = "smallint[]", ["attemptsRead"] = "smallint[]", ["CampaignSql.refusals"] = "smallint[]",
        ["kinds"] = "smallint[]", ["waits"] = "interval[]", ["codes"] = "int[]", ["details"] = "text[]", ["wamids"] = "text[]", ["keys"] = "bigint[]",
        ["waIds"] = "bigint[]", ["accepted"] = "timestamptz[]", ["sent"] = "timestamptz[]", ["delivered"] = "timestamptz[]", ["read"] = "timestamptz[]",
        ["failed"] = "timestamptz[]", ["outcomes"] = "text[]", ["traces"] = "text[]", ["types"] = "text[]", ["previews"] = "text[]", ["replies"] = "text[]",
        ["times"] = "timestamptz[]", ["offsets"] = "bigint[]", ["paths"] = "text[]", ["reasons"] = "text[]", ["snippets"] = "text[]", ["displays"] = "text[]",
        ["names"] = "text[]", ["qualities"] = "text[]", ["statuses"] = "text[]", ["levels"] = "text[]", ["throughputs"] = "int[]", ["languages"] = "text[]",
        ["categories"] = "text[]", ["formats"] = "text[]", ["components"] = "text[]", ["ids"] = "text[]", ["campaigns"] = "bigint[]", ["moments"] = "timestamptz[]", ["InboxSql.ids"] = "bigint[]",
    };

    public static TheoryData<string> Names => [.. Statements().Select(statement => statement.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Each_statement_can_be_planned(string name)
    {
        var sql = Statements().Single(statement => statement.Name == name).Sql;
        await using var connection = new NpgsqlConnection(database.ConnectionString);
        await connection.OpenAsync();
        await PlanAsync(name, sql, connection);
    }

    [Fact]
    public async Task Each_query_of_orleans_can_be_planned()
    {
        await using var connection = new NpgsqlConnection(database.ConnectionString);
        await connection.OpenAsync();
        var queries = new List<(string Name, string Sql)>();
        await using (var command = new NpgsqlCommand("select querykey, querytext from orleansquery", connection))
        await using (var reader = await command.ExecuteReaderAsync())
            while (await reader.ReadAsync()) queries.Add((reader.GetString(0), reader.GetString(1)));

        Assert.Equal(12, queries.Count);
        foreach (var (name, sql) in queries) await PlanAsync(name, sql, connection);
    }

    [Fact]
    public async Task A_typo_does_not_pass()
    {
        await using var connection = new NpgsqlConnection(database.ConnectionString);
        await connection.OpenAsync();

        await Assert.ThrowsAsync<PostgresException>(() => PlanAsync("X", "select id from campaign where idd = @id", connection));
    }

    [Fact]
    public void Every_slice_with_statements_is_here() =>
        Assert.True(Classes().Count() >= 12, string.Join(", ", Classes().Select(type => type.Name)));

    private static async Task PlanAsync(string name, string sql, NpgsqlConnection connection)
    {
        if (sql.StartsWith("copy ", StringComparison.Ordinal))
        {
            await using var import = await connection.BeginBinaryImportAsync(sql);
            return; // not completed: nothing is stored
        }

        if (sql.StartsWith("set ", StringComparison.Ordinal))
        {
            await using var set = new NpgsqlCommand(sql, connection);
            await set.ExecuteNonQueryAsync();
            return;
        }

        var slice = name.Split('.')[0];
        var isBatch = sql.Contains("unnest(", StringComparison.Ordinal) || sql.Contains("any (", StringComparison.Ordinal) || sql.Contains("any(", StringComparison.Ordinal);
        var typed = !isBatch ? sql : Parameter().Replace(sql, match => TypeOf(slice, match.Value[1..]) is { } type ? $"{match.Value}::{type}" : match.Value);
        await using var plan = new NpgsqlCommand(typed, connection);
        NpgsqlCommandBuilder.DeriveParameters(plan);
        foreach (NpgsqlParameter parameter in plan.Parameters) parameter.Value = DBNull.Value;
        plan.CommandText = "explain " + typed;
        await plan.ExecuteNonQueryAsync();
    }

    private static string? TypeOf(string slice, string parameter) => Arrays.GetValueOrDefault($"{slice}.{parameter}") ?? Arrays.GetValueOrDefault(parameter);

    private static IEnumerable<Type> Classes() => typeof(Database).Assembly.GetTypes().Where(type => type.Name.EndsWith("Sql", StringComparison.Ordinal));

    private static IEnumerable<(string Name, string Sql)> Statements() =>
        from type in Classes()
        from field in type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)
        where field.IsLiteral && field.FieldType == typeof(string)
        select ($"{type.Name}.{field.Name}", (string)field.GetRawConstantValue()!);

    [GeneratedRegex("@[A-Za-z]+")]
    private static partial Regex Parameter();

    public sealed class MigratedDatabase : IAsyncLifetime
    {
        public string ConnectionString { get; private set; } = "";

        public async Task InitializeAsync() => ConnectionString = await PostgresServer.CreateDatabaseAsync();

        public Task DisposeAsync() => Task.CompletedTask;
    }
}

using Npgsql;
using OrleansBsp.Server.Access;
using OrleansBsp.Server.Hosting;
using OrleansBsp.Server.Tests.Storage;

namespace OrleansBsp.Server.Tests.Hosting;

public sealed class CommandTests
{
    [Fact]
    public async Task Migrate_brings_the_schema_and_the_given_login_and_ends()
    {
        var connectionString = await EmptyDatabaseAsync();
        var folder = Directory.CreateTempSubdirectory("bsp-migrate-").FullName;
        var given = Path.Combine(folder, "given.json");
        await File.WriteAllTextAsync(given, $$"""{"adminEmail":"first@example.com","adminPassword":"a long password","apiKey":"{{ApiKey.Make()}}"}""");

        // Off for the servers of the installation; the command is how it is done then.
        var (code, _, errors) = await ServerCommand.RunAsync(["migrate"], new Dictionary<string, string>
        {
            ["ConnectionStrings__Postgres"] = connectionString, ["BSP_DATA"] = Path.Combine(folder, "data"), ["Database__Migrate"] = "false", ["Access__CredentialsFile"] = given,
        });

        Assert.True(code == 0, errors);
        Assert.Equal("first@example.com", await ScalarAsync(connectionString, "select email from app_user"));
        Assert.Empty(Directory.GetFiles(Path.Combine(folder, "data"), "credentials.json"));
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_slip_in_a_command_starts_no_server()
    {
        var (code, _, errors) = await ServerCommand.RunAsync(["migrat"], new Dictionary<string, string>());
        Assert.Equal(2, code);
        Assert.Contains("'migrate'", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("help")]
    public async Task Help_names_the_commands_and_starts_no_server(string asked)
    {
        var (code, output, errors) = await ServerCommand.RunAsync([asked], new Dictionary<string, string>());
        Assert.Equal((0, ""), (code, errors));
        Assert.All((string[])[Command.Migrate, Command.Health], command => Assert.Contains($"OrleansBsp.Server {command} ", output, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Health_without_a_server_says_so()
    {
        var (code, _, errors) = await ServerCommand.RunAsync(["health"], new Dictionary<string, string> { ["BSP_URL"] = "http://+:9" });
        Assert.Equal(1, code);
        Assert.Contains("http://127.0.0.1:9/ does not answer", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "http://127.0.0.1:8080/")]
    [InlineData("", "http://127.0.0.1:8080/")]
    [InlineData("http://+:8080", "http://127.0.0.1:8080/")]
    [InlineData("http://*:81", "http://127.0.0.1:81/")]
    [InlineData("http://0.0.0.0:8080", "http://127.0.0.1:8080/")]
    [InlineData("http://[::]:8080", "http://127.0.0.1:8080/")]
    [InlineData("http://10.0.0.7:8080;http://10.0.0.8:8080", "http://10.0.0.7:8080/")]
    public void Health_asks_where_the_server_listens(string? listens, string asked) => Assert.Equal(asked, HealthCommand.Reachable(listens).ToString());

    [Theory]
    [InlineData(null)]
    [InlineData(null, "migrate")]
    [InlineData(null, "health")]
    [InlineData(null, "--Meta:SendTimeoutSeconds", "5")]
    [InlineData(null, "Meta:SendTimeoutSeconds=5")]
    [InlineData("migrate --dry", "migrate", "--dry")]
    [InlineData("serve", "serve")]
    public void Unknown_commands_are_refused_and_settings_are_not(string? refused, params string[] args)
    {
        if (refused is null) Assert.Null(Command.UnknownOrNull(args));
        else Assert.Contains(refused, Command.UnknownOrNull(args), StringComparison.Ordinal);
    }

    private static async Task<string> EmptyDatabaseAsync()
    {
        var connectionString = await PostgresServer.CreateDatabaseAsync();
        await ScalarAsync(connectionString, "drop schema public cascade; create schema public; select 1");
        return connectionString;
    }

    private static async Task<object?> ScalarAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }
}

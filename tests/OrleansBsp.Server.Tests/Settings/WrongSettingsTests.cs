using Npgsql;
using OrleansBsp.Server.Settings;
using OrleansBsp.Server.Tests.Storage;

namespace OrleansBsp.Server.Tests.Settings;

/// <summary>A start with a wrong setting ends with a code of its own and says what is wrong in a line, without a stack trace.</summary>
public sealed class WrongSettingsTests : IDisposable
{
    private const string Form = "it must have the form Host=…;Username=…;Password=…;Database=…, with quotes around a value that has ; or = in it.";
    private const string Listens = "it must be an address such as http://127.0.0.1:8080, or http://+:8080 for every address of this machine.";

    private readonly string _folder = Directory.CreateTempSubdirectory("bsp-wrong-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("ConnectionStrings__Postgres", "garbage-with-secret", $"ConnectionStrings__Postgres: {Form}")]
    [InlineData("ConnectionStrings__Postgres", "postgres://bsp:secret@db/bsp", $"ConnectionStrings__Postgres: {Form}")]
    [InlineData("ConnectionStrings__Postgres", "Host=db;Usernam=bsp;Password=secret", "ConnectionStrings__Postgres: there is no keyword usernam; did you mean Username?")]
    [InlineData("ConnectionStrings__Postgres", "Host=db;Password=a;secret=c", "ConnectionStrings__Postgres: one of its keywords does not exist (it is not shown, as it may be part of a password). A value that has ; or = in it needs quotes.")]
    [InlineData("ConnectionStrings__Postgres", "Host=db;Port=x;Password=secret", "ConnectionStrings__Postgres: the value of port cannot be used.")]
    [InlineData("ConnectionStrings__Postgres", "Username=bsp;Password=secret", "ConnectionStrings__Postgres: it names no Host.")]
    [InlineData("Queue__Kind", "Rabbit", "Queue__Kind=Rabbit: it must be InProcess or Sqs.")]
    [InlineData("Queue__Kind", "7", "Queue__Kind=7: it must be InProcess or Sqs.")]
    [InlineData("Ingest__Kind", "sqsx", "Ingest__Kind=sqsx: it must be InProcess or Sqs.")]
    [InlineData("Queue__Kind", "Sqs", "Queue__Kind=Sqs: the queues' region is not known. Set Queue__Sqs__Region (such as ap-south-1), or Queue__Sqs__ServiceUrl for a server that is not Amazon's.")]
    [InlineData("Queue__Sqs__VisibilitySeconds", "0", "Queue__Sqs__VisibilitySeconds=0: it must be 1 to 43200.")]
    [InlineData("Queue__Sqs__ServiceUrl", "localhost:4566", "Queue__Sqs__ServiceUrl=localhost:4566: it must be an address such as http://host:8080/.")]
    [InlineData("Database__PoolSize", "0", "Database__PoolSize=0: it must be 1 to 1000.")]
    [InlineData("Database__PoolSize", "many", "Database__PoolSize=many: it must be a whole number.")]
    [InlineData("Database__Migrate", "maybe", "Database__Migrate=maybe: it must be true or false.")]
    [InlineData("Conversations__RestAfterSeconds", "60", "Conversations__RestAfterSeconds=60: it must be 61 to 86400.")]
    [InlineData("Audience__MaxUploadBytes", "0", "Audience__MaxUploadBytes=0: it must be 1 or more.")]
    [InlineData("Cluster__SiloPort", "65536", "Cluster__SiloPort=65536: it must be 0 to 65535.")]
    [InlineData("Cluster__Advertise", "silo-1", "Cluster__Advertise=silo-1: it must be an IP address of this machine, such as 10.0.0.7.")]
    [InlineData("Meta__GraphBaseUrl", "notaurl", "Meta__GraphBaseUrl=notaurl: it must be an address such as http://host:8080/.")]
    [InlineData("Meta__TokenKeyFile", "/nowhere/token.key", "Meta__TokenKeyFile: The token key file /nowhere/token.key does not exist.")]
    [InlineData("Access__CredentialsFile", "/nowhere/first.json", "Access__CredentialsFile: /nowhere/first.json must hold adminEmail, adminPassword and apiKey ('bsp_' and 32 random bytes in base64url): there is no user yet.")]
    [InlineData("Telemetry__TraceRatio", "1.5", "Telemetry__TraceRatio=1.5: it must be 0 to 1.")]
    [InlineData("Telemetry__MetricsUrl", "foo", $"Telemetry__MetricsUrl=foo: {Listens}")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4317", "OTEL_EXPORTER_OTLP_ENDPOINT=collector:4317: it must be an address such as http://host:8080/.")]
    [InlineData("BSP_URL", "nonsense", $"BSP_URL=nonsense: {Listens}")]
    [InlineData("BSP_URL", "http://127.0.0.1:port", $"BSP_URL=http://127.0.0.1:port: {Listens}")]
    [InlineData("BSP_URL", "http://192.0.2.1:8080", "BSP_URL=http://192.0.2.1:8080: this process cannot listen on port 8080 of 192.0.2.1: Cannot assign requested address.")]
    [InlineData("BSP_DATA", "/proc/x", "BSP_DATA=/proc/x: the data folder cannot be made: Could not find file '/proc/x'. Choose one that the user of this process may write to.")]
    [InlineData("Roles", "dispach", "Roles: there is no role 'dispach'. There are api, webhooks, dispatch, connectors; leave Roles out for all of them.")]
    public async Task A_wrong_setting_ends_the_start_with_what_to_do(string name, string value, string said)
    {
        var errors = await RefusedAsync((name, value));
        Assert.Equal(said, errors);
        if (name == "ConnectionStrings__Postgres") Assert.DoesNotContain("secret", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_that_is_wrong_is_said_at_once() =>
        Assert.Equal(["Database__PoolSize=0: it must be 1 to 1000.", "Queue__Kind=x: it must be InProcess or Sqs."], (await RefusedAsync(("Queue__Kind", "x"), ("Database__PoolSize", "0"))).Split('\n'));

    [Fact]
    public async Task Ports_that_must_differ_are_both_named() =>
        Assert.Equal("Cluster__SiloPort=11111 and Cluster__GatewayPort=11111: they must differ.", await RefusedAsync(("Cluster__SiloPort", "11111"), ("Cluster__GatewayPort", "11111")));

    [Theory]
    [InlineData("bsp", null, "database \"nowhere\" does not exist (3D000)")]
    [InlineData("bsp", "wrong-secret", "password authentication failed for user \"bsp\" (28P01)")]
    [InlineData("stranger", null, "(28")] // a role that does not exist: what is said depends on pg_hba.conf
    public async Task What_the_database_says_no_to_is_said_with_the_setting_and_without_its_password(string user, string? password, string reason)
    {
        var right = new NpgsqlConnectionStringBuilder(await PostgresServer.CreateDatabaseAsync());
        var wrong = new NpgsqlConnectionStringBuilder(right.ConnectionString) { Username = user, Database = "nowhere", Password = password ?? right.Password };
        var errors = await RefusedAsync(("ConnectionStrings__Postgres", wrong.ConnectionString));
        Assert.StartsWith($"ConnectionStrings__Postgres (Host=127.0.0.1;Port={right.Port};Username={user};Database=nowhere): the connection is refused: ", errors, StringComparison.Ordinal);
        Assert.Contains(reason, errors, StringComparison.Ordinal);
        Assert.DoesNotContain(wrong.Password!, errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_role_that_may_not_make_tables_is_told_what_it_needs()
    {
        var right = await PostgresServer.CreateDatabaseAsync();
        var role = $"poor_{Guid.NewGuid():N}";
        await TestDatabase.ListAsync<int>(right, $"drop schema public cascade; create schema public; grant usage on schema public to public; create role {role} login password 'poor'; select 1", null);
        try
        {
            var errors = await RefusedAsync(("ConnectionStrings__Postgres", new NpgsqlConnectionStringBuilder(right) { Username = role, Password = "poor" }.ConnectionString));
            Assert.Equal("ConnectionStrings__Postgres: its role may not make tables: permission denied for schema public. Make it the owner of the database.", errors);
        }
        finally
        {
            await TestDatabase.ListAsync<int>(right, $"drop role {role}; select 1", null);
        }
    }

    [Fact]
    public async Task The_health_check_says_it_too()
    {
        var (code, _, errors) = await ServerCommand.RunAsync(["health"], new Dictionary<string, string> { ["BSP_URL"] = "nonsense" });
        Assert.Equal((SettingsException.ExitCode, $"BSP_URL=nonsense: {Listens}"), (code, errors.Trim()));
    }

    /// <returns>What was said, trimmed.</returns>
    private async Task<string> RefusedAsync(params (string Name, string Value)[] settings)
    {
        var all = new Dictionary<string, string>
        {
            ["BSP_DATA"] = _folder, ["BSP_URL"] = $"http://127.0.0.1:{Ports.Next()}", ["Cluster__SiloPort"] = "0", ["Cluster__GatewayPort"] = "0", ["AWS_EC2_METADATA_DISABLED"] = "true", ["AWS_REGION"] = "",
            ["ConnectionStrings__Postgres"] = await PostgresServer.CreateDatabaseAsync(),
        };
        foreach (var (name, value) in settings) all[name] = value;
        var (code, output, errors) = await ServerCommand.RunAsync([], all);
        Assert.True(code == SettingsException.ExitCode, $"{code}: {output}{errors}");
        Assert.Equal("", output);
        return errors.Trim();
    }
}

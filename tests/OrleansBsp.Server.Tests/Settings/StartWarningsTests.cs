using System.Globalization;
using OrleansBsp.Server.Tests.Cluster;

namespace OrleansBsp.Server.Tests.Settings;

/// <summary>What can be meant and is probably not does not keep a process from starting; it is in the log.</summary>
public sealed class StartWarningsTests(StartWarningsTests.Servers servers) : IClassFixture<StartWarningsTests.Servers>
{
    private const string NoAppSecret = "Meta__AppSecret is empty: every webhook is answered 401", NoVerifyToken = "Meta__VerifyToken is empty: Meta's check";

    [Fact]
    public void Missing_secrets_of_Meta_are_named_where_webhooks_come_in()
    {
        Assert.Single(servers.Careless.Log, line => line.Contains(NoAppSecret, StringComparison.Ordinal));
        Assert.Single(servers.Careless.Log, line => line.Contains(NoVerifyToken, StringComparison.Ordinal));
    }

    [Fact]
    public void A_name_that_means_nothing_is_told() =>
        Assert.Single(servers.Careless.Log, line => line.Contains("There is no setting Cluster__SiloPrt", StringComparison.Ordinal) && !line.Contains("4711", StringComparison.Ordinal));

    /// <summary>Also guards that what the other tests, <c>./bsp run</c> and we ourselves set is known.</summary>
    [Fact]
    public void Who_misspelt_nothing_is_not_warned()
    {
        foreach (var server in (ServerProcess[])[servers.Careful, servers.Api]) Assert.DoesNotContain(server.Log, line => line.Contains("There is no se", StringComparison.Ordinal));
    }

    [Fact]
    public void Who_has_them_or_takes_no_webhooks_is_not_warned()
    {
        foreach (var server in (ServerProcess[])[servers.Careful, servers.Api])
            Assert.DoesNotContain(server.Log, line => line.Contains(NoAppSecret, StringComparison.Ordinal) || line.Contains(NoVerifyToken, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Lines_have_their_moment_and_no_advice_on_the_collector()
    {
        var asConfigured = servers.Careful.Log.Count;
        await servers.Careful.StopAsync();
        foreach (var name in (string[])["TimestampFormat", "SingleLine"]) servers.Careful.Set($"Logging__Console__FormatterOptions__{name}", null); // the tests' own
        servers.Careful.Set("Logging__Console__FormatterName", null);
        await servers.Careful.StartAgainAsync();

        await Eventually.IsTrueAsync(() => servers.Careful.Log.Skip(asConfigured).Any(IsListening), "the log says that it listens");
        var started = Assert.Single(servers.Careful.Log.Skip(asConfigured), IsListening);
        var moment = DateTimeOffset.ParseExact(started.Split(' ')[0], "yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
        Assert.InRange(moment, DateTimeOffset.UtcNow.AddMinutes(-2), DateTimeOffset.UtcNow.AddSeconds(1));
        Assert.DoesNotContain(servers.Careful.Log, line => line.Contains("ServerGC", StringComparison.Ordinal));

        static bool IsListening(string line) => line.Contains("info: Microsoft.Hosting.Lifetime[14]", StringComparison.Ordinal);
    }

    /// <summary>One that lacks everything, one that has all it needs, and a client of the latter's that takes no webhooks.</summary>
    public sealed class Servers : IAsyncLifetime
    {
        private readonly string _folder = Directory.CreateTempSubdirectory("bsp-warnings-").FullName;

        public ServerProcess Careless { get; private set; } = null!;

        public ServerProcess Careful { get; private set; } = null!;

        public ServerProcess Api { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            var cluster = $"warnings-{Guid.NewGuid():N}";
            Careless = await StartAsync(new() { ["Cluster__SiloPrt"] = "4711" });
            Careful = await StartAsync(new() { ["Meta__AppSecret"] = "secret", ["Meta__VerifyToken"] = "token", ["Cluster__ClusterId"] = cluster });
            Api = await ServerProcess.StartAsync(
                Careful.DataFolder, Careful.Setting("ConnectionStrings__Postgres"), new Dictionary<string, string> { ["Roles"] = "api", ["Cluster__ClusterId"] = cluster });
        }

        public async Task DisposeAsync()
        {
            foreach (var server in (ServerProcess[])[Api, Careful, Careless]) await server.DisposeAsync();
            Directory.Delete(_folder, recursive: true);
        }

        private async Task<ServerProcess> StartAsync(Dictionary<string, string> settings) =>
            await ServerProcess.StartAsync(Path.Combine(_folder, $"{Guid.NewGuid():N}"), await PostgresServer.CreateDatabaseAsync(), settings);
    }
}

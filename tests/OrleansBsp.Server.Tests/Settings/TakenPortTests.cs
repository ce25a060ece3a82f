using OrleansBsp.Server.Settings;
using OrleansBsp.Server.Tests.Storage;

namespace OrleansBsp.Server.Tests.Settings;

/// <summary>A second process that is given the ports of a first one ends, and not the first one.</summary>
public sealed class TakenPortTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("bsp-taken-").FullName;
    private ServerProcess _first = null!;

    public async Task InitializeAsync() =>
        _first = await ServerProcess.StartAsync(Path.Combine(_folder, "data"), await PostgresServer.CreateDatabaseAsync(), new Dictionary<string, string>());

    public async Task DisposeAsync()
    {
        await _first.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_taken_port_ends_the_start_and_whoever_has_it_goes_on()
    {
        foreach (var setting in (string[])["Cluster__SiloPort", "Cluster__GatewayPort", "BSP_URL"])
        {
            var (code, output, errors) = await ServerCommand.RunAsync([], new Dictionary<string, string>
            {
                ["Cluster__SiloPort"] = "0", ["Cluster__GatewayPort"] = "0", ["BSP_URL"] = $"http://127.0.0.1:{Ports.Next()}", [setting] = _first.Setting(setting),
                ["BSP_DATA"] = _first.DataFolder, ["ConnectionStrings__Postgres"] = _first.Setting("ConnectionStrings__Postgres"), ["Cluster__ClusterId"] = _first.Setting("Cluster__ClusterId"),
            });
            Assert.Equal((SettingsException.ExitCode, ""), (code, output));
            Assert.StartsWith($"{setting}={_first.Setting(setting)}: port {_first.Setting(setting).Split(':')[^1]} is taken", errors, StringComparison.Ordinal);
            Assert.Single(errors.Trim().Split('\n'));
        }

        using var http = new HttpClient { BaseAddress = _first.Url };
        using var answer = await http.GetAsync("health/ready");
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_process_that_was_killed_starts_again_on_its_ports()
    {
        await _first.KillAsync();
        await _first.StartAgainAsync();
    }
}

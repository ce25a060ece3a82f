using System.Globalization;
using System.Text.Json.Nodes;
using OrleansBsp.Load.Processes;
using OrleansBsp.Server.Storage;

namespace OrleansBsp.Load.Rig;

/// <summary>
/// The whole product on this machine in a temporary folder: PostgreSQL with durable commits, the simulator and the server as processes of
/// their own. Each scenario gets a fresh one, so that no figure depends on what ran before.
/// </summary>
internal sealed class LoadRig : IAsyncDisposable
{
    public const string AppSecret = "load-app-secret";
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(120);

    private readonly string _folder;
    private EmbeddedPostgres? _postgres;
    private ChildProcess? _simulator;
    private ChildProcess? _server;

    private LoadRig(string folder) => _folder = folder;

    public BspApi Api { get; private set; } = null!;

    public SimulatorControl Simulator { get; private set; } = null!;

    public Books Books { get; private set; } = null!;

    public Recipients Recipients { get; } = new();

    /// <summary>Where Meta's webhooks go.</summary>
    public Uri WebhookUrl { get; private set; } = null!;

    public int ServerId => _server!.Id;

    /// <summary>The parties whose processor time is measured.</summary>
    public IReadOnlyList<(string Name, int Id)> Parties =>
        [("server", _server!.Id), ("PostgreSQL", PostmasterId()), ("simulator", _simulator!.Id), ("load tool", Environment.ProcessId)];

    public static async Task<LoadRig> StartAsync(int numbers, CancellationToken cancel)
    {
        var folder = Path.Combine(Path.GetTempPath(), $"bsp-load-{Guid.NewGuid():N}"[..17]);
        Directory.CreateDirectory(folder);
        var rig = new LoadRig(folder);
        try
        {
            await rig.StartProcessesAsync(cancel);
            await rig.Simulator.PostAsync("world", World.Describe(numbers), cancel);
            // Everybody reads, soon: a message's whole life within half a second, all three statuses always.
            await rig.Simulator.PostAsync("statuses", new
            {
                sentMinMs = 20, sentMaxMs = 150, deliveredMinMs = 20, deliveredMaxMs = 150, readMinMs = 20, readMaxMs = 150, readProbability = 1.0,
            }, cancel);
            await rig.Api.AddAccountAsync(cancel);
            return rig;
        }
        catch
        {
            await rig.DisposeAsync();
            throw;
        }
    }

    /// <exception cref="InvalidOperationException">The server or the simulator has ended by itself.</exception>
    public void ThrowIfEnded()
    {
        _server!.ThrowIfEnded();
        _simulator!.ThrowIfEnded();
    }

    public async ValueTask DisposeAsync()
    {
        Api?.Dispose();
        Simulator?.Dispose();
        if (Books is not null) await Books.DisposeAsync();
        if (_server is not null) await _server.DisposeAsync();
        if (_simulator is not null) await _simulator.DisposeAsync();
        if (_postgres is not null) await _postgres.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task StartProcessesAsync(CancellationToken cancel)
    {
        _postgres = await EmbeddedPostgres.StartAsync(Path.Combine(_folder, "postgres"), durable: true, cancel);
        var ports = FreePorts.Find(3);
        Uri server = Local(ports[0]), graph = Local(ports[1]), graph2 = Local(ports[2]);
        WebhookUrl = new Uri(server, "webhooks/meta");
        _simulator = await ChildProcess.StartAsync("OrleansBsp.Simulator", _folder,
            [
                "--Simulator:Url", graph.ToString(), "--Simulator:Http2Url", graph2.ToString(), "--Simulator:WebhookUrl", WebhookUrl.ToString(),
                "--Simulator:AppSecret", AppSecret, "--Simulator:DefaultWorld", "false", "--Simulator:Webhooks:Concurrency", "64",
            ], new Dictionary<string, string>(), cancel);
        _server = await ChildProcess.StartAsync("OrleansBsp.Server", _folder, [], new Dictionary<string, string>
        {
            ["BSP_DATA"] = Path.Combine(_folder, "data"),
            ["BSP_URL"] = server.ToString(),
            ["ConnectionStrings__Postgres"] = _postgres.ConnectionString,
            ["Meta__GraphBaseUrl"] = new Uri(graph2, "v26.0/").ToString(),
            ["Meta__Http2PriorKnowledge"] = "true",
            ["Meta__AppSecret"] = AppSecret,
            ["Cluster__SiloPort"] = "0",
            ["Cluster__GatewayPort"] = "0",
        }, cancel);

        await WaitUntilReadyAsync(new Uri(graph, "control/health"), _simulator, cancel);
        await WaitUntilReadyAsync(new Uri(server, "health/ready"), _server, cancel);
        Api = new BspApi(server, await ReadApiKeyAsync(cancel));
        Simulator = new SimulatorControl(graph);
        Books = new Books(_postgres.ConnectionString);
    }

    private async Task<string> ReadApiKeyAsync(CancellationToken cancel) =>
        (string)JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(_folder, "data", "credentials.json"), cancel))!["apiKey"]!;

    private int PostmasterId() =>
        int.Parse(File.ReadLines(Path.Combine(_folder, "postgres", "data", "postmaster.pid")).First(), CultureInfo.InvariantCulture);

    private static async Task WaitUntilReadyAsync(Uri address, ChildProcess process, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(StartLimit);
        using var http = new HttpClient();
        while (true)
        {
            process.ThrowIfEnded();
            try
            {
                using var response = await http.GetAsync(address, limit.Token);
                if (response.IsSuccessStatusCode) return;
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }

            await Task.Delay(100, limit.Token);
        }
    }

    private static Uri Local(int port) => new($"http://127.0.0.1:{port}/");
}

using System.Globalization;
using System.Text.Json.Nodes;
using OrleansBsp.Load.Processes;
using OrleansBsp.Server.Storage;

namespace OrleansBsp.Load.Rig;

/// <summary>
/// The whole product on this machine in a temporary folder: PostgreSQL with durable commits, the simulator, and the server as a process of
/// its own or several, with a server that speaks SQS if they use one. Each scenario gets a fresh one, so that no figure depends on what ran before.
/// </summary>
internal sealed class LoadRig : IAsyncDisposable
{
    public const string AppSecret = "load-app-secret";
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(120);

    private readonly string _folder;
    private readonly RigPlan _plan;
    private readonly List<ChildProcess> _silos = [];
    private readonly List<ProcessorShare> _shares = [];
    private EmbeddedPostgres? _postgres;
    private SqsServer? _sqs;
    private ChildProcess? _simulator;
    private ChildProcess? _front;
    private bool _countsStatements;

    private LoadRig(string folder, RigPlan plan) => (_folder, _plan) = (folder, plan);

    public BspApi Api { get; private set; } = null!;

    /// <summary>The first process that hosts grains; it answers about itself only (<c>/metrics</c>).</summary>
    public BspApi SiloApi { get; private set; } = null!;

    public SimulatorControl Simulator { get; private set; } = null!;

    public Books Books { get; private set; } = null!;

    public Recipients Recipients { get; } = new();

    /// <summary>Where Meta's webhooks go.</summary>
    public Uri WebhookUrl { get; private set; } = null!;

    /// <summary>Process ids of those that host grains: the silos, or the one that is everything.</summary>
    public IReadOnlyList<int> GrainHosts => _plan.Silos == 0 ? [_front!.Id] : [.. _silos.Select(silo => silo.Id)];

    /// <summary>Process id of the one in front of the silos; null if one process is everything.</summary>
    public int? Front => _plan.Silos == 0 ? null : _front!.Id;

    /// <summary>The parties whose processor time is measured.</summary>
    public IReadOnlyList<(string Name, int Id)> Parties =>
    [
        .. _silos.Select(silo => ("silos", silo.Id)), (_plan.Silos == 0 ? "server" : "front", _front!.Id), ("PostgreSQL", PostmasterId()),
        .. _sqs is null ? [] : new[] { ("SQS server", _sqs.Id) }, ("simulator", _simulator!.Id), ("load tool", Environment.ProcessId),
    ];

    public static async Task<LoadRig> StartAsync(RigPlan plan, CancellationToken cancel)
    {
        var folder = Path.Combine(Path.GetTempPath(), $"bsp-load-{Guid.NewGuid():N}"[..17]);
        Directory.CreateDirectory(folder);
        var rig = new LoadRig(folder, plan);
        try
        {
            await rig.StartProcessesAsync(cancel);
            await rig.Simulator.PostAsync("world", World.Describe(plan.Numbers), cancel);
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

    /// <summary>Not the plain rig of one process: more is told of where the costs are.</summary>
    public bool IsWatchedClosely => _plan.CountsStatements;

    /// <summary>Begins to count what PostgreSQL does.</summary>
    public Task<DatabaseMeter> MeterDatabaseAsync(CancellationToken cancel) => DatabaseMeter.StartAsync(Books.Database, _countsStatements, cancel);

    /// <summary>From now on each silo has no more of the processors than the plan gives it. Not before: what is compiled at the start would take very long.</summary>
    public void LimitSilos()
    {
        if (_plan.SiloCores is { } cores) _shares.AddRange(_silos.Select(silo => ProcessorShare.Limit(silo.Id, cores)));
    }

    /// <exception cref="InvalidOperationException">A server or the simulator has ended by itself.</exception>
    public void ThrowIfEnded()
    {
        foreach (var process in (ChildProcess[])[.. _silos, _front!, _simulator!]) process.ThrowIfEnded();
    }

    public async ValueTask DisposeAsync()
    {
        Api?.Dispose();
        SiloApi?.Dispose();
        Simulator?.Dispose();
        if (Books is not null) await Books.DisposeAsync();
        if (_front is not null) await _front.DisposeAsync();
        await Task.WhenAll(_silos.Select(silo => silo.DisposeAsync().AsTask()));
        foreach (var share in _shares) share.Dispose();
        if (_simulator is not null) await _simulator.DisposeAsync();
        if (_sqs is not null) await _sqs.DisposeAsync();
        if (_postgres is not null) await _postgres.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task StartProcessesAsync(CancellationToken cancel)
    {
        _postgres = await EmbeddedPostgres.StartAsync(Path.Combine(_folder, "postgres"), durable: true, cancel);
        if (_plan.CountsStatements && await DatabaseMeter.TryLoadAsync(_postgres.ConnectionString, cancel))
        {
            await _postgres.RestartAsync(kill: false, TimeSpan.Zero, cancel);
            _countsStatements = true;
        }

        Books = new Books(_postgres.ConnectionString);
        if (_plan.BySqs) _sqs = await SqsServer.StartAsync(cancel);
        var ports = FreePorts.Find(3 + _plan.Silos);
        Uri front = Local(ports[0]), graph = Local(ports[1]), graph2 = Local(ports[2]);
        WebhookUrl = new Uri(front, "webhooks/meta");
        _simulator = await ChildProcess.StartAsync("OrleansBsp.Simulator", "simulator", _folder,
            [
                "--Simulator:Url", graph.ToString(), "--Simulator:Http2Url", graph2.ToString(), "--Simulator:WebhookUrl", WebhookUrl.ToString(),
                "--Simulator:AppSecret", AppSecret, "--Simulator:DefaultWorld", "false", "--Simulator:Webhooks:Concurrency", "64",
            ], new Dictionary<string, string>(), cancel);
        await WaitUntilReadyAsync(new Uri(graph, "control/health"), _simulator, cancel);
        for (var silo = 1; silo <= _plan.Silos; silo++) _silos.Add(await StartServerAsync($"silo-{silo}", "dispatch", Local(ports[2 + silo]), graph2, cancel));
        _front = await StartServerAsync("server", _plan.Silos == 0 ? "" : "api,webhooks", front, graph2, cancel);

        var key = await ReadApiKeyAsync(cancel);
        Api = new BspApi(front, key);
        SiloApi = new BspApi(_plan.Silos == 0 ? front : Local(ports[3]), key);
        Simulator = new SimulatorControl(graph);
    }

    /// <param name="roles">As in the setting; empty: all.</param>
    private async Task<ChildProcess> StartServerAsync(string name, string roles, Uri address, Uri graph, CancellationToken cancel)
    {
        var settings = new Dictionary<string, string>
        {
            ["BSP_DATA"] = Path.Combine(_folder, "data"),
            ["BSP_URL"] = address.ToString(),
            ["ConnectionStrings__Postgres"] = _postgres!.ConnectionString,
            ["Meta__GraphBaseUrl"] = new Uri(graph, "v26.0/").ToString(),
            ["Meta__Http2PriorKnowledge"] = "true",
            ["Meta__AppSecret"] = AppSecret,
            ["Cluster__SiloName"] = name,
            ["Cluster__SiloPort"] = "0",
            ["Cluster__GatewayPort"] = "0",
            ["Roles"] = roles,
        };
        if (_plan.KeepsConversations) settings["Conversations__RestAfterSeconds"] = "3600";
        if (_sqs is not null) (settings["Queue__Kind"], settings["Queue__Sqs__ServiceUrl"]) = ("Sqs", _sqs.Url.ToString());
        var process = await ChildProcess.StartAsync("OrleansBsp.Server", name, _folder, [], settings, cancel);
        await WaitUntilReadyAsync(new Uri(address, "health/ready"), process, cancel);
        return process;
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

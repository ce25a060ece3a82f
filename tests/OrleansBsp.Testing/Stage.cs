using Npgsql;
using OrleansBsp.Server.Campaigns;
using OrleansBsp.Server.Queues;
using OrleansBsp.Server.Storage;
using OrleansBsp.Simulator;
using OrleansBsp.Simulator.Accounts;

namespace OrleansBsp.Testing;

/// <summary>A database, the simulator of Meta, and the real server between them, in one process or in several, with the demo account added.</summary>
public sealed class Stage : IAsyncDisposable
{
    public const string Number80 = DefaultWorld.StandardNumberId;
    public const string Number1000 = DefaultWorld.HighNumberId;

    private readonly string _folder;

    private Stage(string folder, EmbeddedPostgres? postgres, NpgsqlDataSource database, SimulatorHost meta, Cable? cable, ServerProcess server, ServerProcess[] silos)
    {
        (_folder, Postgres, Database, Meta, Cable, Server, Silos) = (folder, postgres, database, meta, cable, server, silos);
        Api = new ApiClient(server.Url, server.DataFolder);
    }

    public SimulatorHost Meta { get; }

    /// <summary>Between the server and Meta; null if they are connected directly.</summary>
    public Cable? Cable { get; }

    /// <summary>The one that clients and Meta talk to.</summary>
    public ServerProcess Server { get; }

    /// <summary>Takes the webhooks, where a process of its own does; else null.</summary>
    public ServerProcess? Door { get; private init; }

    /// <summary>Those that host the grains, where they are not the server's own.</summary>
    public IReadOnlyList<ServerProcess> Silos { get; }

    /// <summary>Between each silo and the database, in their order; empty if they are connected directly.</summary>
    public IReadOnlyList<Cable> DatabaseLines { get; private init; } = [];

    /// <summary>What carries orders and webhooks; null if they do not go through SQS.</summary>
    public SqsServer? Sqs { get; private init; }

    /// <summary>The queues on <see cref="Sqs"/>.</summary>
    public SqsOptions? Queues { get; private init; }

    public ApiClient Api { get; }

    /// <summary>The server's database, to look into.</summary>
    public NpgsqlDataSource Database { get; }

    /// <summary>A PostgreSQL of its own, to be killed; null if it is the one that all tests share.</summary>
    public EmbeddedPostgres? Postgres { get; }

    /// <param name="ownPostgres">For scenarios that stop or kill the database.</param>
    /// <param name="cable">For scenarios in which Meta cannot be reached.</param>
    /// <param name="silos">So many processes host the grains, and the server is a client of theirs; 0: the server is everything.</param>
    /// <param name="door">Webhooks have a process of their own beside the server's, as on Kubernetes. With silos only.</param>
    /// <param name="databaseLines">For scenarios in which one silo cannot reach the database.</param>
    /// <param name="sqs">Orders and webhooks go through an SQS server of its own; what it delivers and nobody deletes comes again after four seconds.</param>
    /// <param name="settings">Settings of the server beside the usual ones.</param>
    public static async Task<Stage> SetAsync(
        bool ownPostgres = false, bool cable = false, int silos = 0, bool door = false, bool databaseLines = false, bool sqs = false, params (string Name, string Value)[] settings)
    {
        var folder = Directory.CreateTempSubdirectory("bsp-scenario-").FullName;
        var postgres = ownPostgres ? await StartPostgresAsync(folder) : null;
        var connectionString = postgres?.ConnectionString ?? await PostgresServer.CreateDatabaseAsync();
        var options = new SimulatorOptions { Url = "http://127.0.0.1:0", Http2Url = "http://127.0.0.1:0", KeepBodies = true, Webhooks = new() { RetryBaseMs = 200, RetryMaxMs = 2000 } };
        var meta = await SimulatorHost.StartAsync(options);
        var line = cable ? new Cable(meta.Http2Url!) : null;
        var environment = new Dictionary<string, string>
        {
            ["Meta__GraphBaseUrl"] = $"{line?.Url ?? meta.Http2Url}v26.0/",
            ["Meta__Http2PriorKnowledge"] = "true",
            ["Meta__AppSecret"] = options.AppSecret,
            ["Meta__VerifyToken"] = options.VerifyToken,
            ["Meta__SendTimeoutSeconds"] = "5",
            ["Campaigns__UncertainWindowSeconds"] = "10",
        };
        var queueServer = sqs ? await SqsServer.StartAsync() : null;
        var queues = queueServer?.Options(visibilitySeconds: 4, receivers: 4, maxReceiveCount: 1000);
        if (queues is not null) UseQueues(environment, queues);
        foreach (var (name, value) in settings) environment[name] = value;
        if (silos > 0) (environment["Cluster__ClusterId"], environment["Roles"]) = ($"scenario-{Guid.NewGuid():N}", "dispatch");
        var dispatching = new Task<ServerProcess>[silos];
        var lines = new List<Cable>();
        for (var silo = 0; silo < silos; silo++)
        {
            // UTC, by a name of its own: by it the silo's sessions are known. Their application's name is the server's to give.
            var database = new NpgsqlConnectionStringBuilder(connectionString) { Timezone = $"<silo-{silo}>0" };
            if (databaseLines)
            {
                lines.Add(new Cable(new Uri($"tcp://{database.Host}:{database.Port}")));
                database.Port = lines[^1].Url.Port;
            }

            environment["Cluster__SiloName"] = $"silo-{silo}";
            dispatching[silo] = ServerProcess.StartAsync(Path.Combine(folder, "data"), database.ConnectionString, environment);
            if (silo == 0) await dispatching[0]; // makes the tables and keys that the others find
        }

        if (silos > 0) (environment["Cluster__SiloName"], environment["Roles"]) = ("front", door ? "api" : "api,webhooks");
        var server = await ServerProcess.StartAsync(Path.Combine(folder, "data"), connectionString, environment);
        if (door) (environment["Cluster__SiloName"], environment["Roles"]) = ("door", "webhooks");
        var doorProcess = door ? await ServerProcess.StartAsync(Path.Combine(folder, "data"), connectionString, environment) : null;
        meta.WebhookUrl = new Uri((doorProcess ?? server).Url, "webhooks/meta").ToString();
        // Where the database is restarted, a connection that was kept would fail the next look at it.
        var look = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connectionString) { MaxPoolSize = 5, Pooling = !ownPostgres, ApplicationName = "scenario" });
        var stage = new Stage(folder, postgres, look, meta, line, server, await Task.WhenAll(dispatching)) { Door = doorProcess, DatabaseLines = lines, Sqs = queueServer, Queues = queues };
        await stage.Api.AddWabaAsync(DefaultWorld.WabaId, DefaultWorld.AccessToken);
        return stage;
    }

    /// <summary>A draft with its audience: the marketing template with two variables, unless another is given.</summary>
    public async Task<CampaignView> DraftAsync(Audience audience, string number = Number1000, int? maxPerSecond = null, string template = "diwali_offer", bool resendUncertain = false)
    {
        object? parameters = template == "diwali_offer"
            ? new { body = new Dictionary<string, object> { ["1"] = new { column = "name", fallback = "there" }, ["2"] = new { column = "offer" } } }
            : null;
        var draft = await Api.CreateCampaignAsync(new
        {
            name = "Scenario", phoneNumberId = number, template = new { name = template, language = "en_US" }, parameters, defaultCountry = "IN", maxPerSecond, resendUncertain,
        });
        var upload = await Api.UploadAsync(draft.Id, audience.Csv());
        Assert.Equal(audience.Phones.Count, (int)upload["accepted"]!);
        return draft;
    }

    public async Task<CampaignView> LaunchAsync(Audience audience, string number = Number1000, int? maxPerSecond = null, string template = "diwali_offer", bool resendUncertain = false)
    {
        var draft = await DraftAsync(audience, number, maxPerSecond, template, resendUncertain);
        var launched = await Api.LaunchAsync(draft.Id);
        Assert.Equal("running", launched.State);
        return launched;
    }

    /// <summary>Asks for a command that the campaign's state does not allow, and checks what is said.</summary>
    public async Task RefusesAsync(string campaign, string command, string detail)
    {
        var problem = await Api.RefusedAsync(HttpMethod.Post, $"campaigns/{campaign}/{command}");
        Assert.Equal((409, "/problems/conflict", detail), (problem.Status, problem.Type, problem.Detail));
    }

    /// <summary>Waits for the campaign's end.</summary>
    public Task<CampaignView> WaitUntilCompletedAsync(string campaign, TimeSpan? limit = null) =>
        WaitForAsync(campaign, view => view.State == "completed", "the campaign is completed", limit ?? Wait.Long);

    public Task<CampaignView> WaitForAsync(string campaign, Func<CampaignView, bool> holds, string what, TimeSpan? limit = null) =>
        Wait.UntilAsync(() => Api.CampaignAsync(campaign), holds, what, limit);

    /// <summary>Lets the waiting time of this campaign's retries pass: they are due now. Waiting times are Meta's, up to hours.</summary>
    public Task PassRetryTimeAsync(string campaign) => PassAsync(campaign, PendingKind.Retry);

    /// <summary>Lets the window pass in which this campaign's uncertain messages wait for a status: it ends now.</summary>
    public Task PassUncertainWindowAsync(string campaign) => PassAsync(campaign, PendingKind.Uncertain);

    /// <summary>Waits until a campaign with people left is this silo's: one that has just been started has nothing, and what happens to it would happen to nobody.</summary>
    public Task WaitUntilOwnsAsync(int silo) => Wait.UntilAsync(async () =>
    {
        await using var command = Database.CreateCommand("select exists (select from campaign_run where owner = $1 and state = 'running' and released_through < planned)");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = $"silo-{silo}" });
        return (bool)(await command.ExecuteScalarAsync())!;
    }, $"silo {silo} owns a campaign with people left");

    /// <summary>How many times this silo has ended so far, as membership knows it: by itself, or because others declared it dead.</summary>
    public async Task<long> DeathsAsync(int silo)
    {
        const int Dead = 6; // Orleans' SiloStatus
        await using var command = Database.CreateCommand("select count(*) from orleans_silo where silo_name = $1 and status = $2");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = $"silo-{silo}" });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = Dead });
        return (long)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>Waits until Meta has accepted so many messages, of all campaigns together.</summary>
    public Task WaitForAcceptedAsync(int count) => Wait.UntilAsync(() => Task.FromResult(Meta.Ledger.Count), accepted => accepted >= count, $"Meta has accepted {count} messages", Wait.Long);

    /// <summary>The most sends of this number that arrived at Meta within any second, refused ones included.</summary>
    public int MostArrivedPerSecond(string number) => Meta.Ledger.Summarize().Numbers.Single(pace => pace.PhoneNumberId == number).Arrived.MaxPerSecond;

    /// <summary>Sends a second from the first to the last one, of all numbers together.</summary>
    public double MeanPerSecond()
    {
        var arrivals = Meta.Ledger.Read().Select(record => record.ArrivalUnixMicros).ToList();
        return (arrivals.Count - 1) / TimeSpan.FromMicroseconds(arrivals.Max() - arrivals.Min()).TotalSeconds;
    }

    public static long Id(string campaign) => long.Parse(campaign, System.Globalization.CultureInfo.InvariantCulture);

    public async ValueTask DisposeAsync()
    {
        Api.Dispose();
        await Server.DisposeAsync();
        if (Door is not null) await Door.DisposeAsync();
        foreach (var silo in Silos) await silo.DisposeAsync();
        if (Cable is not null) await Cable.DisposeAsync();
        foreach (var line in DatabaseLines) await line.DisposeAsync();
        if (Sqs is not null) await Sqs.DisposeAsync();
        await Meta.DisposeAsync();
        await Database.DisposeAsync();
        if (Postgres is not null) await Postgres.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static void UseQueues(Dictionary<string, string> environment, SqsOptions queues)
    {
        (environment["Queue__Kind"], environment["Ingest__Kind"], environment["Campaigns__OutcomeWithinSeconds"]) = ("Sqs", "Sqs", "8");
        foreach (var (name, value) in SqsServer.Settings(queues)) environment[name.Replace(":", "__", StringComparison.Ordinal)] = value;
    }

    private async Task PassAsync(string campaign, PendingKind kind)
    {
        // The campaign's row first, as its owner does: each could wait for rows of the other, and PostgreSQL would end one of them.
        await using var command = Database.CreateCommand("""
            update pending set due_at = now() from (select campaign_id as id from campaign_run where campaign_id = $1 for update) run
            where pending.campaign_id = run.id and pending.kind = $2
            """);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = Id(campaign) });
        command.Parameters.Add(new NpgsqlParameter<short> { TypedValue = (short)kind });
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<EmbeddedPostgres> StartPostgresAsync(string folder)
    {
        // PostgreSQL does not run as root and steps down: it must be able to reach its folder.
        File.SetUnixFileMode(folder, File.GetUnixFileMode(folder) | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        return await EmbeddedPostgres.StartAsync(Path.Combine(folder, "postgres"), durable: true, CancellationToken.None);
    }
}

using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;
using OrleansBsp.Server.Cluster;
using OrleansBsp.Server.Hosting;
using OrleansBsp.Server.Hosting.Silos;
using OrleansBsp.Server.Http.Idempotency;
using OrleansBsp.Server.Meta;
using OrleansBsp.Server.Storage;
using OrleansBsp.Server.Tests.Storage;
using OrleansBsp.Simulator;

namespace OrleansBsp.Server.Tests.Cluster;

/// <summary>Several silos of the server in this process, on one database, with a simulated Meta. A killed silo's loops run on, as a hung process would.</summary>
internal sealed class TestCluster : IAsyncDisposable
{
    private readonly string _folder;
    private readonly List<Database> _databases;

    private TestCluster(InProcessTestCluster cluster, SimulatorHost meta, string connectionString, string folder, List<Database> databases) =>
        (Silos, Meta, ConnectionString, _folder, _databases) = (cluster, meta, connectionString, folder, databases);

    public InProcessTestCluster Silos { get; }

    public SimulatorHost Meta { get; }

    public string ConnectionString { get; }

    public static async Task<TestCluster> StartAsync(short silos)
    {
        var connectionString = await PostgresServer.CreateDatabaseAsync();
        var folder = Directory.CreateTempSubdirectory("bsp-cluster-").FullName;
        var meta = await SimulatorHost.StartAsync(new SimulatorOptions { Url = "http://127.0.0.1:0", Http2Url = "http://127.0.0.1:0" });
        var databases = new List<Database> { new(connectionString, new DatabaseOptions()) };
        await SampleAccount.AddAsync(databases[0], TokenCipher.FromFile(Path.Combine(folder, "token.key")));
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Meta:GraphBaseUrl"] = new Uri(meta.Http2Url!, "v26.0/").ToString(), ["Meta:Http2PriorKnowledge"] = "true",
            ["Campaigns:UncertainWindowSeconds"] = "2",
        }).Build();

        var builder = new InProcessTestClusterBuilder(silos);
        builder.ConfigureSilo((_, silo) =>
        {
            SiloSetup.AddStorage(silo, connectionString);
            SiloSetup.LetErrorsTravel(silo.Services);
            var database = new Database(connectionString, new DatabaseOptions());
            lock (databases) databases.Add(database);
            silo.Services.AddSingleton(database).AddSingleton(new DatabaseOptions()).AddSingleton<IdempotencyStore>().AddSlices(configuration, folder).AddGrainCare();
        });
        builder.ConfigureClient(client => SiloSetup.LetErrorsTravel(client.Services));
        var cluster = builder.Build();
        await cluster.DeployAsync();
        return new TestCluster(cluster, meta, connectionString, folder, databases);
    }

    public T Grain<T>(string key) where T : IGrainWithStringKey => Silos.Client.GetGrain<T>(key);

    public Task<T> ReadAsync<T>(string sql, object? arguments = null) => TestDatabase.ReadAsync<T>(ConnectionString, sql, arguments);

    public Task<List<T>> ListAsync<T>(string sql, object? arguments = null) => TestDatabase.ListAsync<T>(ConnectionString, sql, arguments);

    public async ValueTask DisposeAsync()
    {
        await Silos.StopAllSilosAsync();
        await Silos.DisposeAsync();
        await Meta.DisposeAsync();
        foreach (var database in _databases) await database.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}

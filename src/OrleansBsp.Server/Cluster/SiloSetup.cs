using System.Net;
using System.Net.Sockets;
using Orleans.Configuration;
using Orleans.Dashboard;
using Orleans.Serialization;
using Orleans.Storage;
using OrleansBsp.Server.Settings;

namespace OrleansBsp.Server.Cluster;

/// <summary>Sets a silo or a client of the silos up: membership and grain storage on our PostgreSQL, failure detection in seconds.</summary>
/// <remarks>
/// How fast a lost silo is noticed (measured; design 3): its neighbours probe it every one to two seconds, the slower its answers the longer they wait; a refused
/// connection counts at once and an unanswered probe after its time, and three in a row make a vote. So a killed silo is declared dead after about 3 s and a hung one
/// after 4 to 7 s, and an ordinary pause (a collection, a stolen processor) of 2 s is survived. Votes of two are needed, or of one while there are only two silos; with more silos a silo is probed by ten
/// others at most (decision 8). Until the verdict grains of a lost silo do not answer; the epoch keeps it harmless afterwards.
/// </remarks>
public static class SiloSetup
{
    /// <summary>The application names of Orleans' sessions, as PostgreSQL shows them. Membership has connections of its own: a flood of grains that read their state must not starve it.</summary>
    public const string MembershipApplication = "orleansbsp-cluster", StorageApplication = "orleansbsp-state";

    /// <summary>How many sessions of each a process has at most.</summary>
    public const int MembershipConnections = 4, StorageConnections = 10;

    // Part of every grain storage key: never change it.
    private const string ServiceId = "orleansbsp";

    // Callers of a killed silo wait so long and do not know the outcome; grain commands can be repeated.
    private static readonly TimeSpan ResponseTimeout = TimeSpan.FromSeconds(10);

    /// <exception cref="SettingsException">A configured port is taken.</exception>
    public static void Configure(ISiloBuilder silo, BspClusterOptions cluster, string connectionString)
    {
        var isOnThisMachineOnly = cluster.Advertise == "127.0.0.1";
        var listenAddress = isOnThisMachineOnly ? IPAddress.Loopback : IPAddress.Any;
        var siloPort = Port(nameof(cluster.SiloPort), cluster.SiloPort, listenAddress);
        var gatewayPort = Port(nameof(cluster.GatewayPort), cluster.GatewayPort, listenAddress);
        silo.Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = (cluster.ClusterId, ServiceId));
        silo.Configure<SiloOptions>(options => options.SiloName = cluster.SiloName);
        silo.ConfigureEndpoints(IPAddress.Parse(cluster.Advertise), siloPort, gatewayPort, listenOnAnyHostAddress: !isOnThisMachineOnly);
        silo.UseAdoNetClustering(options => (options.Invariant, options.ConnectionString) = ("Npgsql", WithSmallPool(connectionString, MembershipApplication, MembershipConnections)));
        AddStorage(silo, connectionString);
        silo.Configure<ClusterMembershipOptions>(options =>
        {
            options.ProbeTimeout = TimeSpan.FromSeconds(2);
            options.MinProbeTimeout = TimeSpan.FromSeconds(1);
            // The default is four times the first, and a silo that hangs among slow ones would be kept for 24 s.
            options.MaxProbeTimeout = TimeSpan.FromSeconds(2);
            options.NumMissedProbesLimit = 3;
            options.NumVotesForDeathDeclaration = 2;
            options.TableRefreshTimeout = TimeSpan.FromSeconds(5);
            options.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(5);
            // Otherwise a hung silo is kept for minutes because its last message is "recent".
            options.EnableConnectionLivenessCheck = false;
            options.DefunctSiloExpiration = TimeSpan.FromDays(1);
        });
        silo.Configure<SiloMessagingOptions>(options => options.ResponseTimeout = ResponseTimeout);
        // Room for this many is taken at the start; the default of a million costs 17 MB before the first grain.
        silo.Configure<GrainDirectoryOptions>(options => options.CacheSize = 100_000);
        // Its live log would show what other silos write to theirs, personal data or not.
        if (cluster.OrleansDashboard) silo.AddDashboard(options => options.HideTrace = true);
        LetErrorsTravel(silo.Services);
    }

    /// <summary>A process that hosts no grains and calls those of the silos. It waits at its start until one can be reached.</summary>
    public static void Configure(IClientBuilder client, BspClusterOptions cluster, string connectionString)
    {
        client.Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = (cluster.ClusterId, ServiceId));
        client.UseAdoNetClustering(options => (options.Invariant, options.ConnectionString) = ("Npgsql", WithSmallPool(connectionString, MembershipApplication, MembershipConnections)));
        // Calls by way of a hung silo wait until it is off the list.
        client.Configure<GatewayOptions>(options => options.GatewayListRefreshPeriod = TimeSpan.FromSeconds(3));
        client.Configure<ClientMessagingOptions>(options => options.ResponseTimeout = ResponseTimeout);
        client.UseConnectionRetryFilter(static async (_, cancel) =>
        {
            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, cancel);
            return true;
        });
        if (cluster.OrleansDashboard) client.AddDashboard(options => options.HideTrace = true);
        LetErrorsTravel(client.Services);
    }

    /// <summary>Our errors and the database's reach a caller on another silo as themselves: whether they pass is read from their type.</summary>
    public static void LetErrorsTravel(IServiceCollection services) => services.Configure<ExceptionSerializationOptions>(options =>
    {
        options.SupportedNamespacePrefixes.Add("Npgsql");
        options.SupportedNamespacePrefixes.Add("OrleansBsp");
    });

    /// <summary>Grain storage on PostgreSQL, with a serializer whose rows survive renamed classes.</summary>
    public static void AddStorage(ISiloBuilder silo, string connectionString) => silo.AddAdoNetGrainStorage("postgres", options =>
    {
        (options.Invariant, options.ConnectionString) = ("Npgsql", WithSmallPool(connectionString, StorageApplication, StorageConnections));
        options.GrainStorageSerializer = new PlainJsonSerializer();
    });

    // Orleans changes nothing of a session, and resetting one costs seven statements.
    private static string WithSmallPool(string connectionString, string application, int size) => new Npgsql.NpgsqlConnectionStringBuilder(connectionString)
    {
        MaxPoolSize = size, Timeout = 5, CommandTimeout = 5, MaxAutoPrepare = 20, AutoPrepareMinUsages = 2, NoResetOnClose = true, ApplicationName = application,
    }.ConnectionString;

    // Orleans would not notice: its sockets share a port with another silo's, and the silo that comes later under the same address declares the healthy one dead.
    private static int Port(string name, int configured, IPAddress listenAddress)
    {
        if (configured == 0) return FreePort();
        ListenProbe.ThrowIfTaken($"Cluster__{name}={configured}", listenAddress, configured, "Each silo of a machine needs a Cluster__SiloPort and a Cluster__GatewayPort of its own; 0 picks a free one.");
        return configured;
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}

/// <summary>Grain state as plain JSON, without type names: renaming a class or an assembly must not orphan stored rows.</summary>
internal sealed class PlainJsonSerializer : IGrainStorageSerializer
{
    public BinaryData Serialize<T>(T? input) => BinaryData.FromObjectAsJson(input);

    public T Deserialize<T>(BinaryData input) => input.ToObjectFromJson<T>()!;
}

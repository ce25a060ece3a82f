using System.Net;
using System.Net.Sockets;
using Orleans.Configuration;
using Orleans.Serialization;
using Orleans.Storage;

namespace OrleansBsp.Server.Cluster;

/// <summary>Sets the silo up: membership and grain storage on our PostgreSQL, failure detection in seconds.</summary>
public static class SiloSetup
{
    // Part of every grain storage key: never change it.
    private const string ServiceId = "orleansbsp";

    public static void Configure(ISiloBuilder silo, BspClusterOptions cluster, string connectionString)
    {
        var siloPort = cluster.SiloPort == 0 ? FreePort() : cluster.SiloPort;
        var gatewayPort = cluster.GatewayPort == 0 ? FreePort() : cluster.GatewayPort;
        silo.Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = (cluster.ClusterId, ServiceId));
        silo.ConfigureEndpoints(IPAddress.Parse(cluster.Advertise), siloPort, gatewayPort, listenOnAnyHostAddress: cluster.Advertise != "127.0.0.1");
        silo.UseAdoNetClustering(options => (options.Invariant, options.ConnectionString) = ("Npgsql", WithSmallPool(connectionString)));
        AddStorage(silo, connectionString);
        silo.Configure<ClusterMembershipOptions>(options =>
        {
            // A killed silo is declared dead after about 3 s, a hung one after about 4 s; an ordinary pause of 2 s is survived.
            options.ProbeTimeout = TimeSpan.FromSeconds(2);
            options.NumMissedProbesLimit = 3;
            options.NumVotesForDeathDeclaration = 2;
            options.TableRefreshTimeout = TimeSpan.FromSeconds(5);
            options.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(5);
            // Otherwise a hung silo is kept for minutes because its last message is "recent".
            options.EnableConnectionLivenessCheck = false;
            options.DefunctSiloExpiration = TimeSpan.FromDays(1);
        });
        silo.Configure<SiloMessagingOptions>(options => options.ResponseTimeout = TimeSpan.FromSeconds(10));
        // Room for this many is taken at the start; the default of a million costs 17 MB before the first grain.
        silo.Configure<GrainDirectoryOptions>(options => options.CacheSize = 100_000);
        LetErrorsTravel(silo.Services);
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
        (options.Invariant, options.ConnectionString) = ("Npgsql", WithSmallPool(connectionString));
        options.GrainStorageSerializer = new PlainJsonSerializer();
    });

    private static string WithSmallPool(string connectionString) => new Npgsql.NpgsqlConnectionStringBuilder(connectionString)
    {
        MaxPoolSize = 10, Timeout = 5, CommandTimeout = 5, MaxAutoPrepare = 20, AutoPrepareMinUsages = 2, ApplicationName = "orleansbsp-cluster",
    }.ConnectionString;

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

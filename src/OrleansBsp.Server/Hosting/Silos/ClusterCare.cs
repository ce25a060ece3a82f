using Orleans.Runtime.Hosting;
using OrleansBsp.Server.Cluster;
using OrleansBsp.Server.PhoneNumbers;
using OrleansBsp.Server.Storage;

namespace OrleansBsp.Server.Hosting.Silos;

internal static class ClusterCare
{
    /// <summary>What keeps a process known to the others and, in a silo, the grains awake and evenly spread. Registered last, so that it stops first.</summary>
    public static IServiceCollection AddClusterCare(this IServiceCollection services, Roles roles, BspClusterOptions cluster)
    {
        services.AddSingleton(cluster).AddHostedService(provider => ActivatorUtilities.CreateInstance<ProcessRegister>(provider, roles));
        if (!roles.HasFlag(Roles.Dispatch)) return services;
        return services.AddGrainCare().AddHostedService<LoneSilo>().AddHostedService<ShardFinder>().AddHostedService<Handover>();
    }

    /// <summary>What silos need also in a test's cluster.</summary>
    public static IServiceCollection AddGrainCare(this IServiceCollection services) =>
        services.AddGrainDirectory(PostgresDirectory.Name, static (provider, _) => ActivatorUtilities.CreateInstance<PostgresDirectory>(provider))
            .AddSingleton<IIncomingGrainCallFilter, LostOwners>().AddSingleton<GrainMover>().AddSingleton<HungSessions>().AddSingleton<DatabaseWatch>().AddHostedService<ArrivalReporter>().AddHostedService<SupervisorKeeper>().AddHostedService<BacklogMeter>();
}

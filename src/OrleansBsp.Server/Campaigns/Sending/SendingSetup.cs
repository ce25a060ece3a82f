using OrleansBsp.Server.Queues;
using OrleansBsp.Server.Storage;

namespace OrleansBsp.Server.Campaigns.Sending;

/// <summary>The services of sending by way of the queue, if it is configured.</summary>
internal static class SendingSetup
{
    public static IServiceCollection AddCampaignSending(this IServiceCollection services, IConfiguration configuration)
    {
        if (configuration.GetValue<QueueKind>("Queue:Kind") == QueueKind.InProcess) return services;
        services.AddSingleton(new UsedQueue(SendWorker.Queue, "released campaign messages on their way to Meta", SendOrder.NamesOrNull));
        services.AddSingleton(provider => new SendClaims(
            provider.GetRequiredService<Database>(), provider.GetRequiredService<ILocalSiloDetails>().SiloAddress, provider.GetRequiredService<ILogger<SendClaims>>()));
        services.AddSingleton<OutcomeReporter>().AddSingleton<DatabaseClock>();
        services.AddSingleton(provider => new SqsSender(provider.GetRequiredService<SqsQueues>(), SendWorker.Queue, provider.GetRequiredService<ILogger<SqsSender>>()));
        return services.AddSingleton<QueuedSending>();
    }

    /// <summary>What takes orders off the queue, where there is one: the silos' work.</summary>
    public static IServiceCollection AddSendWorker(this IServiceCollection services, IConfiguration configuration) =>
        configuration.GetValue<QueueKind>("Queue:Kind") == QueueKind.InProcess
            ? services
            : services.AddHostedService(provider => provider.GetRequiredService<DatabaseClock>()).AddHostedService<SendWorker>();
}

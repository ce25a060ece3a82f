using OrleansBsp.Server.Queues;

namespace OrleansBsp.Server.Webhooks;

/// <summary>The services of the webhook slice.</summary>
internal static class WebhooksSetup
{
    public static IServiceCollection AddWebhooks(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton<InboxStore>().AddSingleton<InboxAppender>().AddSingleton<WebhookSecret>();
        services.AddSingleton<WebhookRouter>().AddSingleton<MetaChanges>().AddSingleton<DirectIntake>();

        if (Kind(configuration) == QueueKind.InProcess) return services.AddSingleton<IWebhookIntake>(provider => provider.GetRequiredService<DirectIntake>());
        services.AddSingleton(new UsedQueue(QueuedIntake.Queue, "signed webhooks on their way to the inbox"));
        return services.AddSingleton<IWebhookIntake, QueuedIntake>();
    }

    /// <summary>What takes webhooks off the queue, where there is one: the silos' work.</summary>
    public static IServiceCollection AddIngest(this IServiceCollection services, IConfiguration configuration) =>
        Kind(configuration) == QueueKind.InProcess ? services : services.AddHostedService<IngestService>();

    private static QueueKind Kind(IConfiguration configuration) => (configuration.GetSection("Ingest").Get<IngestOptions>() ?? new IngestOptions()).Kind;
}

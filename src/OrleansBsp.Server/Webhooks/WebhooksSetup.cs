using OrleansBsp.Server.Queues;

namespace OrleansBsp.Server.Webhooks;

/// <summary>The services of the webhook slice.</summary>
internal static class WebhooksSetup
{
    public static IServiceCollection AddWebhooks(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton<InboxStore>().AddSingleton<InboxAppender>().AddSingleton<WebhookSecret>();
        services.AddSingleton<WebhookRouter>().AddSingleton<MetaChanges>().AddSingleton<DirectIntake>();

        var ingest = configuration.GetSection("Ingest").Get<IngestOptions>() ?? new IngestOptions();
        if (ingest.Kind == QueueKind.InProcess) return services.AddSingleton<IWebhookIntake>(provider => provider.GetRequiredService<DirectIntake>());
        services.AddSingleton(new UsedQueue(QueuedIntake.Queue, "signed webhooks on their way to the inbox"));
        return services.AddSingleton<IWebhookIntake, QueuedIntake>().AddHostedService<IngestService>();
    }
}

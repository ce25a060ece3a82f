using OrleansBsp.Server.Meta;
using OrleansBsp.Server.Queues;

namespace OrleansBsp.Server.Webhooks;

/// <summary>The services of the webhook slice.</summary>
internal static class WebhooksSetup
{
    public static IServiceCollection AddWebhooks(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton<InboxStore>().AddSingleton<InboxAppender>();
        services.AddSingleton<WebhookRouter>().AddSingleton<MetaChanges>().AddSingleton<DirectIntake>();
        if (Kind(configuration) == QueueKind.Sqs) services.AddSingleton(new UsedQueue(QueuedIntake.Queue, "signed webhooks on their way to the inbox", WebhookEnvelope.NamesOrNull));
        return services.AddFrontDoor(configuration);
    }

    /// <summary>What takes webhooks in. By way of a queue it works by itself; <see cref="AddWebhooks"/> adds the direct way.</summary>
    public static IServiceCollection AddFrontDoor(this IServiceCollection services, IConfiguration configuration)
    {
        services.Configure<MetaOptions>(configuration.GetSection("Meta")).AddSingleton<WebhookSecret>().AddSingleton<WebhookRefusals>();
        return Kind(configuration) == QueueKind.Sqs
            ? services.AddSingleton<IWebhookIntake, QueuedIntake>()
            : services.AddSingleton<IWebhookIntake>(provider => provider.GetRequiredService<DirectIntake>());
    }

    /// <summary>What takes webhooks off the queue, where there is one: the silos' work.</summary>
    public static IServiceCollection AddIngest(this IServiceCollection services, IConfiguration configuration) =>
        Kind(configuration) == QueueKind.InProcess ? services : services.AddHostedService<IngestService>();

    internal static QueueKind Kind(IConfiguration configuration) => (configuration.GetSection("Ingest").Get<IngestOptions>() ?? new IngestOptions()).Kind;
}

using Orleans.Configuration;
using OrleansBsp.Server.Accounts;
using OrleansBsp.Server.Campaigns;
using OrleansBsp.Server.Campaigns.Audience;
using OrleansBsp.Server.Campaigns.Sending;
using OrleansBsp.Server.Cluster;
using OrleansBsp.Server.Contacts;
using OrleansBsp.Server.Conversations;
using OrleansBsp.Server.Events;
using OrleansBsp.Server.Meta;
using OrleansBsp.Server.PhoneNumbers;
using OrleansBsp.Server.Queues;
using OrleansBsp.Server.Settings;
using OrleansBsp.Server.Telemetry;
using OrleansBsp.Server.Templates;
using OrleansBsp.Server.Webhooks;

namespace OrleansBsp.Server.Hosting;

/// <summary>The services of each slice, in the order of the imports: platform first.</summary>
internal static class Slices
{
    public static IServiceCollection AddSlices(this IServiceCollection services, IConfiguration configuration, string dataFolder)
    {
        services.AddSingleton(TimeProvider.System).AddSingleton<Drain>();
        services.Configure<CampaignOptions>(configuration.GetSection("Campaigns"));
        services.AddSingleton(TokenKey(configuration, dataFolder));
        services.AddSingleton<GraphClient>().AddSingleton<EventLog>();
        services.AddQueues(configuration);
        services.Configure<TelemetryOptions>(configuration.GetSection("Telemetry")).AddSingleton<MessageTraces>();

        services.AddSingleton<SendClock>().AddSingleton<PhoneNumberStore>();
        services.AddSingleton<AccountStore>().AddSingleton<AccountReader>().AddSingleton<AccountAccess>().AddSingleton<AccountStop>();
        services.AddSingleton<TemplateStore>().AddSingleton<ContactStore>();

        services.AddSingleton(configuration.GetSection("Audience").Get<AudienceOptions>() ?? new AudienceOptions());
        services.AddSingleton<AudienceImporter>().AddSingleton<AudienceRejects>();
        services.AddSingleton<CampaignStore>().AddSingleton<CampaignDrafts>().AddSingleton<CampaignFactory>().AddSingleton<CampaignLiveReader>();
        services.AddSingleton<Preflight>().AddSingleton<RecipientStore>();
        services.AddCampaignSending(configuration);

        services.AddSingleton<ConversationStore>().AddSingleton<ConversationSender>().AddSingleton<ConversationReader>();
        ConversationMetrics.Begin();
        services.Configure<ConversationOptions>(configuration.GetSection("Conversations"));
        services.Configure<GrainCollectionOptions>(collection => ConversationOptions.Apply(collection, configuration));
        services.AddWebhooks(configuration);
        return services;
    }

    private static TokenCipher TokenKey(IConfiguration configuration, string dataFolder)
    {
        var given = configuration["Meta:TokenKeyFile"] is { Length: > 0 } file ? file : null;
        try
        {
            return given is null ? TokenCipher.FromFile(Path.Combine(dataFolder, "token.key")) : TokenCipher.FromGivenFile(given);
        }
        catch (Exception failure) when (failure is InvalidDataException or UnauthorizedAccessException)
        {
            throw new SettingsException($"{(given is null ? "BSP_DATA" : "Meta__TokenKeyFile")}: {failure.Message}", failure);
        }
    }
}

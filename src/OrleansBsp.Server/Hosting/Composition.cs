using OrleansBsp.Server.Access;
using OrleansBsp.Server.Accounts;
using OrleansBsp.Server.Campaigns;
using OrleansBsp.Server.Cluster;
using OrleansBsp.Server.Contacts;
using OrleansBsp.Server.Conversations;
using OrleansBsp.Server.Http;
using OrleansBsp.Server.PhoneNumbers;
using OrleansBsp.Server.Webhooks;

namespace OrleansBsp.Server.Hosting;

/// <summary>The whole server, for the program and for tests: a silo, the services of the slices, and the interface over them.</summary>
internal static class Composition
{
    public static WebApplication BuildServer(this WebApplicationBuilder builder, Start start, string dataFolder)
    {
        var cluster = builder.Configuration.GetSection("Cluster").Get<BspClusterOptions>() ?? new BspClusterOptions();
        builder.UseOrleans(silo => SiloSetup.Configure(silo, cluster, start.Database.ConnectionString));
        builder.Services.AddSingleton(start.Database).AddSingleton(start.DatabaseOptions);
        builder.Services.AddHttpManner().AddAccess(dataFolder).AddSlices(builder.Configuration, dataFolder);

        var app = builder.Build();
        app.UseHttpManner();
        app.MapOpenApiDocument();
        app.MapHealth();
        app.MapAccess();
        app.MapAccounts();
        app.MapPhoneNumbers();
        app.MapCampaigns();
        app.MapMessages();
        app.MapContacts();
        app.MapWebhooks();
        return app;
    }
}

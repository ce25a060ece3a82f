using Orleans.Dashboard;
using OrleansBsp.Server.Access;
using OrleansBsp.Server.Accounts;
using OrleansBsp.Server.Campaigns;
using OrleansBsp.Server.Campaigns.Sending;
using OrleansBsp.Server.Cluster;
using OrleansBsp.Server.Contacts;
using OrleansBsp.Server.Conversations;
using OrleansBsp.Server.Hosting.Silos;
using OrleansBsp.Server.Http;
using OrleansBsp.Server.PhoneNumbers;
using OrleansBsp.Server.Queues;
using OrleansBsp.Server.Telemetry;
using OrleansBsp.Server.Webhooks;

namespace OrleansBsp.Server.Hosting;

/// <summary>The whole server, for the program and for tests: a silo or a client of the silos, the services of the slices, and the interface over them.</summary>
internal static class Composition
{
    public static WebApplication BuildServer(this WebApplicationBuilder builder, Start start, string dataFolder)
    {
        var roles = RolesSetting.Read(builder.Configuration);
        var cluster = builder.Configuration.GetSection("Cluster").Get<BspClusterOptions>() ?? new BspClusterOptions();
        if (roles.HasFlag(Roles.Dispatch)) builder.UseOrleans(silo => SiloSetup.Configure(silo, cluster, start.Database.ConnectionString));
        else builder.UseOrleansClient(client => SiloSetup.Configure(client, cluster, start.Database.ConnectionString));
        builder.Services.AddSingleton(start.Database).AddSingleton(start.DatabaseOptions);
        builder.Services.AddHttpManner().AddAccess().AddSlices(builder.Configuration, dataFolder);
        if (roles.HasFlag(Roles.Dispatch)) builder.Services.AddIngest(builder.Configuration).AddSendWorker(builder.Configuration).AddHostedService<QueueMeter>();
        builder.Services.AddClusterCare(roles, cluster); // last, so that it stops first

        builder.AddTelemetry();

        var app = builder.Build();
        app.UseMetrics();
        app.UseHttpManner();
        app.MapHealth(Health.DatabaseOrReasonAsync);
        if (roles.HasFlag(Roles.Webhooks)) app.MapWebhooks();
        if (!roles.HasFlag(Roles.Api)) return app;

        app.MapOpenApiDocument();
        app.MapAccess();
        app.MapAccounts();
        app.MapPhoneNumbers();
        app.MapCampaigns();
        app.MapMessages();
        app.MapContacts();
        app.MapQueues();
        app.MapCluster();
        // Orleans' own dashboard shows the keys of grains, with people's numbers in them.
        if (cluster.OrleansDashboard) app.MapOrleansDashboard("/ops/orleans").RequireScope(Scope.Admin).ExcludeFromDescription();
        return app;
    }
}

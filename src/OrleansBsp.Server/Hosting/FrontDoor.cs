using OrleansBsp.Server.Cluster;
using OrleansBsp.Server.Queues;
using OrleansBsp.Server.Telemetry;
using OrleansBsp.Server.Webhooks;

namespace OrleansBsp.Server.Hosting;

/// <summary>
/// The whole server where it is nothing but the front door for Meta and puts what comes onto a queue: with neither the database nor the silos, so that
/// nothing of theirs can keep a webhook out. What there is to configure: Meta's secrets, the queue, the address.
/// </summary>
/// <remarks>Without a database there are no API keys: <c>/metrics</c> is only on its own address. <c>GET /api/v1/cluster</c> does not list it.</remarks>
internal static class FrontDoor
{
    public static bool IsAll(IConfiguration configuration) =>
        RolesSetting.Read(configuration) == Roles.Webhooks && WebhooksSetup.Kind(configuration) == QueueKind.Sqs;

    public static WebApplication BuildFrontDoor(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton(TimeProvider.System).AddQueues(builder.Configuration).AddFrontDoor(builder.Configuration);
        builder.AddTelemetry();

        var app = builder.Build();
        app.UseMetricsOfTheirOwn();
        app.MapHealth(QueueOrReasonAsync);
        app.MapWebhooks();
        return app;
    }

    // Found once it stays found: while SQS is away, webhooks are answered with 503, which is all that a process taken off the balance would win.
    private static async Task<string?> QueueOrReasonAsync(IServiceProvider services, CancellationToken cancel)
    {
        try
        {
            await services.GetRequiredService<SqsQueues>().GetAsync(QueuedIntake.Queue, cancel);
            return null;
        }
        catch (QueueAwayException failure)
        {
            return $"the queue for webhooks cannot be found: {failure.Message}";
        }
    }
}

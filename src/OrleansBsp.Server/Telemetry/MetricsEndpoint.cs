using OrleansBsp.Server.Access;
using OrleansBsp.Server.Http;

namespace OrleansBsp.Server.Telemetry;

/// <summary>
/// <c>GET /metrics</c>, Prometheus' text. It tells numbers, campaigns and rates, so it is as closed as the rest of the interface: on the usual address a key
/// with the scope <c>read</c> is needed. A scraper in a cluster cannot have a key before the installation has one; for it there is an address of its own
/// (<see cref="TelemetryOptions.MetricsUrl"/>), off by default, that serves nothing else. Told apart by the port of the connection: a Host header can say anything.
/// </summary>
internal static class MetricsEndpoint
{
    private const string Path = "/metrics";

    /// <summary>Opens the address for scrapers, if there is to be one.</summary>
    public static void Listen(WebApplicationBuilder builder)
    {
        if (OwnUrl(builder.Configuration) is { Length: > 0 } url)
            builder.WebHost.UseUrls($"{builder.WebHost.GetSetting(WebHostDefaults.ServerUrlsKey)};{url}");
    }

    /// <summary>Before everything else that answers requests.</summary>
    public static void UseMetrics(this WebApplication app)
    {
        app.MapPrometheusScrapingEndpoint(Path).RequireScope(Scope.Read).WithDisplayName("Metrics");
        app.UseMetricsOfTheirOwn();
    }

    /// <summary>Only what is on the address for scrapers.</summary>
    public static void UseMetricsOfTheirOwn(this WebApplication app)
    {
        if (OwnUrl(app.Configuration) is not { Length: > 0 } url) return;
        var port = BindingAddress.Parse(url).Port;
        app.MapWhen(context => context.Connection.LocalPort == port, own =>
        {
            own.UseOpenTelemetryPrometheusScrapingEndpoint(context => context.Request.Path == Path && HttpMethods.IsGet(context.Request.Method));
            own.Run(context =>
            {
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                return Task.CompletedTask;
            });
        });
    }

    /// <summary>The address for scrapers; null or empty: there is none.</summary>
    public static string? OwnUrl(IConfiguration configuration) => configuration.GetSection("Telemetry").Get<TelemetryOptions>()?.MetricsUrl;
}

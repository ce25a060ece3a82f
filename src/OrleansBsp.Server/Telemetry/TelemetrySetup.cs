using Microsoft.Extensions.Options;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Orleans.Configuration;

namespace OrleansBsp.Server.Telemetry;

/// <summary>What leaves this process about itself: measures for Prometheus and OTLP, traces for OTLP, log lines without personal data.</summary>
internal static class TelemetrySetup
{
    // Ours; then grains and messaging, database pools, collector and thread pool, HTTP.
    private static readonly string[] Meters = [Instruments.Name, "Microsoft.Orleans", "Npgsql", "System.Runtime", "Microsoft.AspNetCore.Hosting"];

    public static void AddTelemetry(this WebApplicationBuilder builder)
    {
        var (services, configuration) = (builder.Services, builder.Configuration);
        services.AddConsoleTimes().AddPrivateLogs();
        services.AddSingleton<IIncomingGrainCallFilter, GrainCallMeter>();
        var telemetry = services.AddOpenTelemetry().ConfigureResource(resource => resource.AddDetector(provider => new Identity(configuration, provider)));
        telemetry.WithMetrics(metrics =>
        {
            metrics.AddMeter(Meters).AddView(Room).AddPrometheusExporter();
            if (SendsTo("METRICS")) metrics.AddOtlpExporter();
        });
        if (SendsTo("TRACES"))
        {
            // Which message has a trace is decided by MessageTraces; nothing else begins one.
            telemetry.WithTracing(traces => traces.AddSource(MessageTraces.SourceName).SetSampler(new ParentBasedSampler(new AlwaysOffSampler())).AddOtlpExporter());
        }

        MetricsEndpoint.Listen(builder);

        bool SendsTo(string signal) =>
            configuration["OTEL_EXPORTER_OTLP_ENDPOINT"] is { Length: > 0 } || configuration[$"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT"] is { Length: > 0 };
    }

    // The SDK takes room for 2,000 combinations of labels for each instrument at its first use, whether they come or not: with Orleans' hundred instruments
    // some 20 MB. Theirs have a label or none.
    private static MetricStreamConfiguration? Room(System.Diagnostics.Metrics.Instrument instrument) => instrument.Meter.Name switch
    {
        "Microsoft.Orleans" or "System.Runtime" => new MetricStreamConfiguration { CardinalityLimit = 100 },
        Instruments.Name => new MetricStreamConfiguration { CardinalityLimit = instrument.Name.EndsWith(".limited", StringComparison.Ordinal) ? 2500 : 1000 }, // 200 numbers with all their limiting factors
        _ => null,
    };

    /// <summary>Which process of which installation speaks.</summary>
    private sealed class Identity(IConfiguration configuration, IServiceProvider services) : IResourceDetector
    {
        public Resource Detect()
        {
            var silo = configuration["Cluster:SiloName"] ?? services.GetService<IOptions<SiloOptions>>()?.Value.SiloName ?? Environment.MachineName;
            return new Resource(new Dictionary<string, object>
            {
                ["service.name"] = configuration["OTEL_SERVICE_NAME"] ?? "orleansbsp",
                ["service.version"] = Product.Version,
                ["service.instance.id"] = silo,
                ["bsp.silo"] = silo,
                ["bsp.roles"] = configuration["Roles"] is { Length: > 0 } roles ? roles : "all",
            });
        }
    }
}

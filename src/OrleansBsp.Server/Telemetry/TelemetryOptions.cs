using System.ComponentModel.DataAnnotations;
using OrleansBsp.Server.Settings;

namespace OrleansBsp.Server.Telemetry;

/// <summary>Section <c>Telemetry</c>. Where to send (OTLP) is told by OpenTelemetry's own variables, <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> and its like.</summary>
public sealed class TelemetryOptions
{
    /// <summary>
    /// Share of messages with a trace from release to receipt. Default 0.001: one of a thousand. Without an OTLP endpoint there are none. At 1 each message
    /// makes about six spans.
    /// </summary>
    [Range(0.0, 1.0)]
    public double TraceRatio { get; set; } = 0.001;

    /// <summary>
    /// An address that serves <c>GET /metrics</c> without credentials and nothing else, such as <c>http://+:9464</c>; for a scraper in the cluster, never for a
    /// Service or Ingress that people reach. Default: none. <c>/metrics</c> of the usual address needs a key with the scope <c>read</c>.
    /// </summary>
    [ListenAddress]
    public string MetricsUrl { get; set; } = "";
}

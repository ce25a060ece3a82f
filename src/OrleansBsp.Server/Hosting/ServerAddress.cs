using OrleansBsp.Server.Settings;
using OrleansBsp.Server.Telemetry;

namespace OrleansBsp.Server.Hosting;

/// <summary>Where the server listens (<c>BSP_URL</c>; default and empty: <see cref="Default"/>).</summary>
internal static class ServerAddress
{
    public const string Name = "BSP_URL", Default = "http://127.0.0.1:8080";

    public static string Of(IConfiguration configuration) => configuration[Name] is { Length: > 0 } given ? given : Default;

    /// <summary>Looks before anything is started: Kestrel would notice only after the silo has joined the others.</summary>
    /// <exception cref="SettingsException">The address, or that for scrapers, is taken.</exception>
    public static void ThrowIfTaken(IConfiguration configuration)
    {
        ListenAddresses.ThrowIfTaken(Name, Of(configuration));
        ListenAddresses.ThrowIfTaken("Telemetry__MetricsUrl", MetricsEndpoint.OwnUrl(configuration) ?? "");
    }
}

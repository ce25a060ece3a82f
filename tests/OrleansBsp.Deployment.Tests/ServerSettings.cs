using System.Reflection;
using Microsoft.Extensions.Logging.Console;
using OrleansBsp.Server.Hosting;
using OrleansBsp.Simulator;

namespace OrleansBsp.Deployment.Tests;

/// <summary>Which names of environment variables mean something to the programs. A name with a slip in it only makes the server warn, so it is caught here.</summary>
internal static class ServerSettings
{
    private static readonly HashSet<string> Plain = ["BSP_DATA", "BSP_URL", "Roles", "ConnectionStrings__Postgres", "ASPNETCORE_FORWARDEDHEADERS_ENABLED", "DOTNET_EnableDiagnostics", "ASPNETCORE_HTTP_PORTS", "OTEL_EXPORTER_OTLP_ENDPOINT"];

    public static bool Knows(string name)
    {
        var parts = name.Split("__");
        if (parts[0] == "Simulator") return HasProperty(typeof(SimulatorOptions), parts.AsSpan(1));
        if (name.StartsWith("Logging__Console__FormatterOptions__", StringComparison.Ordinal)) return HasProperty(typeof(JsonConsoleFormatterOptions), parts.AsSpan(3));
        if (name.StartsWith("Logging__Console__", StringComparison.Ordinal)) return HasProperty(typeof(ConsoleLoggerOptions), parts.AsSpan(2));
        return Plain.Contains(name) || (SettingsCheck.Sections.TryGetValue(parts[0], out var options) && HasProperty(options, parts.AsSpan(1)));
    }

    // By exact letters, although .NET would take others: one name is written one way.
    private static bool HasProperty(Type type, ReadOnlySpan<string> path) =>
        path.Length == 0 || (type.GetProperty(path[0], BindingFlags.Public | BindingFlags.Instance) is { } property && HasProperty(property.PropertyType, path[1..]));
}

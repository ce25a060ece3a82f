using System.Reflection;

namespace OrleansBsp.Server.Telemetry;

/// <summary>What this program says of itself.</summary>
internal static class Product
{
    /// <summary>The day of its release, <c>2026.11.30</c>, without the commit.</summary>
    public static readonly string Version = typeof(Product).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "";
}

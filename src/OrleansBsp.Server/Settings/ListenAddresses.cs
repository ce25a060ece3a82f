using System.Net;

namespace OrleansBsp.Server.Settings;

/// <summary>Addresses for HTTP in the form that Kestrel takes: <c>http://127.0.0.1:8080</c>, <c>http://+:8080</c> for every address, several separated by semicolons.</summary>
internal static class ListenAddresses
{
    public const string Form = "an address such as http://127.0.0.1:8080, or http://+:8080 for every address of this machine";

    public static bool AreValid(string addresses) => Split(addresses).All(one => ParsedOrNull(one) is not null);

    /// <param name="setting">Its name.</param>
    /// <exception cref="SettingsException">One of them is taken, or not to be had.</exception>
    public static void ThrowIfTaken(string setting, string addresses)
    {
        foreach (var address in Split(addresses).Select(ParsedOrNull))
            if (address is { IsUnixPipe: false, Port: > 0 }) ListenProbe.ThrowIfTaken($"{setting}={addresses}", Interface(address.Host), address.Port, $"End that process, or choose another port with {setting}.");
    }

    private static IEnumerable<string> Split(string addresses) => addresses.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    // Kestrel takes a port that is no number for a part of the host, and every host that is no address for "every address".
    private static BindingAddress? ParsedOrNull(string address)
    {
        try
        {
            var parsed = BindingAddress.Parse(address);
            var isWhole = parsed.IsUnixPipe || (parsed.Port is >= 0 and <= IPEndPoint.MaxPort && (!parsed.Host.Contains(':') || IPAddress.TryParse(parsed.Host, out _)));
            return parsed.Scheme is "http" or "https" && isWhole ? parsed : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static IPAddress Interface(string host) => host == "localhost" ? IPAddress.Loopback : IPAddress.TryParse(host, out var address) ? address : IPAddress.Any;
}

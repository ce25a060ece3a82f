using System.Net;
using System.Net.Sockets;

namespace OrleansBsp.Server.Settings;

/// <summary>Finds out before the start that something else listens where this process is going to.</summary>
/// <remarks>
/// A plain listen, closed again at once, fails for as long as anything listens there, also what shares its port with others (SO_REUSEPORT). .NET sets SO_REUSEADDR
/// for it, so what is left of the connections of a process that has just ended (TIME_WAIT) is no obstacle.
/// </remarks>
internal static class ListenProbe
{
    /// <param name="setting">As the operator writes it: the name with its value.</param>
    /// <param name="remedy">What to do if it is taken: a sentence.</param>
    /// <exception cref="SettingsException">It is taken, or not to be had by this user or on this machine.</exception>
    public static void ThrowIfTaken(string setting, IPAddress address, int port, string remedy)
    {
        try
        {
            using var probe = new TcpListener(address, port);
            probe.Start();
        }
        catch (SocketException failure) when (failure.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            throw new SettingsException($"{setting}: port {port} is taken, another process listens on it. {remedy}", failure);
        }
        catch (SocketException failure)
        {
            throw new SettingsException($"{setting}: this process cannot listen on port {port} of {address}: {failure.Message}.", failure);
        }
    }
}

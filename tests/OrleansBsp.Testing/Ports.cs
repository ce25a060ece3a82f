using System.Net;
using System.Net.Sockets;

namespace OrleansBsp.Testing;

/// <summary>
/// Ports for those who listen later, or listen again after they were away. They lie below the range that Linux hands out (from 32768), so
/// none is given to somebody else's connection meanwhile, and none is named twice in this process.
/// </summary>
public static class Ports
{
    private const int From = 12_000;
    private const int Count = 18_000; // Orleans' own default, 30000, is not among them

    // Another test run on this machine begins elsewhere.
    private static int _last = Random.Shared.Next(Count);

    public static int Next()
    {
        while (true)
        {
            var port = From + (int)((uint)Interlocked.Increment(ref _last) % Count);
            if (IsFree(port)) return port;
        }
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var probe = new TcpListener(IPAddress.Loopback, port);
            probe.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}

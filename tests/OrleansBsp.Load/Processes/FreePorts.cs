using System.Net;
using System.Net.Sockets;

namespace OrleansBsp.Load.Processes;

/// <summary>Ports that nobody listens on. Held open together until all are known, so that they differ.</summary>
internal static class FreePorts
{
    public static int[] Find(int count)
    {
        var probes = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        foreach (var probe in probes) probe.Start();
        var ports = probes.Select(probe => ((IPEndPoint)probe.LocalEndpoint).Port).ToArray();
        foreach (var probe in probes) probe.Dispose();
        return ports;
    }
}

using System.Net;
using System.Net.Sockets;
using OrleansBsp.Server.Settings;

namespace OrleansBsp.Server.Tests.Settings;

public sealed class ListenProbeTests
{
    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1")]
    [InlineData("127.0.0.1", "0.0.0.0")]
    [InlineData("0.0.0.0", "127.0.0.1")]
    public void A_port_that_another_shares_as_Orleans_does_is_taken(string theirs, string ours)
    {
        using var silo = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        silo.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        silo.Bind(new IPEndPoint(IPAddress.Parse(theirs), 0));
        silo.Listen();
        var port = ((IPEndPoint)silo.LocalEndPoint!).Port;

        var refused = Assert.Throws<SettingsException>(() => ListenProbe.ThrowIfTaken($"Cluster__SiloPort={port}", IPAddress.Parse(ours), port, "Do this."));

        Assert.Equal($"Cluster__SiloPort={port}: port {port} is taken, another process listens on it. Do this.", refused.Message);
    }

    [Fact]
    public async Task The_port_of_a_process_that_has_just_ended_is_free()
    {
        var port = Ports.Next();
        using (var ended = new TcpListener(IPAddress.Loopback, port))
        {
            ended.Start();
            using var theirs = new TcpClient();
            await theirs.ConnectAsync(IPAddress.Loopback, port);
            using var ours = await ended.AcceptTcpClientAsync();
            ours.Client.Shutdown(SocketShutdown.Send); // who closes first keeps the connection in TIME_WAIT
            Assert.Equal(0, await theirs.GetStream().ReadAsync(new byte[1]));
        }

        ListenProbe.ThrowIfTaken("Cluster__SiloPort", IPAddress.Loopback, port, "");
        ListenProbe.ThrowIfTaken("Cluster__SiloPort", IPAddress.Any, port, ""); // leaves nothing behind itself
    }

    [Fact]
    public void An_address_that_is_not_of_this_machine_is_named()
    {
        var refused = Assert.Throws<SettingsException>(() => ListenProbe.ThrowIfTaken("BSP_URL=http://192.0.2.1:8080", IPAddress.Parse("192.0.2.1"), 8080, ""));
        Assert.StartsWith("BSP_URL=http://192.0.2.1:8080: this process cannot listen on port 8080 of 192.0.2.1: ", refused.Message, StringComparison.Ordinal);
    }
}

using System.Net;
using System.Net.Sockets;

namespace OrleansBsp.Testing;

/// <summary>The line between the server and Meta, to be cut: connections are reset and new ones refused until it is mended.</summary>
public sealed class Cable : IAsyncDisposable
{
    private readonly IPEndPoint _far;
    private readonly Lock _lock = new();
    private readonly List<Socket> _ends = [];
    private readonly int _port = Ports.Next();
    private Socket? _listener;
    private Task _accepting = Task.CompletedTask;

    public Cable(Uri far)
    {
        _far = IPEndPoint.Parse($"{far.Host}:{far.Port}");
        _listener = Listen(_port);
        _accepting = AcceptAsync(_listener);
    }

    /// <summary>Where the near side connects to.</summary>
    public Uri Url => new($"http://127.0.0.1:{_port}/");

    public async Task CutAsync()
    {
        _listener?.Dispose();
        _listener = null;
        await _accepting;
        lock (_lock)
        {
            foreach (var end in _ends) Reset(end);
            _ends.Clear();
        }
    }

    public void Mend()
    {
        _listener = Listen(_port);
        _accepting = AcceptAsync(_listener);
    }

    public async ValueTask DisposeAsync() => await CutAsync();

    private async Task AcceptAsync(Socket listener)
    {
        try
        {
            while (true) _ = JoinAsync(await listener.AcceptAsync());
        }
        catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
        {
            // Cut.
        }
    }

    private async Task JoinAsync(Socket near)
    {
        var far = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        near.NoDelay = true;
        lock (_lock) _ends.AddRange([near, far]);
        try
        {
            await far.ConnectAsync(_far);
            await Task.WhenAny(CopyAsync(near, far), CopyAsync(far, near));
        }
        catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
        {
            // Cut, or the far side is gone.
        }

        lock (_lock)
        {
            near.Dispose();
            far.Dispose();
            _ends.RemoveAll(end => end == near || end == far);
        }
    }

    private static async Task CopyAsync(Socket from, Socket to)
    {
        var buffer = new byte[64 * 1024];
        for (int read; (read = await from.ReceiveAsync(buffer)) > 0;)
            for (var sent = 0; sent < read;) sent += await to.SendAsync(buffer.AsMemory(sent, read - sent));
    }

    private static void Reset(Socket end)
    {
        end.LingerState = new LingerOption(true, 0); // closing sends a reset
        end.Dispose();
    }

    private static Socket Listen(int port)
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, port));
        listener.Listen();
        return listener;
    }
}

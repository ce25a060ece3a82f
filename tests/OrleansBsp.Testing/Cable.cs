using System.Net;
using System.Net.Sockets;

namespace OrleansBsp.Testing;

/// <summary>
/// A line between two parties, to be disturbed until it is mended. Cut: connections are reset and new ones refused. Held: connections stay, new ones are taken,
/// and nothing comes through in the held direction; what was said meanwhile arrives when it is mended, as after a network that was split.
/// </summary>
public sealed class Cable : IAsyncDisposable
{
    private readonly IPEndPoint _far;
    private readonly Lock _lock = new();
    private readonly List<Socket> _ends = [];
    private readonly int _port = Ports.Next();
    private readonly Gate _there = new();
    private readonly Gate _back = new();
    private Socket? _listener;
    private Task _accepting = Task.CompletedTask;

    /// <param name="far">Host and port of the far side; the scheme does not matter.</param>
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

    /// <param name="there">What the near side says is held.</param>
    /// <param name="back">What the far side says is held.</param>
    public void Hold(bool there = true, bool back = true)
    {
        if (there) _there.Close();
        if (back) _back.Close();
    }

    public void Mend()
    {
        _there.Open();
        _back.Open();
        if (_listener is not null) return;
        _listener = Listen(_port);
        _accepting = AcceptAsync(_listener);
    }

    public async ValueTask DisposeAsync()
    {
        await CutAsync();
        _there.Open();
        _back.Open();
    }

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
            await Task.WhenAny(CopyAsync(near, far, _there), CopyAsync(far, near, _back));
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

    private static async Task CopyAsync(Socket from, Socket to, Gate gate)
    {
        var buffer = new byte[64 * 1024];
        for (int read; (read = await from.ReceiveAsync(buffer)) > 0;)
        {
            await gate.PassAsync();
            for (var sent = 0; sent < read;) sent += await to.SendAsync(buffer.AsMemory(sent, read - sent));
        }

        await gate.PassAsync(); // a good-bye is held like anything else that is said
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

    /// <summary>Open at first.</summary>
    private sealed class Gate
    {
        private volatile TaskCompletionSource? _closed;

        public Task PassAsync() => _closed?.Task ?? Task.CompletedTask;

        public void Close() => _closed ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Open() => Interlocked.Exchange(ref _closed, null)?.SetResult();
    }
}

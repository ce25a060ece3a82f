using System.Net;
using System.Net.Sockets;
using System.Text;
using Npgsql;

namespace OrleansBsp.Server.Tests.Storage;

/// <summary>
/// A way to PostgreSQL that can lose an answer: the statement is carried out and committed, and the connection is cut before
/// anybody hears of it.
/// </summary>
internal sealed class LossyLink : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly IPEndPoint _server;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;
    private int _armed;
    private int _lost;
    private byte[]? _sought;

    public LossyLink(string connectionString)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        _server = new IPEndPoint(IPAddress.Loopback, settings.Port);
        _listener.Start();
        settings.Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        ConnectionString = settings.ConnectionString;
        _accepting = AcceptAsync();
    }

    public string ConnectionString { get; }

    /// <summary>Answers lost so far.</summary>
    public int Lost => Volatile.Read(ref _lost);

    /// <summary>The answers to the next statements, whichever they are, get lost, each with its session.</summary>
    public void LoseNextAnswer(int times = 1) => Interlocked.Exchange(ref _armed, times);

    /// <summary>The answer to what a session says next after this statement gets lost: of a transaction's last statement, that to its commit.</summary>
    /// <param name="statement">A part of its text. A statement that was prepared before is not seen.</param>
    public void LoseAnswerBehind(string statement) => Volatile.Write(ref _sought, Encoding.UTF8.GetBytes(statement));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var links = new List<Task>();
        try
        {
            while (true) links.Add(CarryAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
        }
        catch (Exception failure) when (failure is OperationCanceledException or SocketException)
        {
            await Task.WhenAll(links);
        }
    }

    private async Task CarryAsync(TcpClient client)
    {
        using var server = new TcpClient();
        using (client)
        {
            try
            {
                await server.ConnectAsync(_server, _stop.Token);
                (client.NoDelay, server.NoDelay) = (true, true);
                var lose = new StrongBox();
                await Task.WhenAny(ToServerAsync(client.GetStream(), server.GetStream(), lose), ToClientAsync(server.GetStream(), client.GetStream(), lose));
            }
            catch (Exception failure) when (failure is IOException or SocketException or OperationCanceledException)
            {
                // Either side has gone: so does the link.
            }
        }
    }

    private async Task ToServerAsync(NetworkStream client, NetworkStream server, StrongBox lose)
    {
        var buffer = new byte[64 * 1024];
        for (int read; (read = await client.ReadAsync(buffer, _stop.Token)) > 0;)
        {
            // 'X' says good-bye; losing the answer to that would lose nothing.
            if (buffer[0] is not (byte)'X' && lose.IsReady && (lose.IsBehind || MustLose())) lose.IsLosing = true;
            if (Volatile.Read(ref _sought) is { } sought && buffer.AsSpan(0, read).IndexOf(sought) >= 0 && Interlocked.CompareExchange(ref _sought, null, sought) == sought) lose.IsBehind = true;
            await server.WriteAsync(buffer.AsMemory(0, read), _stop.Token);
        }
    }

    private async Task ToClientAsync(NetworkStream server, NetworkStream client, StrongBox lose)
    {
        var buffer = new byte[64 * 1024];
        for (int read; (read = await server.ReadAsync(buffer, _stop.Token)) > 0;)
        {
            // ReadyForQuery, outside a transaction: what was asked is committed.
            var isDone = read >= 6 && buffer.AsSpan(read - 6, 6).SequenceEqual((ReadOnlySpan<byte>)[(byte)'Z', 0, 0, 0, 5, (byte)'I']);
            if (lose.IsLosing)
            {
                if (!isDone) continue;
                Interlocked.Increment(ref _lost);
                return;
            }

            lose.IsReady |= isDone; // the session has begun
            await client.WriteAsync(buffer.AsMemory(0, read), _stop.Token);
        }
    }

    private bool MustLose()
    {
        if (Interlocked.Decrement(ref _armed) >= 0) return true;
        Interlocked.Increment(ref _armed);
        return false;
    }

    private sealed class StrongBox
    {
        public volatile bool IsReady;
        public volatile bool IsBehind;
        public volatile bool IsLosing;
    }
}

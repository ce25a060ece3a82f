using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace OrleansBsp.Server.Tests.Storage;

/// <summary>
/// One connection to PostgreSQL on which, from a moment on, statements arrive and the end of their batch (Sync) does not. So PostgreSQL sees a process that is stopped
/// while it sends.
/// </summary>
internal sealed class UnfinishedPipeline : IDisposable
{
    private static readonly byte[] Sync = [(byte)'S', 0, 0, 0, 4];

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly TcpClient _server = new();
    private volatile bool _stopped;

    public UnfinishedPipeline(string connectionString)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false };
        _server.Connect(IPAddress.Loopback, settings.Port);
        _listener.Start();
        settings.Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        ConnectionString = settings.ConnectionString;
        _ = CarryAsync();
    }

    public string ConnectionString { get; }

    public void Stop() => _stopped = true;

    public void Dispose()
    {
        _listener.Dispose();
        _server.Dispose();
    }

    private async Task CarryAsync()
    {
        using var client = await _listener.AcceptTcpClientAsync();
        await Task.WhenAny(ToServerAsync(client.GetStream()), _server.GetStream().CopyToAsync(client.GetStream()));
    }

    private async Task ToServerAsync(NetworkStream client)
    {
        var buffer = new byte[64 * 1024];
        for (int read; (read = await client.ReadAsync(buffer)) > 0;)
        {
            if (_stopped && buffer.AsSpan(0, read).EndsWith(Sync)) read -= Sync.Length;
            await _server.GetStream().WriteAsync(buffer.AsMemory(0, read));
        }
    }
}

using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace OrleansBsp.Server.Storage;

/// <summary>
/// A PostgreSQL of our own in a folder, for <c>./bsp run</c> and for tests: system binaries under
/// <c>/usr/lib/postgresql</c>, else those of the npm package that <c>./bsp</c> installs (<c>BSP_POSTGRES_BIN</c> names another folder).
/// </summary>
/// <remarks>
/// The server runs under a small shell that reads from a pipe we hold: when this process ends in any way, also by
/// kill -9, the pipe closes and the shell stops PostgreSQL. PostgreSQL refuses to run as root, so root steps down to
/// the <c>postgres</c> user or, without one, to <c>nobody</c>.
/// </remarks>
public sealed class EmbeddedPostgres : IAsyncDisposable
{
    // INT is PostgreSQL's fast shutdown: sessions are cut, nothing committed is lost.
    private const string Guardian = """
        "$@" & server=$!
        trap '' INT TERM HUP
        read -r _
        kill -INT $server 2>/dev/null
        wait $server
        """;

    private readonly PostgresBinaries _binaries;
    private readonly string[] _arguments;
    private Process _guardian;

    private EmbeddedPostgres(PostgresBinaries binaries, string[] arguments, Process guardian, string connectionString)
    {
        (_binaries, _arguments, _guardian, ConnectionString) = (binaries, arguments, guardian, connectionString);
    }

    /// <summary>For the database <c>bsp</c> of this server.</summary>
    public string ConnectionString { get; }

    /// <summary>Starts PostgreSQL on <paramref name="folder"/>, which is made if it does not exist; keeps the data if it does.</summary>
    /// <param name="durable">False only for tests that do not kill PostgreSQL: commits are then not flushed to disk.</param>
    /// <exception cref="InvalidOperationException">No binaries, or PostgreSQL did not start; the message has its log.</exception>
    public static async Task<EmbeddedPostgres> StartAsync(string folder, bool durable, CancellationToken cancel)
    {
        var binaries = PostgresBinaries.Find();
        folder = Path.GetFullPath(folder);
        Directory.CreateDirectory(folder);
        var data = Path.Combine(folder, "data");
        if (!File.Exists(Path.Combine(data, "PG_VERSION")))
        {
            binaries.GiveTo(folder);
            await binaries.RunAsync(["initdb", "--pgdata", data, "--username=bsp", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"], cancel);
        }

        var port = FreePort();
        string[] arguments =
        [
            "postgres", "-D", data, "-p", $"{port}", "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=",
            "-c", "max_connections=200", "-c", "shared_buffers=128MB", "-c", "max_wal_size=2GB", "-c", "checkpoint_completion_target=0.9",
            "-c", "wal_compression=on", "-c", $"fsync={OnOff(durable)}", "-c", $"synchronous_commit={OnOff(durable)}",
            "-c", $"full_page_writes={OnOff(durable)}", "-c", $"log_destination=stderr", "-c", "logging_collector=off",
        ];
        var connectionString = $"Host=127.0.0.1;Port={port};Username=bsp;Database=bsp";
        var server = new EmbeddedPostgres(binaries, arguments, Launch(binaries, arguments), connectionString);
        await server.WaitUntilReadyAsync(cancel);
        return server;
    }

    /// <summary>Stops and starts the server on the same port. For tests of a database that goes away.</summary>
    /// <param name="kill">True: every process of it is killed at once, as in a crash.</param>
    public async Task RestartAsync(bool kill, TimeSpan down, CancellationToken cancel)
    {
        await StopAsync(kill);
        await Task.Delay(down, TimeProvider.System, cancel);
        _guardian = Launch(_binaries, _arguments);
        await WaitUntilReadyAsync(cancel);
    }

    public async ValueTask DisposeAsync() => await StopAsync(kill: false);

    private async Task StopAsync(bool kill)
    {
        if (kill)
        {
            var postmaster = int.Parse(File.ReadLines(Path.Combine(DataFolder, "postmaster.pid")).First(), System.Globalization.CultureInfo.InvariantCulture);
            // QUIT is PostgreSQL's immediate shutdown: no checkpoint, recovery from the log at the next start.
            using var signal = Process.Start("kill", ["-QUIT", $"{postmaster}"]);
            await signal.WaitForExitAsync();
        }

        _guardian.StandardInput.Close();
        await _guardian.WaitForExitAsync();
        _guardian.Dispose();
    }

    private string DataFolder => _arguments[2];

    private static Process Launch(PostgresBinaries binaries, string[] arguments)
    {
        var start = new ProcessStartInfo("/bin/sh") { RedirectStandardInput = true, RedirectStandardError = true, RedirectStandardOutput = true };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add(Guardian);
        start.ArgumentList.Add("bsp-postgres");
        foreach (var argument in binaries.Command(arguments)) start.ArgumentList.Add(argument);
        binaries.Apply(start);
        var log = new StreamWriter(Path.Combine(Path.GetDirectoryName(arguments[2])!, "postgres.log"), append: true) { AutoFlush = true };
        var process = new Process { StartInfo = start };
        process.ErrorDataReceived += (_, line) => { if (line.Data is not null) lock (log) log.WriteLine(line.Data); };
        process.Start();
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        return process;
    }

    private async Task WaitUntilReadyAsync(CancellationToken cancel)
    {
        var admin = new NpgsqlConnectionStringBuilder(ConnectionString) { Database = "postgres", Pooling = false, Timeout = 2 }.ConnectionString;
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                await using var connection = new NpgsqlConnection(admin);
                await connection.OpenAsync(cancel);
                await using var exists = new NpgsqlCommand("select 1 from pg_database where datname = 'bsp'", connection);
                if (await exists.ExecuteScalarAsync(cancel) is null)
                {
                    await using var create = new NpgsqlCommand("create database bsp", connection);
                    await create.ExecuteNonQueryAsync(cancel);
                }

                return;
            }
            catch (NpgsqlException) when (attempt < 300 && !_guardian.HasExited)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, cancel);
            }
            catch (NpgsqlException failure)
            {
                throw new InvalidOperationException(
                    $"PostgreSQL in {DataFolder} did not start; see postgres.log beside it. Last error: {failure.Message}", failure);
            }
        }
    }

    private static string OnOff(bool on) => on ? "on" : "off";

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}

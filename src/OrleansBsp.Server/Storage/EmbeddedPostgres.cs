using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Npgsql;

namespace OrleansBsp.Server.Storage;

/// <summary>
/// A PostgreSQL of our own in a folder, for <c>./bsp run</c> and for tests: system binaries under
/// <c>/usr/lib/postgresql</c>, else those of the npm package that <c>./bsp</c> installs (<c>BSP_POSTGRES_BIN</c> names another folder).
/// </summary>
/// <remarks>
/// The server runs under a small shell that reads from a pipe we hold: when this process ends in any way, also by
/// kill -9, the pipe closes and the shell stops PostgreSQL. PostgreSQL refuses to run as root, so root steps down to
/// the <c>postgres</c> user or, without one, to <c>nobody</c>. It listens on 127.0.0.1 only, with a password that is
/// kept in the folder: other users of the machine do not come in.
/// </remarks>
public sealed class EmbeddedPostgres : IAsyncDisposable
{
    // $1 is the log. The watcher waits for our pipe to close; INT is PostgreSQL's fast shutdown: sessions are cut, nothing
    // committed is lost. It is repeated because PostgreSQL ignores it in its first moments, and after 20 s becomes QUIT, which
    // cannot wait for anything. A session of its own (setsid) keeps the terminal's Ctrl-C from PostgreSQL: our server stops first.
    // Should someone kill this shell, the kernel sends PostgreSQL its INT (pdeathsig, in PostgresBinaries.Command).
    private const string Guardian = """
        log=$1; shift
        trap '' INT TERM HUP
        exec 3<&0
        setsid "$@" </dev/null >>"$log" 2>&1 3<&- &
        server=$!
        ( read -r _ <&3
          i=0
          while kill -INT $server && [ $i -lt 100 ]; do sleep 0.2; i=$((i+1)); done
          kill -QUIT $server ) 2>/dev/null &
        watcher=$!
        wait $server
        status=$?
        kill -KILL $watcher
        exit $status
        """;

    private const long LargestLogBytes = 10 << 20;

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
    /// <remarks>If PostgreSQL of an earlier process is still stopping there, as after a kill -9, waits for its end.</remarks>
    /// <param name="durable">False only for tests that do not kill PostgreSQL: commits are then not flushed to disk.</param>
    /// <exception cref="Settings.SettingsException">No binaries.</exception>
    /// <exception cref="InvalidOperationException">PostgreSQL did not start; the message has the end of its log.</exception>
    public static async Task<EmbeddedPostgres> StartAsync(string folder, bool durable, CancellationToken cancel)
    {
        var user = PostgresUser.Current();
        folder = user.MakeFolder(Path.GetFullPath(folder));
        var data = Path.Combine(folder, "data");
        var versionFile = Path.Combine(data, "PG_VERSION");
        var binaries = PostgresBinaries.Find(user, File.Exists(versionFile) ? (await File.ReadAllTextAsync(versionFile, cancel)).Trim() : null);
        var passwordFile = Path.Combine(folder, "password");
        if (!File.Exists(versionFile)) await InitializeAsync(binaries, user, folder, data, passwordFile, durable, cancel);
        await PostmasterFile.WaitUntilGoneAsync(data, cancel);

        var port = FreePort();
        string[] arguments =
        [
            "postgres", "-D", data, "-p", $"{port}", "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=",
            "-c", "max_connections=200", "-c", "shared_buffers=128MB", "-c", "max_wal_size=2GB", "-c", "checkpoint_completion_target=0.9",
            "-c", "wal_compression=on", "-c", $"fsync={OnOff(durable)}", "-c", $"synchronous_commit={OnOff(durable)}",
            "-c", $"full_page_writes={OnOff(durable)}", "-c", $"log_destination=stderr", "-c", "logging_collector=off",
        ];
        var password = await File.ReadAllTextAsync(passwordFile, cancel);
        var connectionString = $"Host=127.0.0.1;Port={port};Username=bsp;Password={password};Database=bsp";
        var server = new EmbeddedPostgres(binaries, arguments, Launch(binaries, arguments), connectionString);
        try
        {
            await server.WaitUntilReadyAsync(cancel);
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }

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
        // QUIT is PostgreSQL's immediate shutdown: no checkpoint, recovery from the log at the next start.
        if (kill && PostmasterFile.ProcessIdOrNull(DataFolder) is { } postmaster)
        {
            using var signal = Process.Start("kill", ["-QUIT", $"{postmaster}"]);
            await signal.WaitForExitAsync();
        }

        _guardian.StandardInput.Close();
        await _guardian.WaitForExitAsync();
        _guardian.Dispose();
    }

    private string DataFolder => _arguments[2];

    private string LogFile => LogOf(_arguments);

    private static string LogOf(string[] arguments) => Path.Combine(Path.GetDirectoryName(arguments[2])!, "postgres.log");

    // Made under another name and renamed when complete: initdb that was interrupted leaves a folder that looks like data.
    private static async Task InitializeAsync(
        PostgresBinaries binaries, PostgresUser user, string folder, string data, string passwordFile, bool durable, CancellationToken cancel)
    {
        var unfinished = data + ".unfinished";
        if (Directory.Exists(unfinished)) Directory.Delete(unfinished, recursive: true);
        await File.WriteAllTextAsync(passwordFile, RandomNumberGenerator.GetHexString(32, lowercase: true), cancel);
        File.SetUnixFileMode(passwordFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        user.Own(folder);
        List<string> initdb =
            ["initdb", "--pgdata", unfinished, "--username=bsp", "--auth=scram-sha-256", $"--pwfile={passwordFile}", "--encoding=UTF8", "--locale=C"];
        if (!durable) initdb.Add("--no-sync");
        await binaries.RunAsync(initdb, cancel);
        Directory.Move(unfinished, data);
    }

    private static Process Launch(PostgresBinaries binaries, string[] arguments)
    {
        var log = LogOf(arguments);
        if (new FileInfo(log) is { Exists: true, Length: > LargestLogBytes }) File.Move(log, log + ".old", overwrite: true);
        var start = new ProcessStartInfo("/bin/sh", ["-c", Guardian, "bsp-postgres", log, .. binaries.CommandUnderShell(arguments)]) { RedirectStandardInput = true };
        binaries.Apply(start);
        return Process.Start(start)!;
    }

    private async Task WaitUntilReadyAsync(CancellationToken cancel)
    {
        var admin = new NpgsqlConnectionStringBuilder(ConnectionString) { Database = "postgres", Pooling = false, Timeout = 2 }.ConnectionString;
        // Not a limit for a normal start: after a crash PostgreSQL first reads its log again, which can take minutes.
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
            catch (NpgsqlException) when (attempt < 3000 && !_guardian.HasExited)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, cancel);
            }
            catch (NpgsqlException failure)
            {
                var log = string.Join('\n', File.ReadLines(LogFile).TakeLast(10));
                throw new InvalidOperationException(
                    $"PostgreSQL in {DataFolder} did not start: {failure.Message}. The end of {LogFile}:\n{log}", failure);
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

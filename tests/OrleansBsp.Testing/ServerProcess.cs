using System.Diagnostics;
using Xunit.Sdk;

namespace OrleansBsp.Testing;

/// <summary>The real server as a process of its own, to be killed, stopped and started again on the same data and address.</summary>
/// <remarks>
/// It runs under a small shell that reads from a pipe which this process holds: when the test process ends in any way, the pipe
/// closes and the shell kills the server.
/// </remarks>
public sealed class ServerProcess : IAsyncDisposable
{
    // Its own first line tells the server's process id. The watcher holds none of the server's pipes.
    private const string Guardian = """
        exec 3<&0
        "$@" </dev/null 3<&- & server=$!
        echo "pid $server"
        (read -r _ <&3; kill -9 $server) >/dev/null 2>&1 & watcher=$!
        wait $server; code=$?
        kill $watcher 2>/dev/null
        exit $code
        """;

    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(25);

    // A busy machine takes a moment to tell the process of the signal.
    private static readonly TimeSpan UnreadyWithin = TimeSpan.FromSeconds(2);

    private readonly Dictionary<string, string> _environment;
    private readonly List<string> _log = [];
    private Process? _guardian;
    private TaskCompletionSource<int> _pid = new();

    private ServerProcess(Uri url, string dataFolder, Dictionary<string, string> environment) => (Url, DataFolder, _environment) = (url, dataFolder, environment);

    public Uri Url { get; }

    public string DataFolder { get; }

    public bool HasEnded => _guardian is not { HasExited: false };

    /// <summary>By which number it ended; null while it runs.</summary>
    public int? ExitCode => _guardian is { HasExited: true } ended ? ended.ExitCode : null;

    /// <summary>Everything the server has written, over all its starts.</summary>
    public IReadOnlyList<string> Log
    {
        get { lock (_log) return [.. _log]; }
    }

    /// <param name="settings">The server's settings by the names of its environment variables.</param>
    public static async Task<ServerProcess> StartAsync(string dataFolder, string connectionString, IReadOnlyDictionary<string, string> settings)
    {
        var url = new Uri($"http://127.0.0.1:{Ports.Next()}/");
        var environment = new Dictionary<string, string>(settings)
        {
            ["BSP_URL"] = url.ToString().TrimEnd('/'),
            ["BSP_DATA"] = dataFolder,
            ["BSP_SIMULATOR"] = "off",
            ["ConnectionStrings__Postgres"] = connectionString,
            ["Cluster__SiloPort"] = $"{Ports.Next()}", // kept over restarts, as an installation keeps its own
            ["Cluster__GatewayPort"] = $"{Ports.Next()}",
            ["Logging__Console__FormatterOptions__SingleLine"] = "true",
            ["Logging__Console__FormatterOptions__TimestampFormat"] = "HH:mm:ss.fff ",
            ["ASPNETCORE_ENVIRONMENT"] = "Production",
        };
        environment.TryAdd("Cluster__ClusterId", $"scenario-{Guid.NewGuid():N}");
        environment.TryAdd("Logging__Console__FormatterName", "simple");
        var server = new ServerProcess(url, dataFolder, environment);
        await server.StartAgainAsync();
        return server;
    }

    /// <summary>Another process of the same installation, on an address of its own.</summary>
    public async Task<ServerProcess> StartBesideAsync()
    {
        var url = new Uri($"http://127.0.0.1:{Ports.Next()}/");
        var server = new ServerProcess(url, DataFolder, new Dictionary<string, string>(_environment)
        {
            ["BSP_URL"] = url.ToString().TrimEnd('/'), ["Cluster__SiloPort"] = $"{Ports.Next()}", ["Cluster__GatewayPort"] = $"{Ports.Next()}",
        });
        await server.StartAgainAsync();
        return server;
    }

    /// <summary>What it is started with under this name.</summary>
    public string Setting(string name) => _environment[name];

    /// <summary>Changes its environment from the next start on; null takes the variable away.</summary>
    public void Set(string name, string? value)
    {
        if (value is null) _environment.Remove(name);
        else _environment[name] = value;
    }

    /// <summary>Starts it on the same data and address, and waits until it is ready.</summary>
    public async Task StartAgainAsync()
    {
        await LaunchAsync();
        using var http = new HttpClient { BaseAddress = Url, Timeout = TimeSpan.FromSeconds(5) };
        await Wait.UntilAsync(async () =>
        {
            if (_guardian!.HasExited) throw new XunitException($"The server ended with code {_guardian.ExitCode} instead of becoming ready.\n{string.Join('\n', Log.TakeLast(40))}");
            using var answer = await http.GetAsync("health/ready");
            return answer.IsSuccessStatusCode;
        }, "the server answers /health/ready with 200");
    }

    /// <summary>Starts it without waiting.</summary>
    public async Task LaunchAsync()
    {
        if (_guardian is { HasExited: false }) throw new InvalidOperationException("The server is running already.");
        _pid = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        var start = new ProcessStartInfo("/bin/sh") { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])["-c", Guardian, "bsp-server", "dotnet", Program()]) start.ArgumentList.Add(argument);
        foreach (var (name, value) in _environment) start.Environment[name] = value;
        _guardian = new Process { StartInfo = start };
        _guardian.OutputDataReceived += (_, line) => Read(line.Data);
        _guardian.ErrorDataReceived += (_, line) => Read(line.Data);
        _guardian.Start();
        _guardian.BeginOutputReadLine();
        _guardian.BeginErrorReadLine();
        await _pid.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    /// <summary>Kills it at once, as kill -9 and the kernel's memory watch do.</summary>
    public async Task KillAsync()
    {
        await SignalAsync("KILL");
        await EndAsync();
    }

    /// <summary>Asks it to stop, and checks that it does so in order: not ready from the beginning, exit code 0 within 25 s.</summary>
    public async Task StopAsync()
    {
        var asked = Stopwatch.GetTimestamp();
        await SignalAsync("TERM");
        var ready = StaysReadyAsync(asked);
        await EndAsync(StopLimit + TimeSpan.FromSeconds(30));
        var readyUntil = await ready;
        Assert.True(readyUntil < UnreadyWithin, $"The server said {readyUntil.TotalSeconds:0.0} s after SIGTERM that it was ready.");
        var took = Stopwatch.GetElapsedTime(asked);
        Assert.True(_guardian!.ExitCode == 0, $"The server stopped with code {_guardian.ExitCode} after SIGTERM, not 0.");
        Assert.True(took <= StopLimit, $"The server took {took.TotalSeconds:0.0} s to stop, more than {StopLimit.TotalSeconds:0}.");
    }

    /// <param name="signal">By name: STOP and CONT make a pause of the whole process.</param>
    public async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{await _pid.Task}"]);
        await kill.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_guardian is null) return;
        if (!_guardian.HasExited) await KillAsync();
        _guardian.Dispose();
    }

    /// <returns>How long after the signal it answered for the last time that it was ready.</returns>
    private async Task<TimeSpan> StaysReadyAsync(long asked)
    {
        using var http = new HttpClient { BaseAddress = Url, Timeout = TimeSpan.FromSeconds(2) };
        for (var last = TimeSpan.Zero; ; await Task.Delay(100))
        {
            if (_guardian!.HasExited) return last;
            var began = Stopwatch.GetElapsedTime(asked);
            try
            {
                using var answer = await http.GetAsync("health/ready");
                if (answer.IsSuccessStatusCode) last = began;
            }
            catch (Exception failure) when (failure is HttpRequestException or TaskCanceledException)
            {
                // It takes no connections any more.
            }
        }
    }

    private async Task EndAsync(TimeSpan? limit = null)
    {
        using var late = new CancellationTokenSource(limit ?? TimeSpan.FromSeconds(30));
        await _guardian!.WaitForExitAsync(late.Token);
    }

    private void Read(string? line)
    {
        if (line is null) return;
        if (line.StartsWith("pid ", StringComparison.Ordinal) && !_pid.Task.IsCompleted && int.TryParse(line.AsSpan(4), out var pid)) _pid.SetResult(pid);
        lock (_log) _log.Add(line);
    }

    /// <summary>The server beside this test project, built with the same configuration.</summary>
    public static string Program()
    {
        var output = new DirectoryInfo(AppContext.BaseDirectory);
        var (framework, configuration) = (output.Name, output.Parent!.Name);
        var program = Path.Combine(Repository.Folder, "src/OrleansBsp.Server/bin", configuration, framework, "OrleansBsp.Server.dll");
        return File.Exists(program) ? program : throw new FileNotFoundException($"The server is not built: {program} does not exist.");
    }
}

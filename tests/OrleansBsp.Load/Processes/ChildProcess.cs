using System.Diagnostics;
using System.Globalization;

namespace OrleansBsp.Load.Processes;

/// <summary>
/// A program of ours in a process of its own, as in production. It runs under a small shell that reads from a pipe we hold: when this
/// tool ends in any way, also by kill -9, the pipe closes and the shell ends the program, by force if it has not drained after half a minute.
/// </summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private const string Guardian = """
        log=$1; shift
        "$@" >"$log" 2>&1 & child=$!
        echo $child
        trap '' INT TERM HUP
        read -r _
        kill -TERM $child 2>/dev/null
        (for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do sleep 2; done; kill -KILL $child 2>/dev/null) & killer=$!
        wait $child
        kill -KILL $killer 2>/dev/null
        """;

    // Longer than the guardian's 30 s, which are longer than the server's own drain.
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(40);

    private readonly Process _guardian;
    private readonly string _name;
    private readonly string _log;

    private ChildProcess(Process guardian, int id, string name, string log) => (_guardian, Id, _name, _log) = (guardian, id, name, log);

    /// <summary>Process id of the program itself, not of its guardian.</summary>
    public int Id { get; }

    /// <summary>Runs <c>dotnet program.dll</c> from this tool's own folder, so that what is measured is what was built with it.</summary>
    /// <param name="name">How it is called in messages, and its log.</param>
    /// <param name="folder">Where its log goes, and its working directory.</param>
    public static async Task<ChildProcess> StartAsync(
        string program, string name, string folder, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> environment, CancellationToken cancel)
    {
        var log = Path.Combine(folder, $"{name}.log");
        string[] command = ["-c", Guardian, name, log, Environment.ProcessPath is { } path && Path.GetFileName(path) == "dotnet" ? path : "dotnet",
            Path.Combine(AppContext.BaseDirectory, $"{program}.dll"), .. arguments];
        var start = new ProcessStartInfo("/bin/sh", command) { RedirectStandardInput = true, RedirectStandardOutput = true, WorkingDirectory = folder };
        foreach (var (key, value) in environment) start.Environment[key] = value;
        var guardian = Process.Start(start)!;
        var id = await guardian.StandardOutput.ReadLineAsync(cancel);
        return new ChildProcess(guardian, int.Parse(id!, CultureInfo.InvariantCulture), name, log);
    }

    /// <exception cref="InvalidOperationException">It has ended; the message has the end of its log.</exception>
    public void ThrowIfEnded()
    {
        if (Directory.Exists($"/proc/{Id}")) return;
        var lines = File.Exists(_log) ? File.ReadLines(_log).TakeLast(20) : [];
        throw new InvalidOperationException($"{_name} has ended by itself. The end of its log:\n{string.Join('\n', lines)}");
    }

    public async ValueTask DisposeAsync()
    {
        _guardian.StandardInput.Close();
        using var limit = new CancellationTokenSource(StopLimit);
        try
        {
            await _guardian.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            Console.Error.WriteLine($"{_name} did not stop within {StopLimit.TotalSeconds:0} s and is killed.");
            _guardian.Kill(entireProcessTree: true);
        }

        _guardian.Dispose();
    }
}

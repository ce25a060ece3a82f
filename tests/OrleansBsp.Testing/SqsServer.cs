using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansBsp.Server.Queues;

namespace OrleansBsp.Testing;

/// <summary>A real server that speaks SQS, in a process of its own on a free port of loopback. What it holds is gone with it.</summary>
/// <remarks>
/// It ends when its standard input does, so it never outlives this process. Where its ways were not Amazon's <c>tools/sqs/server.js</c> mends them: a long poll ends
/// with the first message. Tests poll briefly all the same, as a stop waits for a poll under way.
/// </remarks>
public sealed class SqsServer : IAsyncDisposable
{
    private static readonly Lazy<Task> Installed = new(() => Repository.InstallAsync("sqs"));
    private readonly Process _process;

    private SqsServer(Process process, int port) => (_process, Url) = (process, new Uri($"http://127.0.0.1:{port}/"));

    public Uri Url { get; }

    public static async Task<SqsServer> StartAsync()
    {
        await Installed.Value;
        var start = new ProcessStartInfo("node", [Path.Combine(Repository.Folder, "tools/sqs/server.js"), Path.Combine(Repository.Folder, ".tools/sqs")])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true,
        };
        var process = Process.Start(start)!;
        var line = await process.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(30));
        return line is not null && line.StartsWith("port ", StringComparison.Ordinal)
            ? new SqsServer(process, int.Parse(line.AsSpan(5)))
            : throw new InvalidOperationException($"The SQS server did not start: {line}");
    }

    /// <param name="by">How it is reached, if not directly.</param>
    public SqsOptions Options(Uri? by = null, int visibilitySeconds = 30, int maxReceiveCount = 10, int receivers = 2) => new()
    {
        ServiceUrl = (by ?? Url).ToString(), Prefix = $"test-{Guid.NewGuid():N}", VisibilitySeconds = visibilitySeconds, MaxReceiveCount = maxReceiveCount,
        Receivers = receivers, ReceiveWaitSeconds = 0,
    };

    /// <summary>These options as settings of a server.</summary>
    public static (string Key, string Value)[] Settings(SqsOptions options) =>
    [
        ("Queue:Sqs:ServiceUrl", options.ServiceUrl!), ("Queue:Sqs:Prefix", options.Prefix), ("Queue:Sqs:VisibilitySeconds", $"{options.VisibilitySeconds}"),
        ("Queue:Sqs:MaxReceiveCount", $"{options.MaxReceiveCount}"), ("Queue:Sqs:Receivers", $"{options.Receivers}"), ("Queue:Sqs:ReceiveWaitSeconds", $"{options.ReceiveWaitSeconds}"),
    ];

    public static SqsQueues Queues(SqsOptions options) => new(options, TimeProvider.System, NullLogger<SqsQueues>.Instance);

    /// <param name="signal">By name: STOP and CONT make a pause of the whole process.</param>
    public async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{_process.Id}"]);
        await kill.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}

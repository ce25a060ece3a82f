using System.Diagnostics;
using System.Globalization;

namespace OrleansBsp.Load.Processes;

/// <summary>The server of <c>tools/sqs</c>, which speaks SQS and keeps everything in memory. It ends when its standard input does, so it never outlives this tool.</summary>
internal sealed class SqsServer : IAsyncDisposable
{
    private static readonly string Repository = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../../.."));
    private readonly Process _process;

    private SqsServer(Process process, int port) => (_process, Url) = (process, new Uri($"http://127.0.0.1:{port}/"));

    public Uri Url { get; }

    public int Id => _process.Id;

    /// <exception cref="InvalidOperationException">It did not start; <c>./bsp bench</c> installs it.</exception>
    public static async Task<SqsServer> StartAsync(CancellationToken cancel)
    {
        var process = Process.Start(new ProcessStartInfo("node", [Path.Combine(Repository, "tools/sqs/server.js"), Path.Combine(Repository, ".tools/sqs")])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true,
        })!;
        var line = await process.StandardOutput.ReadLineAsync(cancel);
        return line is not null && line.StartsWith("port ", StringComparison.Ordinal)
            ? new SqsServer(process, int.Parse(line.AsSpan("port ".Length), CultureInfo.InvariantCulture))
            : throw new InvalidOperationException($"The SQS server did not start: {line}");
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}

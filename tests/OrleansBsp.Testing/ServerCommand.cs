using System.Diagnostics;

namespace OrleansBsp.Testing;

/// <summary>The real program, run to its end: commands, and starts that are refused.</summary>
public static class ServerCommand
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <param name="settings">By the names of their environment variables.</param>
    /// <exception cref="OperationCanceledException">It did not end in time, and was killed.</exception>
    public static async Task<(int Code, string Output, string Errors)> RunAsync(string[] arguments, IReadOnlyDictionary<string, string> settings)
    {
        var start = new ProcessStartInfo("dotnet", [ServerProcess.Program(), .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in settings) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(Limit);
        try
        {
            var (output, errors) = (process.StandardOutput.ReadToEndAsync(limit.Token), process.StandardError.ReadToEndAsync(limit.Token));
            await process.WaitForExitAsync(limit.Token);
            return (process.ExitCode, await output, await errors);
        }
        finally
        {
            if (!process.HasExited) process.Kill();
        }
    }
}

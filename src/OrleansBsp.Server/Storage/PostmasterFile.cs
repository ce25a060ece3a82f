using System.Globalization;

namespace OrleansBsp.Server.Storage;

/// <summary>postmaster.pid in a data folder: PostgreSQL's lock, whose first line is its process id.</summary>
internal static class PostmasterFile
{
    // PostgreSQL gives up after 20 s at the latest (EmbeddedPostgres.Guardian); the rest is for a busy machine.
    private static readonly TimeSpan LongestStop = TimeSpan.FromSeconds(40);

    public static int? ProcessIdOrNull(string data)
    {
        try
        {
            return int.TryParse(File.ReadLines(PathIn(data)).FirstOrDefault(), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : null;
        }
        catch (IOException)
        {
            return null; // not there, or gone while we read
        }
    }

    /// <summary>
    /// Waits while a PostgreSQL on <paramref name="data"/> is still stopping, and removes a file that a dead one left:
    /// PostgreSQL itself believes such a file if another process has the same number by now.
    /// </summary>
    /// <exception cref="InvalidOperationException">It does not stop: somebody is using it.</exception>
    public static async Task WaitUntilGoneAsync(string data, CancellationToken cancel)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (ProcessIdOrNull(data) is { } process)
        {
            if (!IsPostgresOn(process, data))
            {
                File.Delete(PathIn(data));
                return;
            }

            if (TimeProvider.System.GetElapsedTime(started) > LongestStop)
                throw new InvalidOperationException($"PostgreSQL (process {process}) is already running on {data}. Stop the program that started it, or choose another folder.");
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, cancel);
        }
    }

    private static bool IsPostgresOn(int process, string data)
    {
        try
        {
            // Zombies have an empty command line.
            return File.ReadAllText($"/proc/{process}/cmdline").Split('\0').Contains(data);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static string PathIn(string data) => Path.Combine(data, "postmaster.pid");
}

using System.Diagnostics;
using Xunit.Sdk;

namespace OrleansBsp.Testing.Faults;

/// <summary>A silo's thread pool may have two threads only, both are held for more than a second, again and again, and many requests wait for them: membership must live beside that.</summary>
/// <remarks>The silo is restarted before and after, because the bound is read at the start, and what holds the threads begins there (<see cref="StartupHook"/>).</remarks>
public sealed record ExhaustThreads(int Silo, int Requests, int Seconds) : Fault
{
    private const string Bound = "DOTNET_ThreadPool_ForceMaxWorkerThreads", Hook = "DOTNET_STARTUP_HOOKS";

    // Without a free thread a request waits for more than this; among others alone for some tens of milliseconds.
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(1);

    public override string What => $"silo {Silo} with two threads and {Requests} requests at a time for {Seconds} s";

    public override bool LeavesOthers => true;

    public override async Task StrikeAsync(Stage stage, Action<string> tell, CancellationToken stop)
    {
        var silo = stage.Silos[Silo];
        var held = Path.Combine(silo.DataFolder, $"hold-threads-{Silo}");
        (string Name, string Value)[] start = [(Bound, "2"), (Hook, typeof(StartupHook).Assembly.Location), (StartupHook.WhileThereIs, held)];
        foreach (var (name, value) in start) silo.Set(name, value);
        try
        {
            await RestartAsync(silo);
            await stage.WaitUntilOwnsAsync(Silo);
            var deaths = await stage.DeathsAsync(Silo);
            await File.WriteAllTextAsync(held, "", stop);
            var (answered, late) = await CrowdAsync(silo, stop);
            tell($"{answered} requests answered, {late} of them after more than {Long.TotalSeconds:0} s");
            if (silo.HasEnded) throw new XunitException($"Silo {Silo} has ended with code {silo.ExitCode}: its membership did not live beside the requests.");
            if (await stage.DeathsAsync(Silo) > deaths) throw new XunitException($"Silo {Silo} was declared dead: its membership did not live beside the requests.");
            if (late < Requests) throw new XunitException($"Only {late} of {answered} requests waited for more than {Long.TotalSeconds:0} s for a thread; had all threads been held, each of {Requests} at a time would have.");
        }
        finally
        {
            File.Delete(held);
            foreach (var (name, _) in start) silo.Set(name, null);
        }

        await RestartAsync(silo);
    }

    private async Task<(int Answered, int Late)> CrowdAsync(ServerProcess silo, CancellationToken stop)
    {
        using var http = new HttpClient { BaseAddress = silo.Url, Timeout = TimeSpan.FromSeconds(10) };
        var until = DateTime.UtcNow.AddSeconds(Seconds);
        var (answered, late) = (0, 0);
        await Task.WhenAll(Enumerable.Range(0, Requests).Select(async _ =>
        {
            while (DateTime.UtcNow < until && !silo.HasEnded)
            {
                try
                {
                    var asked = Stopwatch.GetTimestamp();
                    using var answer = await http.GetAsync("health/ready", stop);
                    Interlocked.Increment(ref answered);
                    if (Stopwatch.GetElapsedTime(asked) > Long) Interlocked.Increment(ref late);
                }
                catch (Exception failure) when (failure is HttpRequestException or TaskCanceledException && !stop.IsCancellationRequested)
                {
                    // Too many at once: that is the point.
                }
            }
        }));
        return (answered, late);
    }

    private static async Task RestartAsync(ServerProcess silo)
    {
        await silo.StopAsync();
        await silo.StartAgainAsync();
    }
}

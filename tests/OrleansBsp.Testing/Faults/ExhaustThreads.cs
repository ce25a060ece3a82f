using Xunit.Sdk;

namespace OrleansBsp.Testing.Faults;

/// <summary>A silo's thread pool may have two threads only, and many requests at once to answer: membership must live beside them.</summary>
/// <remarks>The silo is restarted before and after, because the bound is read at the start.</remarks>
public sealed record ExhaustThreads(int Silo, int Requests, int Seconds) : Fault
{
    private const string Bound = "DOTNET_ThreadPool_ForceMaxWorkerThreads";

    public override string What => $"silo {Silo} with two threads and {Requests} requests at a time for {Seconds} s";

    public override bool LeavesOthers => true;

    public override async Task StrikeAsync(Stage stage, Action<string> tell, CancellationToken stop)
    {
        var silo = stage.Silos[Silo];
        silo.Set(Bound, "2");
        try
        {
            await RestartAsync(silo);
            await stage.WaitUntilOwnsAsync(Silo);
            tell($"{await CrowdAsync(silo, stop)} requests answered");
            if (silo.HasEnded) throw new XunitException($"Silo {Silo} has ended with code {silo.ExitCode}: its membership did not live beside the requests.");
        }
        finally
        {
            silo.Set(Bound, null);
        }

        await RestartAsync(silo);
    }

    private async Task<int> CrowdAsync(ServerProcess silo, CancellationToken stop)
    {
        using var http = new HttpClient { BaseAddress = silo.Url, Timeout = TimeSpan.FromSeconds(10) };
        var until = DateTime.UtcNow.AddSeconds(Seconds);
        var answered = 0;
        await Task.WhenAll(Enumerable.Range(0, Requests).Select(async _ =>
        {
            while (DateTime.UtcNow < until && !silo.HasEnded)
            {
                try
                {
                    using var answer = await http.GetAsync("health/ready", stop);
                    Interlocked.Increment(ref answered);
                }
                catch (Exception failure) when (failure is HttpRequestException or TaskCanceledException && !stop.IsCancellationRequested)
                {
                    // Too many at once: that is the point.
                }
            }
        }));
        return answered;
    }

    private static async Task RestartAsync(ServerProcess silo)
    {
        await silo.StopAsync();
        await silo.StartAgainAsync();
    }
}

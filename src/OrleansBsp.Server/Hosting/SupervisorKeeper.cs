using Orleans.Runtime;

namespace OrleansBsp.Server.Hosting;

/// <summary>
/// Calls the supervisor from every silo, so that it comes alive elsewhere within seconds when its silo dies; and as soon as any silo is found to have gone,
/// so that what it owned goes on elsewhere at once.
/// </summary>
public sealed class SupervisorKeeper(IGrainFactory grains, IClusterMembershipService membership, TimeProvider clock, ILogger<SupervisorKeeper> log) : BackgroundService
{
    // A call may go to where the supervisor was: it ends then when that silo is known to have gone, or never.
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(2), AfterFailure = TimeSpan.FromMilliseconds(500);

    private readonly SemaphoreSlim _look = new(1, 1);
    private volatile int _active;
    private volatile int _lost;

    /// <summary>Silos that are active, as far as this one knows.</summary>
    public int Active => _active;

    /// <summary>Silos that it has seen die without having said that they stop.</summary>
    public int Lost => _lost;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        SiloMetrics.Add(this);
        await Task.WhenAll(KeepAsync(stoppingToken), WatchAsync(stoppingToken));
        SiloMetrics.Remove(this);
    }

    private async Task KeepAsync(CancellationToken stop)
    {
        for (var (wait, mustLook) = (TimeSpan.Zero, false); !stop.IsCancellationRequested;)
        {
            try
            {
                mustLook |= await _look.WaitAsync(wait, stop);
                var supervisor = grains.GetGrain<ISupervisorGrain>("s:main");
                await (mustLook ? supervisor.Look() : supervisor.KeepAlive()).WaitAsync(AnswerWithin, clock, stop);
                mustLook = false;
                wait = TimeSpan.FromSeconds(1.5 + Random.Shared.NextDouble());
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                log.WakeFailed("s:main", failure.Message);
                wait = AfterFailure;
            }
        }
    }

    private async Task WatchAsync(CancellationToken stop)
    {
        var active = new HashSet<SiloAddress>();
        try
        {
            await foreach (var seen in membership.MembershipUpdates.WithCancellation(stop))
            {
                var gone = active.Where(silo => seen.GetSiloStatus(silo) != SiloStatus.Active).ToList();
                _lost += gone.Count(silo => seen.GetSiloStatus(silo) == SiloStatus.Dead);
                if (gone.Count > 0 && _look.CurrentCount == 0) _look.Release();
                active = [.. seen.Members.Values.Where(silo => silo.Status == SiloStatus.Active).Select(silo => silo.SiloAddress)];
                _active = active.Count;
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }
    }
}

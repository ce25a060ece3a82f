namespace OrleansBsp.Server.Hosting;

/// <summary>Calls the supervisor from every silo, so that it comes alive elsewhere within seconds when its silo dies.</summary>
public sealed class SupervisorKeeper(IGrainFactory grains, TimeProvider clock, ILogger<SupervisorKeeper> log) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await grains.GetGrain<ISupervisorGrain>("s:main").KeepAlive();
            }
            catch (Exception failure)
            {
                log.WakeFailed(failure.Message);
            }

            await Task.Delay(TimeSpan.FromSeconds(1.5 + Random.Shared.NextDouble()), clock, stoppingToken).ContinueWith(static _ => { }, TaskScheduler.Default);
        }
    }
}

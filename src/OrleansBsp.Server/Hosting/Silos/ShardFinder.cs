using OrleansBsp.Server.Webhooks;

namespace OrleansBsp.Server.Hosting.Silos;

/// <summary>Calls each shard of the inbox from this silo now and then, so that this silo knows where the shards are.</summary>
/// <remarks>
/// A silo remembers where it found a grain, and the answer to a call tells it when the grain has moved. But the answer to a call that a client made by way of this silo goes past it, straight
/// to the client (Orleans 10.4.2): it would send the front door's calls to where a shard was for ever, and there each costs a hop and two statements (decision 9). The answer to a call of its own
/// puts that right. To be deleted when Orleans sends such answers by the gateway.
/// </remarks>
internal sealed class ShardFinder(IGrainFactory grains, TimeProvider clock) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(Every, clock, stoppingToken).ContinueWith(static _ => { }, TaskScheduler.Default);
            // Without waiting, and whatever becomes of it: the supervisor keeps the shards awake.
            for (var shard = 0; shard < InboxSql.Shards && !stoppingToken.IsCancellationRequested; shard++) grains.GetGrain<IInboxGrain>($"i:{shard}").Poke().Ignore();
        }
    }
}

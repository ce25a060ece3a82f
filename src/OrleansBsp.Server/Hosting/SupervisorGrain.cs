using OrleansBsp.Server.Campaigns;
using OrleansBsp.Server.Conversations;
using OrleansBsp.Server.Hosting.Silos;
using OrleansBsp.Server.Http.Idempotency;
using OrleansBsp.Server.Storage;
using OrleansBsp.Server.Webhooks;

namespace OrleansBsp.Server.Hosting;

/// <summary>Wakes what must run and owns nothing. Key: <c>s:main</c>. Kept alive from every silo by <see cref="SupervisorKeeper"/>.</summary>
[Alias("Supervisor")]
public interface ISupervisorGrain : IGrainWithStringKey
{
    [Alias("KeepAlive")]
    Task KeepAlive();
}

/// <inheritdoc cref="ISupervisorGrain"/>
/// <remarks>
/// Grains live only when called. Two supervisors at once (after a partition) do no harm: waking what is awake does nothing.
/// </remarks>
public sealed class SupervisorGrain(
    CampaignStore campaigns, ConversationStore conversations, Database database, DatabaseOptions retention, IdempotencyStore idempotency, HungSessions sessions, GrainMover mover, TimeProvider clock, ILogger<SupervisorGrain> log) : Grain, ISupervisorGrain
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan BalanceEvery = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan MaintainEvery = TimeSpan.FromHours(1);

    private DateTimeOffset _balanced = DateTimeOffset.MinValue;
    private DateTimeOffset _maintained = DateTimeOffset.MinValue;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        this.RegisterGrainTimer(LookAsync, new GrainTimerCreationOptions(TimeSpan.Zero, Every) { KeepAlive = true, Interleave = true });
        this.RegisterGrainTimer(EndHungSessionsAsync, new GrainTimerCreationOptions(Every, Every) { Interleave = true }); // beside the other, which may wait for just those
        return Task.CompletedTask;
    }

    public Task KeepAlive() => Task.CompletedTask;

    private async Task LookAsync(CancellationToken cancel)
    {
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            limit.CancelAfter(TimeSpan.FromSeconds(5));
            var wake = new List<Task>();
            foreach (var campaign in await campaigns.FindToWakeAsync(limit.Token)) wake.Add(WakeAsync(GrainFactory.GetGrain<ICampaignGrain>($"c:{campaign}").Wake()));
            foreach (var conversation in await conversations.FindStaleAsync(limit.Token)) wake.Add(WakeAsync(GrainFactory.GetGrain<IConversationGrain>($"w:{conversation}").Wake()));
            for (var shard = 0; shard < InboxSql.Shards; shard++) wake.Add(WakeAsync(GrainFactory.GetGrain<IInboxGrain>($"i:{shard}").Poke()));
            await Task.WhenAll(wake);
            await BalanceAsync();
            await MaintainAsync(cancel);
        }
        catch (Exception failure)
        {
            log.LookFailed(failure.Message);
        }
    }

    // One that cannot wake must not keep the others asleep.
    private async Task WakeAsync(Task waking)
    {
        try
        {
            await waking;
        }
        catch (Exception failure)
        {
            log.WakeFailed(failure.Message);
        }
    }

    private async Task EndHungSessionsAsync(CancellationToken cancel)
    {
        try
        {
            await sessions.EndAsync(cancel);
        }
        catch (Exception failure)
        {
            log.LookFailed(failure.Message);
        }
    }

    private async Task BalanceAsync()
    {
        if (clock.GetUtcNow() - _balanced < BalanceEvery) return;
        _balanced = clock.GetUtcNow();
        await mover.BalanceAsync();
    }

    private async Task MaintainAsync(CancellationToken cancel)
    {
        if (clock.GetUtcNow() - _maintained < MaintainEvery) return;
        await using var connection = await database.Control.OpenConnectionAsync(cancel);
        await PartitionKeeper.EnsureAsync(connection, cancel);
        await PartitionKeeper.DropOldAsync(connection, retention, cancel);
        await idempotency.RemoveOldAsync(cancel);
        _maintained = clock.GetUtcNow();
    }
}

using Orleans.Concurrency;
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
    [Alias("KeepAlive"), AlwaysInterleave]
    Task KeepAlive();

    /// <summary>A silo has gone, and what it owned sleeps: it is to be woken now, not with the next look.</summary>
    [Alias("Look"), AlwaysInterleave]
    Task Look();
}

/// <inheritdoc cref="ISupervisorGrain"/>
/// <remarks>
/// Grains live only when called. Two supervisors at once (after a partition) do no harm: waking what is awake does nothing.
/// Each duty has a timer of its own, and a look waits for nobody whom it wakes: what hangs must not keep the others asleep.
/// </remarks>
public sealed class SupervisorGrain(
    CampaignStore campaigns, ConversationStore conversations, Database database, DatabaseOptions retention, IdempotencyStore idempotency, HungSessions sessions, GrainMover mover, TimeProvider clock, ILogger<SupervisorGrain> log) : Grain, ISupervisorGrain
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan BalanceEvery = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan MaintainEvery = TimeSpan.FromHours(1), MaintainAgain = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan LookWithin = TimeSpan.FromSeconds(5);

    // Who is asked again only after the call has failed would be asleep for all of its time-out, as when the call went to a silo that has gone meanwhile.
    private static readonly TimeSpan WakeAgain = TimeSpan.FromSeconds(2);

    private readonly HashSet<string> _waking = [];
    private bool _isLooking;
    private bool _mustLook;
    private DateTimeOffset _maintained = DateTimeOffset.MinValue;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        Every(LookEvery, LookAsync);
        Every(LookEvery, cancel => sessions.EndAsync(cancel)); // those whom a look waits for, perhaps
        Every(BalanceEvery, _ => BalanceAsync());
        Every(MaintainAgain, MaintainAsync);
        return Task.CompletedTask;
    }

    public Task KeepAlive() => Task.CompletedTask;

    public Task Look() => TryAsync(LookAsync, CancellationToken.None);

    private void Every(TimeSpan period, Func<CancellationToken, Task> duty) =>
        this.RegisterGrainTimer(cancel => TryAsync(duty, cancel), new GrainTimerCreationOptions(TimeSpan.Zero, period) { KeepAlive = true, Interleave = true });

    private async Task TryAsync(Func<CancellationToken, Task> duty, CancellationToken cancel)
    {
        try
        {
            await duty(cancel);
        }
        catch (Exception failure)
        {
            log.LookFailed(failure.Message);
        }
    }

    private async Task LookAsync(CancellationToken cancel)
    {
        _mustLook = true;
        if (_isLooking) return; // who is looking looks once more: several at a time would take the connections that keep ownership alive
        _isLooking = true;
        try
        {
            while (_mustLook)
            {
                _mustLook = false;
                await LookOnceAsync(cancel);
            }
        }
        finally
        {
            _isLooking = false;
        }
    }

    private async Task LookOnceAsync(CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(LookWithin);
        for (var shard = 0; shard < InboxSql.Shards; shard++) Wake($"i:{shard}", key => GrainFactory.GetGrain<IInboxGrain>(key).Poke());
        foreach (var campaign in await campaigns.FindToWakeAsync(limit.Token)) Wake($"c:{campaign}", key => GrainFactory.GetGrain<ICampaignGrain>(key).Wake());
        foreach (var conversation in await conversations.FindStaleAsync(limit.Token)) Wake($"w:{conversation}", key => GrainFactory.GetGrain<IConversationGrain>(key).Wake());
    }

    private void Wake(string grain, Func<string, Task> call)
    {
        if (_waking.Add(grain)) _ = WakeAsync(grain, call);
    }

    private async Task WakeAsync(string grain, Func<string, Task> call)
    {
        try
        {
            await call(grain).WaitAsync(WakeAgain, clock);
        }
        catch (Exception failure)
        {
            log.WakeFailed(grain, failure.Message);
        }
        finally
        {
            _waking.Remove(grain);
        }
    }

    // While somebody does not wake nothing is moved: it may be on its way already, or what it waits for (Meta, the database) is away, and who moves then stands.
    private Task BalanceAsync() => _waking.Count > 0 ? Task.CompletedTask : mover.BalanceAsync();

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

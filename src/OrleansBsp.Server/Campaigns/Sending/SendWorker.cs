using System.Collections.Concurrent;
using OrleansBsp.Core.Messages;
using OrleansBsp.Core.Pacing;
using OrleansBsp.Core.PhoneNumbers;
using OrleansBsp.Server.Accounts;
using OrleansBsp.Server.Cluster;
using OrleansBsp.Server.Meta;
using OrleansBsp.Server.PhoneNumbers;
using OrleansBsp.Server.Queues;
using OrleansBsp.Server.Storage;
using OrleansBsp.Server.Telemetry;

namespace OrleansBsp.Server.Campaigns.Sending;

/// <summary>
/// Takes orders from the queue, claims them, posts them at their moments and reports what became of them; then the queue may forget them.
/// </summary>
/// <remarks>
/// What each failure does. Killed before the claim: the order comes again and is claimed elsewhere, in time or not. Killed after it: nobody else sends it; the order comes
/// again, is found to be another's and is deleted, and the campaign's owner, who hears nothing, makes it uncertain. The claim's answer lost: it is asked for again under the
/// same name; still unknown, nothing is sent. Killed after the post: the status from Meta settles it.
/// </remarks>
internal sealed class SendWorker(
    SqsQueues queues, SqsOptions options, SendClaims claims, DatabaseClock time, OutcomeReporter reporter, AccountStore accounts, AccountAccess access, SendClock sendClock,
    GraphClient graph, MessageTraces traces, Drain drain, TimeProvider clock, ILogger<SendWorker> log) : BackgroundService
{
    /// <summary>Name of the queue, without the prefix of the installation.</summary>
    public const string Queue = "sends";

    // Two seconds at the highest rate: orders wait here for their moment, Meta's answer and the owner's commit.
    private const int MaxBatches = 200;

    // An operator may replace an access token at any time; every other process learns it from the row.
    private static readonly TimeSpan TokenLasts = TimeSpan.FromSeconds(5);

    // Claims are kept for days; an order older than this was settled long ago, one way or the other.
    private static readonly TimeSpan TooOld = TimeSpan.FromDays(1);

    // What is claimed and not posted when the process is killed is uncertain: so it is claimed as late as an answer of the database allows, and a few at once.
    private static readonly TimeSpan ClaimAhead = TimeSpan.FromMilliseconds(60);
    private static readonly TimeSpan ClaimTogether = TimeSpan.FromMilliseconds(40);

    private static readonly TimeSpan AbandonAfter = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(200);

    private readonly ConcurrentDictionary<string, (TimeSpan At, bool HasToken)> _looked = new();
    private readonly CancellationTokenSource _abandon = new();
    private readonly CancellationTokenSource _declaredDead = new();

    public override void Dispose()
    {
        _abandon.Dispose();
        _declaredDead.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // From the beginning of the stop on, and not when it is this service's turn: others take over what is not taken here.
        await using var stopping = drain.Began.Register(() => _abandon.CancelAfter(AbandonAfter));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(drain.Began, _declaredDead.Token);
        await new SqsConsumer(queues, Queue, options, MaxBatches, clock, HandleAsync, log).RunAsync(stop.Token);
    }

    private async Task HandleAsync(SqsBatch batch, CancellationToken stop)
    {
        var received = batch.Messages.Select(message => (Message: message, Order: SendOrder.ParseOrNull(message.Body))).ToList();
        var poisoned = received.Where(one => one.Order is null).Select(one => one.Message).ToList();
        if (poisoned.Count > 0)
        {
            log.NotOrders(Queue, poisoned.Count);
            await batch.ReturnAsync(poisoned);
        }

        // While the database is away they stay in hand: given back they would be received again and again, and become dead letters.
        if (await DatabaseTimeAsync(stop) is not { } now) return;
        // Twice in one batch it is one order.
        var orders = received.Where(one => one.Order is not null).GroupBy(one => one.Order!.Key)
            .Select(same => new Received(same.First().Order!, [.. same.Select(one => one.Message)])).OrderBy(one => one.Order.Moment).ToList();
        var done = orders.Where(one => now - one.Order.Moment > TooOld).SelectMany(one => one.Messages).ToList();
        var rest = orders.SkipWhile(one => now - one.Order.Moment > TooOld).ToList();
        foreach (var waba in rest.Select(one => one.Order.Waba).Distinct().ToList())
        {
            // Its orders come again, to a process that has the token, or in the end as dead letters; those of other accounts do not wait for that.
            if (!await HasTokenAsync(waba, stop)) rest.RemoveAll(one => one.Order.Waba == waba);
        }

        var sending = new List<Task<List<SqsMessage>>>();
        while (rest.Count > 0)
        {
            var first = rest[0].Order.Moment;
            if (!await ReachesAsync(first - ClaimAhead, stop))
            {
                await batch.ReturnAsync([.. rest.SelectMany(one => one.Messages)]); // another process is in time for them
                break;
            }

            var due = rest.TakeWhile(one => one.Order.Moment <= first + ClaimTogether).ToList();
            rest.RemoveRange(0, due.Count);
            sending.Add(SendAsync(batch, due, stop));
        }

        foreach (var sent in await Task.WhenAll(sending)) done.AddRange(sent);
        if (done.Count > 0) await batch.DeleteAsync(done);
    }

    /// <returns>False: the process stops before the moment.</returns>
    private async Task<bool> ReachesAsync(DateTime moment, CancellationToken stop)
    {
        if (time.NowOrNull is { } now && moment > now) await Task.Delay(moment - now, clock, stop).ContinueWith(static _ => { }, TaskScheduler.Default);
        return !stop.IsCancellationRequested;
    }

    /// <returns>What the queue may forget.</returns>
    private async Task<List<SqsMessage>> SendAsync(SqsBatch batch, List<Received> due, CancellationToken stop)
    {
        var claimed = await claims.ClaimAsync([.. due.Select(one => one.Order.Key)], stop);
        // Declared dead, this process ends within seconds. Till then it takes no more: the orders would come back to it, again and again, and become dead letters.
        if (claimed is null) await _declaredDead.CancelAsync();
        var isDone = claimed is null ? new bool[due.Count] : await Task.WhenAll(due.Select(one => IsFinishedAsync(one.Order, claimed[one.Order.Key])));
        var left = due.Where((_, index) => !isDone[index]).SelectMany(one => one.Messages).ToList();
        if (left.Count > 0) await batch.ReturnAsync(left); // to another process; of a campaign that nobody knows, to the dead letters in the end
        return [.. due.Where((_, index) => isDone[index]).SelectMany(one => one.Messages)];
    }

    /// <returns>False: nobody can be told what became of it.</returns>
    private async Task<bool> IsFinishedAsync(SendOrder order, SendClaim claim)
    {
        try
        {
            await FinishAsync(order, claim);
            return true;
        }
        catch (KeyNotFoundException unknown)
        {
            log.NotToldOf(order.Campaign, unknown.Message);
            return false;
        }
    }

    private async Task FinishAsync(SendOrder order, SendClaim claim)
    {
        switch (claim)
        {
            case SendClaim.Ours:
                var send = new OrderedSend(order, sendClock, access, graph, new CampaignTraces(traces, order.Campaign, order.TokenKey, clock));
                send.Enqueue(time.NowOrNull ?? order.Moment);
                // A request that hangs must not hold up a stop: the owner, who hears nothing, makes it uncertain.
                await reporter.ReportAsync(order.Campaign, await send.Outcome.WaitAsync(_abandon.Token), _abandon.Token);
                break;
            case SendClaim.Nobodys:
                sendClock.LaneOf(new PhoneNumberId(order.Number)).Spare(order.Permit, 1);
                var unsent = SendOutcome.NotSent("it came too late through the queue, or the campaign did not run any more", jitter: Random.Shared.NextDouble());
                await reporter.ReportAsync(order.Campaign, ReportedOutcome.From(order, unsent, wasPosted: false, null), _abandon.Token);
                break;
            case SendClaim.Anothers:
                break;
        }
    }

    private async Task<DateTime?> DatabaseTimeAsync(CancellationToken stop)
    {
        while (time.NowOrNull is null && !stop.IsCancellationRequested) await Task.Delay(LookAgain, clock, stop).ContinueWith(static _ => { }, TaskScheduler.Default);
        return time.NowOrNull;
    }

    /// <returns>False: this process cannot send for the account.</returns>
    private async Task<bool> HasTokenAsync(string waba, CancellationToken cancel)
    {
        for (var failures = 0; ; failures++)
        {
            try
            {
                return await TryLearnTokenAsync(waba, cancel);
            }
            catch (Exception failure) when (failure is not OperationCanceledException && Passing.Is(failure))
            {
                await Task.Delay(Backoff.Ordinary.After(failures), clock, cancel);
            }
        }
    }

    private async Task<bool> TryLearnTokenAsync(string waba, CancellationToken cancel)
    {
        if (_looked.TryGetValue(waba, out var last) && sendClock.Now - last.At < TokenLasts) return last.HasToken;
        var account = await accounts.FindAsync(waba, cancel);
        if (account is null) log.NotOurAccount(Queue, waba);
        var hasToken = account is not null && access.TryLearn(waba, account.AccessToken);
        _looked[waba] = (sendClock.Now, hasToken);
        return hasToken;
    }

    private sealed record Received(SendOrder Order, IReadOnlyList<SqsMessage> Messages);
}

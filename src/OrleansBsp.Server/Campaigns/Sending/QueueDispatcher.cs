using System.Buffers;
using System.Collections.Concurrent;
using System.Text;
using OrleansBsp.Core.Messages;
using OrleansBsp.Core.Pacing;
using OrleansBsp.Server.PhoneNumbers;
using OrleansBsp.Server.Queues;
using OrleansBsp.Server.Storage;

namespace OrleansBsp.Server.Campaigns.Sending;

/// <summary>What sending by way of the queue needs; there where it is configured.</summary>
internal sealed record QueuedSending(SqsSender Queue, SendClaims Claims, DatabaseClock Time);

/// <summary>
/// The queue: each released message becomes an order with its moment, and any process posts it (<see cref="SendWorker"/>).
/// </summary>
/// <remarks>
/// The moment is granted before the order travels, so the number's pace is made in one place however many processes send. It lies a little ahead
/// (<see cref="Lead"/>), for the way through the queue. An order that nobody tells of is looked up in the claims: if nobody has claimed it, nobody will,
/// and it is released anew; otherwise it is uncertain.
/// Guarded by itself: the releaser dispatches, grain turns and the run's clockwork hear.
/// </remarks>
internal sealed class QueueDispatcher(
    CampaignDispatch dispatch, CampaignSender sender, QueuedSending queued, CampaignOptions options) : ICampaignDispatcher
{
    // Half a second's worth may be on its way into the queue.
    private const double MostUnpublishedSeconds = 0.5;

    private readonly ConcurrentDictionary<(int Position, int Attempt), Open> _open = new();
    private readonly Lock _lock = new();
    private readonly OrderWindow _window = new();
    private int _unpublished;
    private int _limit = 1;

    /// <inheritdoc/>
    public string? Obstacle =>
        _unpublished > Math.Max(20, _limit * MostUnpublishedSeconds) ? LimitingFactor.QueueDown
        : queued.Time.NowOrNull is null ? LimitingFactor.Unrecorded
        : _open.Count >= Window ? LimitingFactor.QueueBusy
        : null;

    /// <inheritdoc/>
    public int MostAtOnce => 1000;

    /// <inheritdoc/>
    /// <remarks>Longer hides slower queues; shorter is left of the second within which a pause takes effect, and of the time in which arrivals must be told.</remarks>
    public TimeSpan Lead => TimeSpan.FromMilliseconds(400);

    // Those in the queue are reported to whoever owns the campaign then.
    /// <inheritdoc/>
    public int MustBeAwaited => _unpublished;

    /// <inheritdoc/>
    public void Dispatch(IReadOnlyList<ReleasedMessage> messages, PermitGrant grant, int limit)
    {
        _limit = limit;
        sender.Expect(messages.Count);
        // The clock is known: Obstacle was asked before the release. If that was its last moment, the orders come too late, which is provable.
        var (here, there) = (dispatch.SendClock.Now, queued.Time.NowOrNull ?? dispatch.Clock.GetUtcNow().UtcDateTime);
        for (var index = 0; index < messages.Count; index++)
        {
            var moment = grant.MomentOf(index);
            // PostgreSQL keeps microseconds, and every delivery must name the same moment.
            var ordered = there + (moment - here);
            Order(messages[index], moment, new DateTime(ordered.Ticks - ordered.Ticks % TimeSpan.TicksPerMicrosecond, DateTimeKind.Utc), limit, grant.PermitOf(index));
        }
    }

    /// <inheritdoc/>
    public bool Heard(ReportedOutcome outcome)
    {
        if (!_open.TryRemove((outcome.Position, outcome.Attempt), out _)) return false;
        lock (_lock)
        {
            if (outcome is { WasPosted: false, RuleCode: var rule } && rule == MetaErrorTable.NotSent.Code) _window.Late(dispatch.SendClock.Now);
            else _window.InTime(_limit);
        }

        return true;
    }

    private int Window
    {
        get { lock (_lock) return _window.Size; }
    }

    /// <inheritdoc/>
    public async Task FindLostAsync(CancellationToken cancel)
    {
        var overdue = dispatch.SendClock.Now - TimeSpan.FromSeconds(options.OutcomeWithinSeconds);
        var lost = _open.Where(open => open.Value.Moment < overdue).Take(1000).ToDictionary(open => open.Value.Key, open => open.Value);
        if (lost.Count == 0) return;
        foreach (var (key, claim) in await queued.Claims.ForbidAsync(lost.Keys, cancel))
        {
            if (!_open.TryRemove((key.Position, key.Attempt), out var open)) continue; // it was told meanwhile
            sender.Settle(key.Position, key.Attempt, open.Phone, claim switch
            {
                SendClaim.Nobodys or SendClaim.Ours => SendOutcome.NotSent("nobody took it from the queue in time", jitter: Random.Shared.NextDouble()),
                SendClaim.Anothers => SendOutcome.NoAnswer("whoever was to send it does not tell what became of it"),
            }, null);
        }
    }

    private void Order(ReleasedMessage message, TimeSpan moment, DateTime ordered, int limit, long permit)
    {
        var campaign = dispatch.Campaign;
        var body = new ArrayBufferWriter<byte>(1024);
        if (sender.Render(message, body) is { } problem)
        {
            sender.Settle(message.Position, message.Attempt, message.Phone, SendOutcome.NotSendable(problem), null);
            dispatch.SendClock.LaneOf(dispatch.PhoneNumber).Spare(permit, 1);
            return;
        }

        var order = new SendOrder(
            SendOrder.Current, campaign.Id, campaign.TokenKey, message.Position, message.Attempt, dispatch.PhoneNumber.Value, campaign.WabaId, message.Phone, limit,
            ordered, permit, Encoding.UTF8.GetString(body.WrittenSpan));
        _open[(message.Position, message.Attempt)] = new Open(order.Key, message.Phone, moment);
        Interlocked.Increment(ref _unpublished);
        _ = PublishAsync(order);
    }

    // Repeated for as long as it takes. Twice in the queue it is still sent once.
    private async Task PublishAsync(SendOrder order)
    {
        try
        {
            await queued.Queue.SendAsync(order.ToText(), CancellationToken.None);
        }
        catch (QueueRefusedException refused)
        {
            dispatch.SendClock.LaneOf(dispatch.PhoneNumber).Spare(order.Permit, 1);
            if (_open.TryRemove((order.Position, order.Attempt), out _))
                sender.Settle(order.Position, order.Attempt, order.Phone, SendOutcome.NotSendable(refused.Message), null);
        }
        catch (Exception failure) when (failure is QueueFullException or OperationCanceledException)
        {
            // Not heard of for too long, it is looked up in the claims; when the process stops the next owner holds it for uncertain.
        }
        finally
        {
            Interlocked.Decrement(ref _unpublished);
        }
    }

    private sealed record Open(SendKey Key, long Phone, TimeSpan Moment);
}

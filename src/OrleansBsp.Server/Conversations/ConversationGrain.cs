using Microsoft.Extensions.Options;
using Orleans.Concurrency;
using Orleans.Storage;
using OrleansBsp.Core.Messages;
using OrleansBsp.Core.Pacing;
using OrleansBsp.Core.PhoneNumbers;
using OrleansBsp.Server.Campaigns;
using OrleansBsp.Server.Cluster;
using OrleansBsp.Server.Http.Idempotency;
using OrleansBsp.Server.Meta;
using OrleansBsp.Server.PhoneNumbers;
using OrleansBsp.Server.Storage;
using OrleansBsp.Server.Telemetry;

namespace OrleansBsp.Server.Conversations;

/// <inheritdoc cref="IConversationGrain"/>
/// <remarks>
/// Reentrant: a send waits for Meta's answer beside the turns, and receipts must not wait for it. Each change of a row is one transaction
/// behind the fence, with the row as it is, so interleaving turns cannot overwrite each other.
/// </remarks>
[Reentrant]
[Orleans.Placement.RandomPlacement]
public sealed class ConversationGrain(
    [PersistentState("conversation", "postgres")] IPersistentState<ConversationState> state,
    ConversationStore store, ConversationSender sender, SendClock sendClock, ILocalSiloDetails silo, Drain drain, TimeProvider clock,
    MessageTraces traces, IOptions<CampaignOptions> options, IOptions<ConversationOptions> conversations, ILogger<ConversationGrain> log) : Grain, IConversationGrain
{
    private static readonly TimeSpan Window = TimeSpan.FromHours(24);

    // Sends at the very end of the window are refused by Meta now and then; better to say so at once.
    private static readonly TimeSpan WindowMargin = TimeSpan.FromMinutes(1);

    // For the answers to messages on their way when the activation ends.
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(8);

    // A stop is lifted by a person or by Meta, nobody knows when.
    private static readonly TimeSpan LookWhenStopped = TimeSpan.FromMinutes(1);

    // An outcome that the database refuses for a reason of its own. Some seconds, in case that somebody mends it.
    private const int TriesBeforeLeaving = 10;

    private readonly PairLimit _pair = new();
    private readonly HashSet<long> _inHand = [];
    private ConversationLedger _ledger = null!;
    private DateTimeOffset? _windowUntil;
    private readonly int _newKey = Random.Shared.Next();
    private Task? _keyKept;
    private IGrainTimer? _timer;
    private bool _isEnding;

    private string Conversation => this.GetPrimaryKeyString()["w:".Length..];

    private PhoneNumberId Number => new(Conversation[..Conversation.IndexOf(':', StringComparison.Ordinal)]);

    private string Address => Conversation[(Conversation.IndexOf(':', StringComparison.Ordinal) + 1)..];

    private int TokenKey => state.RecordExists ? state.State.TokenKey : _newKey;

    private TimeSpan UncertainWindow => TimeSpan.FromSeconds(options.Value.UncertainWindowSeconds);

    private TimeSpan SendWithin => TimeSpan.FromHours(conversations.Value.SendWithinHours);

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        (_ledger, _windowUntil, var due) = await store.TakeAsync(Conversation, Number, Address, silo.Name, UncertainWindow, cancellationToken);
        await SendDueAsync(due);
    }

    /// <summary>Releases nothing more, and waits for the answers to what is on its way: without them it would be uncertain.</summary>
    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        _isEnding = true;
        var (began, limit) = (clock.GetTimestamp(), drain.Limit(EndLimit, Drain.GrainsWithin));
        while (_inHand.Count > 0 && clock.GetElapsedTime(began) < limit)
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, CancellationToken.None);
    }

    public async Task Receive(ConversationBatch batch)
    {
        if (batch.Inbound.Length > 0)
        {
            var opened = batch.Inbound.Where(message => message.OpensWindow).Select(message => (DateTimeOffset?)message.At).Max();
            var until = opened + Window;
            var added = await _ledger.AddInboundAsync(batch.Inbound, until);
            if (until > (_windowUntil ?? DateTimeOffset.MinValue)) _windowUntil = until;
            if (added > 0) await sender.ReportInboundAsync(Number, added);
        }

        // A former activation may have stored its key after this one read the state, and before it lost the conversation.
        if (batch.Statuses.Length > 0 && !state.RecordExists && _keyKept is null) await state.ReadStateAsync();
        // A token with another key is of another installation on the same account.
        foreach (var status in batch.Statuses.Where(status => status.TokenKey is null || status.TokenKey == TokenKey))
        {
            var began = clock.GetUtcNow();
            await _ledger.MergeAsync(status.MessageId, message => message.See(status.Status, status.Wamid, status.At, status.ErrorCode, status.ErrorDetail), _ => TimeSpan.Zero);
            Trace(status.MessageId, "receipt", began, status.Status.ToString().ToLowerInvariant());
        }
    }

    public async Task<SendTicket> Send(string type, string body, string createdBy, AnswerSlot? slot)
    {
        if (type != "template" && !(_windowUntil - WindowMargin > clock.GetUtcNow()))
            return new SendTicket(0, "window-closed",
                $"The customer service window of {Address} is closed{(_windowUntil is { } until ? $" since {until:yyyy-MM-dd HH:mm} UTC" : "")}: "
                + "only templates can be sent. Send a template, or wait until the person writes.");
        if (await sender.FindObstacleAsync(Number) is { } obstacle) return obstacle;
        if (await _ledger.FindRefusalAsync(type, body) is { } scope)
            return new SendTicket(0, "opted-out", scope == "all" ? $"{Address} has opted out of all messages."
                : $"{Address} has opted out of marketing, and this template is marketing.");

        var id = await _ledger.AddOutboundAsync(type, body, "", createdBy, slot);
        _ = SendDueAsync();
        return new SendTicket(id, null, null);
    }

    public Task Wake() => SendDueAsync();

    private Task SendDueAsync() => SendDueAsync(null);

    /// <summary>Begins to send what is due, and settles what stayed without an answer.</summary>
    /// <param name="due">Null: to be read.</param>
    private async Task SendDueAsync(List<DueMessage>? due)
    {
        try
        {
            foreach (var one in due ?? await _ledger.ReadDueAsync(CancellationToken.None))
            {
                if (one.Kind != PendingKind.Retry)
                {
                    if (!_inHand.Contains(one.Id)) await _ledger.MergeAsync(one.Id, GiveUp, _ => TimeSpan.Zero);
                }
                else if (!_isEnding && _inHand.Add(one.Id))
                {
                    _ = SendOneAsync(one);
                }
            }
        }
        catch (OwnershipLostException)
        {
            DeactivateOnIdle();
        }
        catch (Exception failure) when (Passing.Is(failure))
        {
            log.SendDelayed(Number.Value, failure.Message);
            LookAgainIn(TimeSpan.FromSeconds(1));
        }

        static MessageRecord GiveUp(MessageRecord message) =>
            (message.State == MessageState.InFlight ? message.EndAttempt(message.Attempt, MessageState.Uncertain, null, null) : message).GiveUp(MessageState.Unknown, "no status came in time");
    }

    private async Task SendOneAsync(DueMessage due)
    {
        try
        {
            var attempt = due.Attempt + 1;
            var stored = await _ledger.ReadAsync(due.Id, CancellationToken.None);
            if (stored is not { Message.State: MessageState.Retrying }) return;
            var deadline = sendClock.Now + SendWithin - stored.Age;
            if (stored.Age > SendWithin)
            {
                await ExpireAsync(due.Id);
                return;
            }

            await KeepKeyAsync();
            var (account, obstacle) = await sender.FindAccountAsync(Number);
            if (obstacle is not null)
            {
                await PostponeAsync(due, obstacle);
                DeactivateOnIdle(); // another process may be able to: whoever wakes it then draws a place anew
                return;
            }

            var began = clock.GetUtcNow();
            var permit = await sender.AskPermitAsync(Number);
            began = Trace(due.Id, "permit", began, permit.Answer.Count > 0 ? "granted" : "not now");
            if (permit.Answer.Count == 0)
            {
                if (permit.Answer.IsStopped) await PostponeAsync(due, permit.Answer.LimitedBy);
                else LookAgainIn(permit.Answer.StartsIn);
                return;
            }

            // Meta's limit for one person; the message stays due. At the end of this activation the next one sends it.
            var wait = _isEnding ? TimeSpan.Zero : _pair.Take(sendClock.Now);
            if (_isEnding || wait > TimeSpan.Zero)
            {
                sender.Spare(Number, permit);
                if (!_isEnding) LookAgainIn(wait);
                return;
            }

            if (!await ReleaseAsync(due.Id, attempt, permit)) return;
            began = Trace(due.Id, "release", began, $"attempt {attempt}");
            var outcome = (await sender.SendAsync(Number, account, permit, SingleMessageBody.Write(Address, stored.Body, MessageToken.ForSingle(due.Id, attempt, TokenKey).ToString()), attempt)).ForSingle;
            began = Trace(due.Id, "post", began, GraphMetrics.Name(outcome));
            await RecordAsync(due.Id, attempt, outcome, deadline);
            Trace(due.Id, "record", began, GraphMetrics.Name(outcome));
        }
        catch (Exception lost) when (lost is OwnershipLostException or InconsistentStateException)
        {
            DeactivateOnIdle();
        }
        catch (Exception failure) // before the release: it stays due
        {
            log.SendDelayed(Number.Value, failure.Message);
            LookAgainIn(TimeSpan.FromSeconds(1));
        }
        finally
        {
            _inHand.Remove(due.Id);
        }
    }

    private async Task PostponeAsync(DueMessage due, string reason)
    {
        await _ledger.PostponeAsync(due.Id, due.Attempt, reason, LookWhenStopped);
        ConversationMetrics.Postponed();
        LookAgainIn(LookWhenStopped);
    }

    private async Task ExpireAsync(long id)
    {
        if (await _ledger.MergeAsync(id, message => message.Expire(SendWithin), _ => TimeSpan.Zero) is { State: MessageState.Expired }) TellExpired(id);
    }

    private void TellExpired(long id)
    {
        ConversationMetrics.Expired();
        log.Expired(Number.Value, id, SendWithin.TotalHours);
    }

    /// <summary>Stores the key of this conversation's tokens, before the first of them leaves. Who only receives needs none.</summary>
    /// <exception cref="InconsistentStateException">Another activation has stored one.</exception>
    private Task KeepKeyAsync()
    {
        if (state.RecordExists) return Task.CompletedTask;
        if (_keyKept is { IsFaulted: false, IsCanceled: false }) return _keyKept;
        state.State.TokenKey = _newKey;
        return _keyKept = state.WriteStateAsync();
    }

    /// <summary>Commits the release, however often the answer to it is lost: only this activation knows that nothing of it has been posted.</summary>
    /// <returns>False: the message is not to be sent any more, or not by this activation. Who has opted out meanwhile is skipped, what has become late expires.</returns>
    private async Task<bool> ReleaseAsync(long id, int attempt, Permits permit)
    {
        var isReleased = false;
        try
        {
            for (var failures = 0; !_isEnding; failures++)
            {
                try
                {
                    var answer = await _ledger.ReleaseAsync(id, attempt, UncertainWindow, SendWithin);
                    isReleased = answer == ReleaseAnswer.Released;
                    if (answer == ReleaseAnswer.OptedOut)
                        await _ledger.MergeAsync(id, message => message.GiveUp(MessageState.Skipped, MessageStates.OptedOut), _ => TimeSpan.Zero);
                    else if (answer == ReleaseAnswer.TooLate) await ExpireAsync(id);
                    return isReleased;
                }
                catch (Exception failure) when (failure is not OwnershipLostException && Passing.Is(failure))
                {
                    await PauseAsync(failures, failure);
                }
            }

            return false;
        }
        finally
        {
            if (!isReleased) sender.Spare(Number, permit);
        }
    }

    /// <summary>
    /// Stores the outcome, for as long as it takes: it has happened. Only what fails again and again for a reason of its own is left; the message is explained as
    /// unknown then, when its time is over.
    /// </summary>
    /// <param name="deadline">What Meta takes again only after that expires now. By the clock of sends.</param>
    private async Task RecordAsync(long id, int attempt, SendOutcome outcome, TimeSpan deadline)
    {
        var at = clock.GetUtcNow();
        var change = new AttemptEnded(0, attempt, 0, outcome, at, options.Value.MaxAttempts);
        for (int failures = 0, lasting = 0; ; failures++)
        {
            try
            {
                var after = await _ledger.MergeAsync(id, message => InTime(change.ApplyTo(message)), WaitOf);
                if (after is { State: MessageState.Expired }) TellExpired(id);
                else if (outcome is SendOutcome.Blocked) ConversationMetrics.Postponed();
                if (after is { State: MessageState.Retrying or MessageState.Uncertain }) LookAgainIn(WaitOf(after));
                return;
            }
            catch (Exception failure) when (failure is not OwnershipLostException)
            {
                if (!Passing.Is(failure) && ++lasting == TriesBeforeLeaving)
                {
                    log.OutcomeLeft(Number.Value, id, attempt, outcome.GetType().Name, failure);
                    return;
                }

                await PauseAsync(failures, failure);
            }
        }

        // A campaign waits for its operator; a single message looks by itself whether the way is free again.
        TimeSpan WaitOf(MessageRecord after) => after.State == MessageState.Uncertain ? UncertainWindow
            : outcome is SendOutcome.Blocked ? LookWhenStopped
            : change.RetryAfter(after);

        MessageRecord InTime(MessageRecord after) => after.State == MessageState.Retrying && sendClock.Now + WaitOf(after) > deadline ? after.Expire(SendWithin) : after;
    }

    private async Task PauseAsync(int failures, Exception failure)
    {
        log.SendDelayed(Number.Value, failure.Message);
        await Task.Delay(Backoff.Ordinary.After(failures), TimeProvider.System);
    }

    /// <summary>A step of a message that has a trace, which few have, has just ended.</summary>
    /// <returns>When: there the next begins.</returns>
    private DateTimeOffset Trace(long message, string step, DateTimeOffset began, string what)
    {
        var ended = clock.GetUtcNow();
        if (traces.IsOn && traces.Of(MessageToken.ForSingle(message, 1, TokenKey)) is { } trace)
            trace.Add($"message {step}", began, ended, new("bsp.message", message), new("bsp.what", what));
        return ended;
    }

    // The supervisor wakes what nobody else does; a timer here is only sooner.
    private void LookAgainIn(TimeSpan wait)
    {
        if (wait > TimeSpan.FromMinutes(1)) return;
        _timer?.Dispose();
        _timer = this.RegisterGrainTimer(SendDueAsync, new GrainTimerCreationOptions(wait + TimeSpan.FromMilliseconds(5), Timeout.InfiniteTimeSpan) { Interleave = true, KeepAlive = true });
    }
}

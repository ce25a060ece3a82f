using OrleansBsp.Core.Messages;
using OrleansBsp.Server.Meta;

namespace OrleansBsp.Server.Campaigns;

/// <summary>Something that became known of one recipient's message, to be merged into its row.</summary>
internal abstract class Change(int position)
{
    public int Position => position;

    /// <summary>The message with this knowledge; the same record if it changes nothing.</summary>
    public abstract MessageRecord ApplyTo(MessageRecord message);

    /// <summary>The step of the message's life, for its trace.</summary>
    public virtual string Step => "record";

    /// <summary>What the step brought, for its trace; never what Meta wrote.</summary>
    public abstract string What { get; }

    /// <summary>When it happened, by Meta's word where Meta gave one.</summary>
    public abstract DateTimeOffset At { get; }

    /// <summary>If the change has led to <see cref="MessageState.Retrying"/>: how long to wait before the next attempt.</summary>
    public virtual TimeSpan RetryAfter(MessageRecord after) => TimeSpan.Zero;

    /// <summary>The line for the recipient's timeline, for attempts that did not end in acceptance.</summary>
    public virtual AttemptRow? Attempt(MessageRecord after) => null;
}

/// <summary>An attempt without acceptance, as kept for the timeline.</summary>
internal sealed record AttemptRow(int Position, int Attempt, string Outcome, int? Code, string Detail, string? Trace);

/// <summary>The send was answered, or provably was not.</summary>
/// <param name="mostRefusals"><see cref="CampaignOptions.MaxAttempts"/>.</param>
internal sealed class AttemptEnded(int position, int attempt, long phone, SendOutcome outcome, DateTimeOffset at, int mostRefusals) : Change(position)
{
    private readonly double _jitter = Random.Shared.NextDouble();

    public override string What => GraphMetrics.Name(outcome);

    public override DateTimeOffset At => at;

    // What is refused waits longer with each refusal. Whoever posted it knew only the number of the attempt, and many attempts may have been waits of ours.
    public override TimeSpan RetryAfter(MessageRecord after) => outcome is not SendOutcome.Retry retry ? TimeSpan.Zero
        : outcome.IsRefusedForNow ? retry.Fault.Rule.RetryAfter(after.Refusals, _jitter)
        : retry.After;

    public override AttemptRow? Attempt(MessageRecord after) => outcome.Match<AttemptRow?>(
        accepted => null,
        retry => Row(after.State == MessageState.Refused ? "refused" : "retry", retry.Fault),
        refused => Row("refused", refused.Fault),
        blocked => Row("blocked", blocked.Fault),
        uncertain => Row("uncertain", uncertain.Fault));

    public override MessageRecord ApplyTo(MessageRecord message) => outcome.Match(
        accepted => message.Accept(accepted.Wamid, Differing(accepted.WaId), accepted.Held, at),
        retry => retry.IsRefusedForNow
            ? message.RefuseForNow(attempt, mostRefusals, retry.Fault.Code, retry.Fault.Details)
            : End(message, MessageState.Retrying, retry.Fault),
        refused => End(message, MessageState.Refused, refused.Fault),
        blocked => End(message, MessageState.Retrying, blocked.Fault),
        uncertain => End(message, MessageState.Uncertain, uncertain.Fault));

    private MessageRecord End(MessageRecord message, MessageState state, SendFault fault) => message.EndAttempt(attempt, state, fault.Code, fault.Details);

    private string? Differing(string? waId) => long.TryParse(waId, out var digits) && digits != phone ? waId : null;

    private AttemptRow Row(string result, SendFault fault) => new(Position, attempt, result, fault.Code, fault.Details, fault.TraceId);
}

/// <summary>A status from Meta.</summary>
internal sealed class StatusSeen(CampaignReceipt receipt) : Change(receipt.Position)
{
    public override string Step => "receipt";

    public override string What => receipt.Status.ToString().ToLowerInvariant();

    public override DateTimeOffset At => receipt.At;

    public override MessageRecord ApplyTo(MessageRecord message) => message.See(receipt.Status, receipt.Wamid, receipt.At, receipt.ErrorCode, receipt.ErrorDetail);
}

/// <summary>Waiting has ended without knowledge, or makes no sense any more.</summary>
/// <param name="state">Unknown, Cancelled or Skipped.</param>
internal sealed class GivenUp(int position, MessageState state, string reason, DateTimeOffset at) : Change(position)
{
    public override string What => state.ToString().ToLowerInvariant();

    public override DateTimeOffset At => at;

    public override MessageRecord ApplyTo(MessageRecord message) => message.GiveUp(state, reason);
}

/// <summary>The policy allows an uncertain message to be sent once more.</summary>
internal sealed class SentAgainByPolicy(int position, int attempt, DateTimeOffset at) : Change(position)
{
    public override string What => "sent again by policy";

    public override DateTimeOffset At => at;

    public override MessageRecord ApplyTo(MessageRecord message) =>
        message.State == MessageState.Uncertain
            ? message.EndAttempt(attempt, MessageState.Retrying, message.ErrorCode, "no status came; sent again by policy")
            : message;
}

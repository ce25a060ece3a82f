namespace OrleansBsp.Core.Messages;

/// <summary>What went wrong with a send.</summary>
/// <param name="Code">Meta's <c>error.code</c>; null when there was none. For logs and screens: decisions go by <paramref name="Rule"/>.</param>
/// <param name="Details">What Meta (or the transport) said, at most <see cref="MaxDetails"/> characters; may be empty.</param>
/// <param name="TraceId">Meta's <c>fbtrace_id</c>, for their support.</param>
/// <param name="Rule">What the error means for us.</param>
public sealed record SendFault(int? Code, string Details, string? TraceId, MetaErrorRule Rule)
{
    /// <summary>Details are stored with the message; a page of HTML from a proxy must not be.</summary>
    public const int MaxDetails = 300;
}

/// <summary>
/// The outcome of one POST of a message: exactly one of five. What proves that Meta did not take the message is
/// <see cref="Retry"/>, <see cref="Refused"/> or <see cref="Blocked"/>; all doubt is <see cref="Uncertain"/>.
/// </summary>
public abstract record SendOutcome
{
    private SendOutcome()
    {
    }

    /// <summary>Meta took it for processing. Not a delivery: that comes by webhook.</summary>
    /// <param name="Wamid">Meta's id of the message.</param>
    /// <param name="WaId">Recipient's WhatsApp id, which may differ from the number sent to; null for a hidden phone.</param>
    /// <param name="UserId">Recipient's BSUID, when Meta names it.</param>
    /// <param name="Held">True if Meta keeps it back (template or portfolio pacing, paused delivery): it is released or fails later.</param>
    public sealed record Accepted(string Wamid, string? WaId, string? UserId, bool Held) : SendOutcome
    {
        /// <inheritdoc/>
        public override T Match<T>(
            Func<Accepted, T> accepted, Func<Retry, T> retry, Func<Refused, T> refused, Func<Blocked, T> blocked, Func<Uncertain, T> uncertain) =>
            accepted(this);
    }

    /// <summary>Not taken; the same message may be posted again, not earlier than <paramref name="After"/> from now.</summary>
    public sealed record Retry(TimeSpan After, SendFault Fault) : SendOutcome
    {
        /// <inheritdoc/>
        public override T Match<T>(
            Func<Accepted, T> accepted, Func<Retry, T> retry, Func<Refused, T> refused, Func<Blocked, T> blocked, Func<Uncertain, T> uncertain) =>
            retry(this);
    }

    /// <summary>Not taken, and this recipient does not get this message.</summary>
    public sealed record Refused(SendFault Fault) : SendOutcome
    {
        /// <inheritdoc/>
        public override T Match<T>(
            Func<Accepted, T> accepted, Func<Retry, T> retry, Func<Refused, T> refused, Func<Blocked, T> blocked, Func<Uncertain, T> uncertain) =>
            refused(this);
    }

    /// <summary>
    /// Not taken, and everything like it will fail: stop the rule's <see cref="MetaErrorRule.Scope"/>, keep the recipient.
    /// </summary>
    /// <remarks>
    /// A decision: a paused template or an expired token says nothing about the person. Counting the recipient as refused would
    /// burn everybody in flight at that moment, up to a thousand; as <see cref="Retry"/> the campaign would hammer
    /// Meta while it is stopped. So the recipient goes back as if not yet sent, without a wait of its own, and is posted
    /// when the scope has been resumed.
    /// </remarks>
    public sealed record Blocked(SendFault Fault) : SendOutcome
    {
        /// <inheritdoc/>
        public override T Match<T>(
            Func<Accepted, T> accepted, Func<Retry, T> retry, Func<Refused, T> refused, Func<Blocked, T> blocked, Func<Uncertain, T> uncertain) =>
            blocked(this);
    }

    /// <summary>Nobody knows whether Meta took it: wait for its status by token; never repeat it blindly.</summary>
    public sealed record Uncertain(SendFault Fault) : SendOutcome
    {
        /// <inheritdoc/>
        public override T Match<T>(
            Func<Accepted, T> accepted, Func<Retry, T> retry, Func<Refused, T> refused, Func<Blocked, T> blocked, Func<Uncertain, T> uncertain) =>
            uncertain(this);
    }

    /// <summary>What went wrong; null if Meta took the message.</summary>
    public SendFault? Problem => Match(accepted => null, retry => retry.Fault, refused => refused.Fault, blocked => blocked.Fault, uncertain => (SendFault?)uncertain.Fault);

    /// <summary>Meta answered. False when nothing was posted, and when the request failed on the way.</summary>
    public bool IsAnswer => Problem is not { Rule: var rule } || (rule != MetaErrorTable.NotSent && rule != MetaErrorTable.NotSendable && rule != MetaErrorTable.NoAnswer);

    /// <summary>Certainly nothing was posted.</summary>
    public bool IsUnposted => Problem is { Rule: var rule } && (rule == MetaErrorTable.NotSent || rule == MetaErrorTable.NotSendable);

    /// <summary>
    /// Meta refused this message for the moment: it may only happen so often. Waiting for a rate, a connection or a queue is our affair and never fails a
    /// recipient, however long it takes.
    /// </summary>
    public bool IsRefusedForNow =>
        this is Retry { Fault.Rule: { Class: MetaErrorClass.RetryLater or MetaErrorClass.RecipientWait } rule } && rule != MetaErrorTable.NotSent;

    /// <summary>
    /// The outcome of a message that belongs to no campaign. What stops a campaign until somebody corrects it ends a message that nobody can correct
    /// (<see cref="MetaErrorRule.AdviceForSingle"/>); it would only be posted and declined again and again.
    /// </summary>
    public SendOutcome ForSingle => this is Blocked { Fault: { Rule.AdviceForSingle: not null } fault } ? new Refused(fault) : this;

    /// <summary>One answer per case; the compiler sees to it that none is forgotten.</summary>
    public abstract T Match<T>(
        Func<Accepted, T> accepted, Func<Retry, T> retry, Func<Refused, T> refused, Func<Blocked, T> blocked, Func<Uncertain, T> uncertain);

    /// <summary>
    /// Not a byte of the request was written (connection refused, no DNS, TLS failed): safe to repeat soon.
    /// The caller vouches for it; in doubt it is <see cref="NoAnswer"/>.
    /// </summary>
    /// <param name="reason">What happened, in words.</param>
    /// <param name="attempt">Number of this attempt, from 1.</param>
    /// <param name="jitter">Chance drawn by the caller, 0..1.</param>
    public static SendOutcome NotSent(string reason, int attempt = 1, double jitter = 0) =>
        new Retry(MetaErrorTable.NotSent.RetryAfter(attempt, jitter), FaultOf(reason, MetaErrorTable.NotSent));

    /// <summary>The row's own data cannot make a message; it was never posted, and never will be as it is.</summary>
    public static SendOutcome NotSendable(string reason) => new Refused(FaultOf(reason, MetaErrorTable.NotSendable));

    /// <summary>Time-out, or the connection broke after something was written: it may have been sent.</summary>
    public static SendOutcome NoAnswer(string reason) => new Uncertain(FaultOf(reason, MetaErrorTable.NoAnswer));

    private static SendFault FaultOf(string reason, MetaErrorRule rule) =>
        new(null, MetaJson.Cut(reason.Trim(), SendFault.MaxDetails), null, rule);
}

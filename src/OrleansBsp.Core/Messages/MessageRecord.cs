namespace OrleansBsp.Core.Messages;

/// <summary>
/// What is known of one message, and the rules by which new knowledge changes it.
/// </summary>
/// <remarks>
/// Statuses come in any order, twice, late, or before the send's own answer (Meta's reference 5.3, 5.6). So statuses and
/// acceptance merge as a semilattice: the higher <see cref="MessageState"/> wins and each time is the earliest reported. Applying
/// the same knowledge twice, or in another order, gives the same record; the property tests say so. "failed" wins over "sent"
/// and loses to "delivered" and "read", whichever came first. Only the wamid stays the first one, if there are two: people have seen it.
/// </remarks>
public sealed record MessageRecord
{
    /// <summary>A released message of which nothing is known yet.</summary>
    public static readonly MessageRecord Released = new();

    public MessageState State { get; init; }

    /// <summary>The attempt that was last released; 1 is the first.</summary>
    public int Attempt { get; init; } = 1;

    /// <summary>
    /// How many attempts Meta has refused for the moment. One that was not posted, or refused for its rate only, does not count. 0 once the message is settled.
    /// </summary>
    public int Refusals { get; init; }

    /// <summary>
    /// Meta's code, or null: of the last attempt that failed while Meta has not taken the message, of the earliest failed status
    /// while <see cref="State"/> is Failed. Any other state needs no explaining.
    /// </summary>
    public int? ErrorCode { get; init; }

    public string? ErrorDetail { get; init; }

    /// <summary>The one known first, if a message that was sent again became two.</summary>
    public string? Wamid { get; init; }

    public string? WaId { get; init; }

    public DateTimeOffset? AcceptedAt { get; init; }

    public DateTimeOffset? SentAt { get; init; }

    public DateTimeOffset? DeliveredAt { get; init; }

    public DateTimeOffset? ReadAt { get; init; }

    public DateTimeOffset? FailedAt { get; init; }

    /// <summary>The send was answered with a wamid.</summary>
    public MessageRecord Accept(string wamid, string? waId, bool held, DateTimeOffset at) => RaiseTo(held ? MessageState.Held : MessageState.Accepted) with
    {
        Wamid = Wamid ?? wamid,
        WaId = WaId ?? waId,
        AcceptedAt = Earlier(AcceptedAt, at),
    };

    /// <summary>Meta reported a status. The status proves that Meta took the message, whatever we believed before.</summary>
    public MessageRecord See(MessageStatus status, string wamid, DateTimeOffset at, int? errorCode, string? errorDetail) => status switch
    {
        MessageStatus.Sent => RaiseTo(MessageState.Sent) with { Wamid = Wamid ?? wamid, SentAt = Earlier(SentAt, at) },
        MessageStatus.Delivered => RaiseTo(MessageState.Delivered) with { Wamid = Wamid ?? wamid, DeliveredAt = Earlier(DeliveredAt, at) },
        MessageStatus.Read => RaiseTo(MessageState.Read) with { Wamid = Wamid ?? wamid, ReadAt = Earlier(ReadAt, at) },
        MessageStatus.Failed => Fail(wamid, at, errorCode, errorDetail),
    };

    /// <summary>
    /// The attempt ended without acceptance. Ignored if a status has settled the message, or if another attempt is on its way.
    /// Of the same attempt, proof that Meta did not take it beats doubt, whichever was reported first.
    /// </summary>
    /// <param name="state">Retrying, Uncertain or Refused.</param>
    public MessageRecord EndAttempt(int attempt, MessageState state, int? errorCode, string? errorDetail) =>
        attempt < Attempt || State.IsSettled() || (attempt == Attempt && State == MessageState.Retrying && state == MessageState.Uncertain)
            ? this
            : this with { State = state, Attempt = attempt, Refusals = state.IsSettled() ? 0 : Refusals, ErrorCode = errorCode, ErrorDetail = errorDetail };

    /// <summary>
    /// Meta refused the attempt for the moment: the message is sent again, unless that has happened too often. However often it is told, an attempt counts once.
    /// </summary>
    /// <param name="most">With so many refusals the message is refused for good.</param>
    public MessageRecord RefuseForNow(int attempt, int most, int? errorCode, string? errorDetail)
    {
        var refusals = attempt == Attempt && State == MessageState.Retrying ? Refusals : Refusals + 1;
        if (refusals >= most) return EndAttempt(attempt, MessageState.Refused, errorCode, $"given up after {refusals} refusals: {errorDetail}");
        var after = EndAttempt(attempt, MessageState.Retrying, errorCode, errorDetail);
        return after == this ? this : after with { Refusals = refusals };
    }

    /// <summary>A further attempt is released. Only what is provably not with Meta, or what policy allows, may be released again.</summary>
    public MessageRecord ReleaseAgain(int attempt) =>
        State is MessageState.Retrying or MessageState.Uncertain && attempt > Attempt
            ? this with { State = MessageState.InFlight, Attempt = attempt }
            : this;

    /// <summary>
    /// The waiting is over without knowledge: an uncertain message becomes unknown, one to be repeated is given up. Nothing else
    /// changes: a message in flight gets an answer or becomes uncertain, and of an uncertain one nobody can say that it was not sent.
    /// </summary>
    /// <param name="state">Unknown, Expired, Cancelled or Skipped.</param>
    public MessageRecord GiveUp(MessageState state, string reason) => (State, state) switch
    {
        (MessageState.Uncertain, MessageState.Unknown) => this with { State = state, Refusals = 0, ErrorDetail = reason },
        (MessageState.Retrying, MessageState.Expired or MessageState.Cancelled or MessageState.Skipped) =>
            this with { State = state, Refusals = 0, ErrorCode = null, ErrorDetail = reason },
        _ => this,
    };

    /// <summary>
    /// It could not be sent in time, or Meta takes it again only after that, and so late nobody wants it. What kept it, as far as that is known, stays with it. Only what waits
    /// to be sent expires: nothing that may be with Meta.
    /// </summary>
    /// <param name="within">Counted from when it was taken.</param>
    public MessageRecord Expire(TimeSpan within)
    {
        var last = ErrorDetail is { Length: > 0 } ? ErrorDetail : ErrorCode is { } code ? MetaErrorTable.ForFailed(code).Title : null;
        var expired = GiveUp(MessageState.Expired, $"cannot be sent within {within.TotalHours:0} hours{(last is null ? "" : $"; last: {last}")}");
        return expired == this ? this : expired with { ErrorCode = ErrorCode };
    }

    private MessageRecord Fail(string wamid, DateTimeOffset at, int? errorCode, string? errorDetail)
    {
        var record = RaiseTo(MessageState.Failed) with { Wamid = Wamid ?? wamid, FailedAt = Earlier(FailedAt, at) };
        var explains = record.State == MessageState.Failed && (State != MessageState.Failed || IsBefore(at, errorCode, errorDetail));
        return explains ? record with { ErrorCode = errorCode, ErrorDetail = errorDetail } : record;
    }

    // Knowledge from before acceptance (a retryable error of an earlier attempt) is not the reason of anything any more, nor is a
    // failure of what was delivered after all.
    private MessageRecord RaiseTo(MessageState state) =>
        state <= State && State is MessageState.Failed ? this
        : this with { State = state > State ? state : State, Refusals = 0, ErrorCode = null, ErrorDetail = null };

    // Any order would do for failures of the same second, as long as it is always the same one.
    private bool IsBefore(DateTimeOffset at, int? errorCode, string? errorDetail)
    {
        if (at != FailedAt) return at < FailedAt;
        var code = (errorCode ?? int.MaxValue).CompareTo(ErrorCode ?? int.MaxValue);
        return code != 0 ? code < 0 : string.CompareOrdinal(errorDetail, ErrorDetail) > 0;
    }

    private static DateTimeOffset Earlier(DateTimeOffset? known, DateTimeOffset reported) => known < reported ? known.Value : reported;
}

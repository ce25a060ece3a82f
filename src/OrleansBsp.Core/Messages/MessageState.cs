namespace OrleansBsp.Core.Messages;

/// <summary>
/// The one state of a message. The numbers are stored; they are also the order in which knowledge wins over knowledge
/// (<see cref="MessageRecord"/>): a higher state is never replaced by a lower one, except by a new attempt.
/// </summary>
public enum MessageState : short
{
    /// <summary>Released, no answer yet. First attempts in flight have no row at all; only a repeated attempt is stored so.</summary>
    InFlight = 0,

    /// <summary>Meta provably did not take it; it is sent again when due.</summary>
    Retrying = 1,

    /// <summary>Released, and nobody knows whether Meta took it. A status with its token settles it.</summary>
    Uncertain = 2,

    /// <summary>Uncertain for longer than the window, and the policy forbids sending again. A late status still settles it.</summary>
    Unknown = 3,

    /// <summary>Meta refused this message for good.</summary>
    Refused = 4,

    /// <summary>Not sent on purpose: the contact has opted out, say.</summary>
    Skipped = 5,

    /// <summary>Not sent because it would have come too late.</summary>
    Expired = 6,

    /// <summary>Not sent because the campaign was cancelled.</summary>
    Cancelled = 7,

    /// <summary>Meta took it; no status yet.</summary>
    Accepted = 10,

    /// <summary>Meta took it and holds it for quality assessment (template or portfolio pacing).</summary>
    Held = 11,

    Sent = 12,

    /// <summary>Meta took it and reported that it was not delivered.</summary>
    Failed = 13,

    Delivered = 14,

    Read = 15,
}

public static class MessageStates
{
    /// <summary>Why a message is <see cref="MessageState.Skipped"/>, as its timeline has it. The statement of a campaign's release writes the same.</summary>
    public const string OptedOut = "the contact has opted out";

    /// <summary>Meta has taken the message: it counts as accepted in the books whatever came after.</summary>
    public static bool IsAccepted(this MessageState state) => state >= MessageState.Accepted;

    /// <summary>No answer or timer is awaited any more (a late status may still raise it).</summary>
    public static bool IsSettled(this MessageState state) => state > MessageState.Uncertain;
}

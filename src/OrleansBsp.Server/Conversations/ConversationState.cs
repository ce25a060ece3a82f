namespace OrleansBsp.Server.Conversations;

/// <summary>What a conversation remembers between activations, in Orleans' grain storage; the thread itself is in its tables.</summary>
public sealed class ConversationState
{
    /// <summary>End of the customer service window, from the last inbound message's own time (Meta's reference 7.1).</summary>
    public DateTimeOffset? WindowUntil { get; set; }

    public DateTimeOffset? LastInboundAt { get; set; }

    /// <summary>Part of each message's token: tokens of another installation do not match.</summary>
    public int TokenKey { get; set; }
}

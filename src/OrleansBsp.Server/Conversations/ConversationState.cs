namespace OrleansBsp.Server.Conversations;

/// <summary>What only the conversation itself needs to know, in Orleans' grain storage; the thread and its window are in the tables.</summary>
public sealed class ConversationState
{
    /// <summary>Part of each message's token: tokens of another installation do not match.</summary>
    public int TokenKey { get; set; }
}

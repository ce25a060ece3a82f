namespace OrleansBsp.Core.Messages;

/// <summary>What a status webhook can say of a message (Meta's reference 5.6). "played" counts as read.</summary>
public enum MessageStatus
{
    Sent,
    Delivered,
    Read,
    Failed,
}

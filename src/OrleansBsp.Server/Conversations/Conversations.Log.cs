namespace OrleansBsp.Server.Conversations;

/// <summary>Events 4000 to 4099.</summary>
internal static partial class ConversationsLog
{
    [LoggerMessage(4000, LogLevel.Warning, "A single message from number {Number} waits: {Reason}")]
    public static partial void SendDelayed(this ILogger log, string number, string reason);
}

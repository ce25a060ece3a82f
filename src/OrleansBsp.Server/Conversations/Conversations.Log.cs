namespace OrleansBsp.Server.Conversations;

/// <summary>Events 4000 to 4099.</summary>
internal static partial class ConversationsLog
{
    [LoggerMessage(4000, LogLevel.Warning, "A single message from number {Number} waits: {Reason}")]
    public static partial void SendDelayed(this ILogger log, string number, string reason);

    [LoggerMessage(4001, LogLevel.Error, "What became of attempt {Attempt} of the single message {Message} of number {Number} ({Outcome}) cannot be stored; it will be unknown")]
    public static partial void OutcomeLeft(this ILogger log, string number, long message, int attempt, string outcome, Exception failure);

    [LoggerMessage(4002, LogLevel.Warning, "The single message {Message} of number {Number} has expired: it cannot be sent within {Hours} hours. GET /api/v1/messages/{Message} says what it waited for")]
    public static partial void Expired(this ILogger log, string number, long message, double hours);
}

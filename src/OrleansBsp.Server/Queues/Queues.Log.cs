namespace OrleansBsp.Server.Queues;

/// <summary>Events 5200 to 5299.</summary>
internal static partial class QueuesLog
{
    [LoggerMessage(5200, LogLevel.Information, "Queue {Queue} was not there and has been made")]
    public static partial void QueueMade(this ILogger log, string queue);

    [LoggerMessage(5201, LogLevel.Warning, "Queue {Queue}: {Count} messages are not taken yet: {Reason}")]
    public static partial void SendingFailed(this ILogger log, string queue, int count, string reason);

    [LoggerMessage(5202, LogLevel.Warning, "Queue {Queue}: receiving failed: {Reason}")]
    public static partial void ReceivingFailed(this ILogger log, string queue, string reason);

    [LoggerMessage(5203, LogLevel.Debug, "Queue {Queue}: {What} failed, messages come again: {Reason}")]
    public static partial void TidyingFailed(this ILogger log, string queue, string what, string reason);

    [LoggerMessage(5204, LogLevel.Warning, "Queue {Queue}: handling {Count} messages failed, they come again: {Reason}")]
    public static partial void HandlingFailed(this ILogger log, string queue, int count, string reason);

    [LoggerMessage(5205, LogLevel.Information, "Queue {Queue}: {Moved} dead letters moved back by {Caller}")]
    public static partial void Redriven(this ILogger log, string queue, int moved, string caller);

    [LoggerMessage(5206, LogLevel.Warning, "Queue {Queue}: dead letter {Letter} ({What}) deleted for good by {Caller}: {Reason}")]
    public static partial void LetterDeleted(this ILogger log, string queue, string letter, string what, string caller, string reason);

    [LoggerMessage(5207, LogLevel.Warning, "Queue {Queue} was made by others and has no RedrivePolicy: what nobody can handle comes again and again and is never a dead letter (docs/kubernetes.md, rights in AWS)")]
    public static partial void NoRedrivePolicy(this ILogger log, string queue);

    [LoggerMessage(5208, LogLevel.Debug, "Queue {Queue}: whether it has a RedrivePolicy could not be found out: {Reason}")]
    public static partial void RedrivePolicyUnknown(this ILogger log, string queue, string reason);
}

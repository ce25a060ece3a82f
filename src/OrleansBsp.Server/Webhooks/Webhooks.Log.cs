namespace OrleansBsp.Server.Webhooks;

/// <summary>Events 3000 to 3099.</summary>
internal static partial class WebhooksLog
{
    [LoggerMessage(3000, LogLevel.Warning, "Storing {Count} webhooks failed: {Reason}")]
    public static partial void AppendFailed(this ILogger log, int count, string reason);

    [LoggerMessage(3001, LogLevel.Debug, "Waking inbox shard {Shard} failed: {Reason}")]
    public static partial void PokeFailed(this ILogger log, short shard, string reason);

    [LoggerMessage(3002, LogLevel.Warning, "Applying inbox shard {Shard} after {Offset} failed, try {Attempt}")]
    public static partial void ApplyFailed(this ILogger log, short shard, long offset, int attempt, Exception failure);

    [LoggerMessage(3003, LogLevel.Error, "{Count} parts of the webhooks {First} to {Last} of inbox shard {Shard} are put aside, one of them because: {Reason}. The table webhook_problem has them all")]
    public static partial void PutAside(this ILogger log, short shard, int count, long first, long last, string reason);

    [LoggerMessage(3004, LogLevel.Error, "Queue {Queue} holds {Count} messages that are not ours; they become dead letters")]
    public static partial void NotOurMessages(this ILogger log, string queue, int count);

    [LoggerMessage(3005, LogLevel.Error, "A webhook of {Bytes} bytes does not fit into queue {Queue}, and this process has no database to store it in. Meta repeats it for days: start the front door with the role api as well until it has come")]
    public static partial void TooLargeForQueue(this ILogger log, string queue, int bytes);

    [LoggerMessage(3006, LogLevel.Warning, "Webhooks refused since the last such line: {Count}. The last: {Reason}")]
    public static partial void WebhooksRefused(this ILogger log, int count, string reason);

    [LoggerMessage(3007, LogLevel.Warning, "Verifications of the webhook address refused since the last such line: {Count}. The last: {Reason}")]
    public static partial void VerificationsRefused(this ILogger log, int count, string reason);

    [LoggerMessage(3008, LogLevel.Warning, "Meta__AppSecret is empty: every webhook is answered 401, so neither receipts nor messages from people arrive. Set it to the secret of the app at Meta")]
    public static partial void NoAppSecret(this ILogger log);

    [LoggerMessage(3009, LogLevel.Warning, "Meta__VerifyToken is empty: Meta's check of the address for webhooks is answered 403, so it cannot be registered. Set it to a word of your own, and enter that at Meta")]
    public static partial void NoVerifyToken(this ILogger log);
}

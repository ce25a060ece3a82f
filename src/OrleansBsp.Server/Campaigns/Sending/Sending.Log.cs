namespace OrleansBsp.Server.Campaigns.Sending;

/// <summary>Events 1200 to 1299.</summary>
internal static partial class SendingLog
{
    [LoggerMessage(1200, LogLevel.Warning, "Claiming {Count} messages failed: {Reason}")]
    public static partial void ClaimFailed(this ILogger log, int count, string reason);

    [LoggerMessage(1201, LogLevel.Warning, "Campaign {Campaign}: {Count} outcomes are not reported yet: {Reason}")]
    public static partial void ReportFailed(this ILogger log, long campaign, int count, string reason);

    [LoggerMessage(1202, LogLevel.Error, "Queue {Queue} holds {Count} messages that are not ours; they become dead letters")]
    public static partial void NotOrders(this ILogger log, string queue, int count);

    [LoggerMessage(1203, LogLevel.Error, "An order is given back: campaign {Campaign} cannot be told what became of it: {Reason}")]
    public static partial void NotToldOf(this ILogger log, long campaign, string reason);

    [LoggerMessage(1204, LogLevel.Error, "Queue {Queue} holds orders for the WhatsApp Business Account {Waba}, which is not ours; they become dead letters")]
    public static partial void NotOurAccount(this ILogger log, string queue, string waba);
}

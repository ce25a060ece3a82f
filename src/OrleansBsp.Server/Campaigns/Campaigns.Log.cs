namespace OrleansBsp.Server.Campaigns;

/// <summary>Events 1000 to 1099.</summary>
internal static partial class CampaignsLog
{
    [LoggerMessage(1000, LogLevel.Information, "Campaign {Campaign} taken with epoch {Epoch} at {Released} of {Planned}, {State}")]
    public static partial void CampaignTaken(this ILogger log, long campaign, long epoch, int released, int planned, string state);

    [LoggerMessage(1001, LogLevel.Information, "Campaign {Campaign} is {State}: {Reason}")]
    public static partial void StateChanged(this ILogger log, long campaign, string state, string reason);

    [LoggerMessage(1002, LogLevel.Warning, "Campaign {Campaign} was taken by another activation; this one stops")]
    public static partial void OwnershipLost(this ILogger log, long campaign);

    [LoggerMessage(1003, LogLevel.Warning, "Writing {Changes} changes failed, try {Attempt}: {Reason}")]
    public static partial void WriteFailed(this ILogger log, int changes, int attempt, string reason);

    [LoggerMessage(1004, LogLevel.Error, "The recorder has stopped")]
    public static partial void RecorderFailed(this ILogger log, Exception failure);

    [LoggerMessage(1005, LogLevel.Warning, "Campaign {Campaign} waits: {Reason}")]
    public static partial void ReleaseFailed(this ILogger log, long campaign, string reason);

    [LoggerMessage(1007, LogLevel.Error, "The run of campaign {Campaign} has failed; it starts anew")]
    public static partial void RunFailed(this ILogger log, long campaign, Exception failure);

    [LoggerMessage(1006, LogLevel.Warning, "Campaign {Campaign}: {Count} receipts are not for its messages")]
    public static partial void ForeignReceipts(this ILogger log, long campaign, int count);
}

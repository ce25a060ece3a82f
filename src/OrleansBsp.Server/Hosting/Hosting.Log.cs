namespace OrleansBsp.Server.Hosting;

/// <summary>Events 5000 to 5099.</summary>
internal static partial class HostingLog
{
    [LoggerMessage(5000, LogLevel.Warning, "The supervisor could not look: {Reason}")]
    public static partial void LookFailed(this ILogger log, string reason);

    [LoggerMessage(5001, LogLevel.Warning, "Waking failed: {Reason}")]
    public static partial void WakeFailed(this ILogger log, string reason);
}

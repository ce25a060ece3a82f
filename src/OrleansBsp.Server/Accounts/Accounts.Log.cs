namespace OrleansBsp.Server.Accounts;

/// <summary>Events 2100 to 2199.</summary>
internal static partial class AccountsLog
{
    [LoggerMessage(2100, LogLevel.Error, "Sending from {Scope} is stopped: {Reason}")]
    public static partial void Stopped(this ILogger log, string scope, string reason);

    [LoggerMessage(2101, LogLevel.Warning, "Reacting to an error of number {Number} failed")]
    public static partial void StopFailed(this ILogger log, string number, Exception failure);

    [LoggerMessage(2102, LogLevel.Error, "Nothing is sent from here: {Reason}")]
    public static partial void TokenUnreadable(this ILogger log, string reason);
}

namespace OrleansBsp.Server.Hosting;

/// <summary>Events 5000 to 5099.</summary>
internal static partial class HostingLog
{
    [LoggerMessage(5000, LogLevel.Warning, "A duty of the supervisor failed: {Reason}")]
    public static partial void LookFailed(this ILogger log, string reason);

    [LoggerMessage(5001, LogLevel.Warning, "Waking {Grain} failed: {Reason}")]
    public static partial void WakeFailed(this ILogger log, string grain, string reason);

    [LoggerMessage(5002, LogLevel.Warning, "This process could not say that it is alive: {Reason}")]
    public static partial void BeatFailed(this ILogger log, string reason);

    [LoggerMessage(5003, LogLevel.Information, "{Count} grains of {Kind} move away from {Silo}, to even out the silos")]
    public static partial void GrainsMove(this ILogger log, int count, string kind, string silo);

    [LoggerMessage(5004, LogLevel.Debug, "Grain {Grain} could not be asked to move: {Reason}")]
    public static partial void MoveFailed(this ILogger log, string grain, string reason);

    [LoggerMessage(5005, LogLevel.Information, "Stopping: {Count} grains go to other silos")]
    public static partial void HandingOver(this ILogger log, int count);

    [LoggerMessage(5006, LogLevel.Warning, "Grains could not be handed over; other silos take them: {Reason}")]
    public static partial void HandoverFailed(this ILogger log, string reason);

    [LoggerMessage(5007, LogLevel.Warning, "The stop took more than {Seconds} s and is cut off. What was under way is found by the next owner of each grain")]
    public static partial void StopCutOff(this ILogger log, double seconds);

    [LoggerMessage(5008, LogLevel.Critical, "The database has not answered for {Seconds:0.0} s ({Reason}) and answers silo {Other}. This silo ends; its grains go on elsewhere")]
    public static partial void EndsAlone(this ILogger log, double seconds, string reason, string other);

    [LoggerMessage(5009, LogLevel.Warning, "The database does not answer, and the other silos could not be asked whether it answers them: {Reason}")]
    public static partial void OthersNotAsked(this ILogger log, string reason);

    [LoggerMessage(5010, LogLevel.Warning, "Silo {Silo} does not reach the database, which answers here: it is declared dead")]
    public static partial void SiloIsReplaced(this ILogger log, string silo);

    [LoggerMessage(5011, LogLevel.Warning, "Silo {Silo} could not be declared dead: {Reason}")]
    public static partial void NotReplaced(this ILogger log, string silo, string reason);

    [LoggerMessage(5012, LogLevel.Warning, "{What}")]
    public static partial void UnknownSetting(this ILogger log, string what);
}

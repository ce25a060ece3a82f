namespace OrleansBsp.Server.Storage;

/// <summary>Events 6000 to 6099.</summary>
internal static partial class StorageLog
{
    [LoggerMessage(6000, LogLevel.Warning, "Session {Pid} of PostgreSQL was ended: its process has been silent for {Seconds:0.0} s and held locks for which {Waiting} sessions waited")]
    public static partial void HungSessionEnded(this ILogger log, int pid, double seconds, int waiting);

    [LoggerMessage(6001, LogLevel.Warning, "Session {Pid} of PostgreSQL ({Application}) is not ours, has been idle for {Seconds:0.0} s and holds locks for which {Waiting} sessions wait. End its transaction, or the session with pg_terminate_backend({Pid})")]
    public static partial void SessionInTheWay(this ILogger log, int pid, string application, double seconds, int waiting);
}

using Npgsql;

namespace OrleansBsp.Server;

/// <summary>Failures that pass by themselves: the database or another silo is away for the moment.</summary>
internal static class Passing
{
    public static bool Is(Exception failure) =>
        failure is NpgsqlException { IsTransient: true } or TimeoutException or IOException or Orleans.Runtime.OrleansException
            or Storage.OwnershipLostException or OperationCanceledException
        || failure is NpgsqlException { InnerException: IOException or System.Net.Sockets.SocketException or TimeoutException }
        || (failure is PostgresException postgres && Is(postgres));

    /// <summary>Besides Npgsql's own list: away, out of connections or memory (53), limits of time for a statement, a lock and an idle transaction.</summary>
    public static bool Is(PostgresException failure) =>
        failure.IsTransient
        || IsAway(failure)
        || failure.SqlState.StartsWith("53", StringComparison.Ordinal)
        || failure.SqlState is PostgresErrorCodes.QueryCanceled or PostgresErrorCodes.LockNotAvailable or "25P03";

    /// <summary>PostgreSQL is stopping or starting (57P0x), the connection to it failed (08), or it takes no writes (25006): another one is the primary now.</summary>
    public static bool IsAway(PostgresException failure) =>
        failure.SqlState.StartsWith("57P", StringComparison.Ordinal) || failure.SqlState.StartsWith("08", StringComparison.Ordinal)
        || failure.SqlState is PostgresErrorCodes.ReadOnlySqlTransaction;
}

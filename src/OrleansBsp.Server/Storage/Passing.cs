using Npgsql;

namespace OrleansBsp.Server;

/// <summary>Failures that pass by themselves: the database or another silo is away for the moment.</summary>
internal static class Passing
{
    public static bool Is(Exception failure) =>
        failure is NpgsqlException { IsTransient: true } or TimeoutException or IOException or Orleans.Runtime.OrleansException
            or Storage.OwnershipLostException or OperationCanceledException
        || failure is NpgsqlException { InnerException: IOException or System.Net.Sockets.SocketException or TimeoutException }
        || (failure is PostgresException postgres && (postgres.SqlState.StartsWith("57P", StringComparison.Ordinal) || postgres.SqlState.StartsWith("08", StringComparison.Ordinal)));
}

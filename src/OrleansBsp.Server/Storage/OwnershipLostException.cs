using Npgsql;

namespace OrleansBsp.Server.Storage;

/// <summary>
/// A write carried an epoch that is not current: another activation owns the row now. Whoever sees this stops at once, changes
/// nothing more and deactivates.
/// </summary>
public sealed class OwnershipLostException(string owner) : Exception($"{owner} is owned by another activation now")
{
    /// <summary>Raised by the SQL function <c>fence</c>.</summary>
    public const string SqlState = "BSP01";

    public static bool Is(Exception failure) => failure is PostgresException { SqlState: SqlState };
}

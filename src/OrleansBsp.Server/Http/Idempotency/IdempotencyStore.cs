using Dapper;
using OrleansBsp.Server.Storage;

namespace OrleansBsp.Server.Http.Idempotency;

/// <summary>The first answer to each key. Times are the database's.</summary>
public sealed class IdempotencyStore(Database database, ILogger<IdempotencyStore> log)
{
    private const int SweepRows = 1000;

    /// <summary>Removes answers older than 24 hours. For the supervisor, about once an hour; safe to run beside itself.</summary>
    /// <returns>Rows removed.</returns>
    public async Task<int> RemoveOldAsync(CancellationToken cancel)
    {
        var total = 0;
        await using var connection = await database.Main.OpenConnectionAsync(cancel);
        for (var removed = SweepRows; removed == SweepRows; total += removed)
            removed = await connection.ExecuteAsync(new CommandDefinition(IdempotencySql.Sweep, new { rows = SweepRows }, cancellationToken: cancel));
        if (total > 0) HttpLog.Swept(log, total);
        return total;
    }

    /// <summary>Commits a claim, or finds the request that has the key. Neither, rarely: it was freed in between.</summary>
    internal async Task<(IdempotencyClaim? Claim, bool TakenOver, Kept? Kept)> ClaimAsync(string caller, string key, byte[] hash, CancellationToken cancel)
    {
        await using var connection = await database.Main.OpenConnectionAsync(cancel);
        var claimed = await connection.QuerySingleOrDefaultAsync<Claimed>(
            new CommandDefinition(IdempotencySql.Claim, new { caller, key, hash }, cancellationToken: cancel));
        if (claimed is not null) return (new IdempotencyClaim(caller, key, claimed.CreatedAt), claimed.TakenOver, null);
        var kept = await connection.QuerySingleOrDefaultAsync<Kept>(
            new CommandDefinition(IdempotencySql.Find, new { caller, key }, cancellationToken: cancel));
        return (null, false, kept);
    }

    /// <summary>False: the claim is no longer ours.</summary>
    internal async Task<bool> StoreAsync(IdempotencyClaim claim, int status, string? contentType, string? location, byte[] body, CancellationToken cancel) =>
        await ExecuteAsync(IdempotencySql.Store, new { caller = claim.CallerId, key = claim.Key, claimedAt = claim.ClaimedAt, status, contentType, location, body }, cancel) == 1;

    internal Task FreeAsync(IdempotencyClaim claim, CancellationToken cancel) =>
        ExecuteAsync(IdempotencySql.Free, new { caller = claim.CallerId, key = claim.Key, claimedAt = claim.ClaimedAt }, cancel);

    /// <summary>Null: the claim is no longer ours, or it has its answer.</summary>
    internal async Task<DateTime?> RenewAsync(IdempotencyClaim claim, CancellationToken cancel)
    {
        await using var connection = await database.Main.OpenConnectionAsync(cancel);
        return await connection.ExecuteScalarAsync<DateTime?>(new CommandDefinition(
            IdempotencySql.Renew, new { caller = claim.CallerId, key = claim.Key, claimedAt = claim.ClaimedAt }, cancellationToken: cancel));
    }

    private async Task<int> ExecuteAsync(string sql, object parameters, CancellationToken cancel)
    {
        await using var connection = await database.Main.OpenConnectionAsync(cancel);
        return await connection.ExecuteAsync(new CommandDefinition(sql, parameters, cancellationToken: cancel));
    }

    private sealed record Claimed(DateTime CreatedAt, bool TakenOver);
}

/// <summary>What a key holds. <paramref name="Status"/> null: still in progress.</summary>
internal sealed record Kept(byte[] RequestHash, int? Status, string? ContentType, string? Location, byte[]? Body);

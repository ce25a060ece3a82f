using Dapper;
using Npgsql;
using OrleansBsp.Server.Http;
using OrleansBsp.Server.Storage;

namespace OrleansBsp.Server.Access;

/// <summary>The API keys. A key that is removed here stops at once; one removed by another process within 30 s.</summary>
public sealed class ApiKeyStore(Database database, TimeProvider time)
{
    private static readonly TimeSpan Believed = TimeSpan.FromSeconds(30);

    // Only keys that exist are kept, so nonsense cannot fill it.
    private readonly BriefCache<KeyHash, Caller> _callers = new(time, Believed, capacity: 10_000);

    /// <summary>The caller that a key stands for, or null if there is no such key.</summary>
    public async ValueTask<Caller?> FindAsync(string key, CancellationToken cancel)
    {
        if (!ApiKey.LooksLikeOne(key)) return null;
        var hash = ApiKey.Hash(key);
        var cacheKey = KeyHash.From(hash);
        if (_callers.GetOrNull(cacheKey) is { } known) return known;

        var since = time.GetTimestamp();
        await using var connection = await database.Main.OpenConnectionAsync(cancel);
        var row = await connection.QuerySingleOrDefaultAsync<ApiKeyRow>(new CommandDefinition(AccessSql.FindKey, new { hash }, cancellationToken: cancel));
        if (row is null) return null;
        var caller = new Caller($"key:{row.Id}", row.Name, row.Scopes, IsUser: false);
        _callers.Put(cacheKey, caller, since);
        return caller;
    }

    /// <summary>Makes a key. The text that is returned exists nowhere else.</summary>
    public async Task<(long Id, string Key, DateTime CreatedAt)> AddAsync(string name, string[] scopes, CancellationToken cancel)
    {
        await using var connection = await database.Main.OpenConnectionAsync(cancel);
        return await AddAsync(connection, name, scopes, cancel);
    }

    /// <summary>Rows after <paramref name="after"/> in the order they were made.</summary>
    public async Task<IReadOnlyList<ApiKeyRow>> ListAsync(long after, int rows, CancellationToken cancel)
    {
        await using var connection = await database.Main.OpenConnectionAsync(cancel);
        return (await connection.QueryAsync<ApiKeyRow>(new CommandDefinition(AccessSql.ListKeys, new { after, rows }, cancellationToken: cancel))).AsList();
    }

    /// <summary>False: there was none.</summary>
    public async Task<bool> RemoveAsync(long id, CancellationToken cancel)
    {
        await using var connection = await database.Main.OpenConnectionAsync(cancel);
        var hash = await connection.ExecuteScalarAsync<byte[]?>(new CommandDefinition(AccessSql.DeleteKey, new { id }, cancellationToken: cancel));
        if (hash is null) return false;
        _callers.Forget(KeyHash.From(hash));
        return true;
    }

    internal static async Task<(long Id, string Key, DateTime CreatedAt)> AddAsync(
        NpgsqlConnection connection, string name, string[] scopes, CancellationToken cancel)
    {
        var key = ApiKey.Make();
        var (id, createdAt) = await connection.QuerySingleAsync<(long, DateTime)>(
            new CommandDefinition(AccessSql.InsertKey, new { name, hash = ApiKey.Hash(key), scopes }, cancellationToken: cancel));
        return (id, key, createdAt);
    }
}

/// <summary>A key as it is stored, without the key. Not positional: Dapper finds no constructor for an array column.</summary>
public sealed record ApiKeyRow
{
    public required long Id { get; init; }

    public required string Name { get; init; }

    public required string[] Scopes { get; init; }

    /// <summary>Not read by every statement.</summary>
    public DateTime CreatedAt { get; init; }
}

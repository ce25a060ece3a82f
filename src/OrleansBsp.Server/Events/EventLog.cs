using Dapper;
using Npgsql;
using NpgsqlTypes;
using OrleansBsp.Server.Storage;

namespace OrleansBsp.Server.Events;

/// <summary>One appended batch of events.</summary>
/// <param name="Offset">Dense per shard: a reader that has seen n has seen everything before.</param>
/// <param name="Source">The owner: <c>campaign:1001</c>, <c>conversation:…</c>.</param>
/// <param name="Body">JSON; its shape depends on <paramref name="Kind"/>.</param>
public sealed record EventBatch(short Shard, long Offset, DateTime At, string Source, string Kind, int Count, string Body);

/// <summary>
/// The event log: every transition, appended in the transaction that makes it. Readers keep a cursor per shard; what one owner
/// writes is in one shard and in order.
/// </summary>
public sealed class EventLog(Database database)
{
    /// <summary>The shard of an owner. A stable hash: string.GetHashCode differs from process to process.</summary>
    public static short ShardOf(string source)
    {
        var hash = 2166136261u;
        foreach (var character in source) hash = (hash ^ character) * 16777619u;
        return (short)(hash % EventSql.Shards);
    }

    /// <summary>The command that appends; it must be the last of its batch.</summary>
    public static NpgsqlBatchCommand Append(string source, string kind, int count, ReadOnlyMemory<byte> body)
    {
        EventMetrics.Appended(count);
        var command = new NpgsqlBatchCommand(EventSql.Append);
        command.Parameters.Add(new NpgsqlParameter<short>("shard", ShardOf(source)));
        command.Parameters.Add(new NpgsqlParameter<string>("source", source));
        command.Parameters.Add(new NpgsqlParameter<string>("kind", kind));
        command.Parameters.Add(new NpgsqlParameter<int>("count", count));
        command.Parameters.Add(new NpgsqlParameter<ReadOnlyMemory<byte>>("body", body) { NpgsqlDbType = NpgsqlDbType.Json });
        return command;
    }

    /// <summary>The next batches of a shard, oldest first.</summary>
    public async Task<List<EventBatch>> ReadAsync(short shard, long after, int limit, CancellationToken cancel)
    {
        await using var connection = await database.Main.OpenConnectionAsync(cancel);
        return [.. await connection.QueryAsync<EventBatch>(new(EventSql.Read, new { shard, after, limit }, cancellationToken: cancel))];
    }

    /// <summary>The last offset of each shard.</summary>
    public async Task<long[]> HeadsAsync(CancellationToken cancel)
    {
        await using var connection = await database.Main.OpenConnectionAsync(cancel);
        var heads = await connection.QueryAsync<(short Shard, long Offset)>(new(EventSql.Heads, cancellationToken: cancel));
        return [.. heads.Select(head => head.Offset)];
    }
}

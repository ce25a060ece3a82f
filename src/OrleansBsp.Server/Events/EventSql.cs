namespace OrleansBsp.Server.Events;

public static class EventSql
{
    public const int Shards = 8;

    /// <summary>
    /// Appends one batch of events as the last statement of its transaction: the head row stays locked until the commit, so offsets
    /// become visible in order.
    /// </summary>
    public const string Append = """
        with head as (update event_head set last_offset = last_offset + 1 where shard = @shard returning shard, last_offset)
        insert into event (shard, "offset", source, kind, count, body)
        select shard, last_offset, @source, @kind, @count, @body::json from head
        """;

    /// <summary>Served by the partitions' primary keys; empty partitions cost one look each.</summary>
    public const string Read = """
        select shard, "offset", at, source, kind, count, body::text as Body
        from event where shard = @shard and "offset" > @after order by "offset" limit @limit
        """;

    public const string Heads = "select shard, last_offset as Offset from event_head order by shard";
}

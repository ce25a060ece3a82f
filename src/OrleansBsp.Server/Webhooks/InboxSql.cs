namespace OrleansBsp.Server.Webhooks;

internal static class InboxSql
{
    public const int Shards = 4;

    /// <summary>One group of bodies, offsets without gaps; the head row is locked until the commit, so readers skip nothing.</summary>
    public const string Append = """
        with head as (update inbox_head set last_offset = last_offset + cardinality(@bodies) where shard = @shard returning shard, last_offset)
        insert into inbox (shard, "offset", body)
        select shard, last_offset - cardinality(@bodies) + b.place, b.body from head, unnest(@bodies) with ordinality as b (body, place)
        """;

    /// <summary>Takes the shard; returns where to go on.</summary>
    public const string Take = """
        update inbox_cursor set epoch = epoch + 1, owner = @owner where shard = @shard returning epoch, "offset"
        """;

    /// <summary>The next bodies, as many as fit into <c>@bytes</c> and the one that goes over it.</summary>
    public const string Read = """
        select "offset", body
        from (select "offset", body, sum(octet_length(body)) over (order by "offset" rows unbounded preceding) - octet_length(body) as before
              from inbox where shard = @shard and "offset" > @after order by "offset" limit @limit) next
        where before < @bytes order by "offset"
        """;

    public const string Move = """
        update inbox_cursor set "offset" = @offset, updated_at = now() where shard = @shard and epoch = @epoch and "offset" < @offset
        """;

    public const string AddProblems = """
        insert into webhook_problem (shard, "offset", path, reason, snippet)
        select @shard, * from unnest(@offsets, @paths, @reasons, @snippets) on conflict do nothing
        """;

    /// <summary>Statuses without a token of ours: campaign messages by the hash of their wamid, compared in full.</summary>
    public const string FindCampaignMessages = """
        select m.wamid as Wamid, m.campaign_id as CampaignId, m.position as Position
        from message m where m.wamid_key = any (@keys) and m.wamid = any (@wamids)
        """;

    public const string FindSingles = """
        select m.id as Id, m.wamid as Wamid, m.conversation_id as ConversationId
        from conversation_message m where m.id = any (@ids) or m.wamid = any (@wamids)
        """;

    /// <summary>How much is waiting and since when, by shard.</summary>
    public const string Backlog = """
        select h.shard as Shard, h.last_offset - c."offset" as Waiting,
               (select extract(epoch from now() - i.received_at)::float8 from inbox i where i.shard = h.shard and i."offset" = c."offset" + 1) as OldestSeconds
        from inbox_head h join inbox_cursor c on c.shard = h.shard order by h.shard
        """;
}

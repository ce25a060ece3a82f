namespace OrleansBsp.Server.Hosting.Silos;

internal static class ProcessSql
{
    /// <summary>Rows of processes that ended without a word go after a minute.</summary>
    public const string Beat = """
        with gone as (delete from process where seen_at < now() - interval '1 minute' and id <> @id)
        insert into process (id, name, roles, version, silo_address, sending_per_second, leaving) values (@id, @name, @roles, @version, @siloAddress, @sending, @leaving)
        on conflict (id) do update set seen_at = now(), sending_per_second = excluded.sending_per_second, leaving = excluded.leaving
        """;

    /// <summary>Silos that have been told to stop.</summary>
    public const string Leaving = "select silo_address from process where leaving and silo_address is not null";

    public const string Remove = "delete from process where id = @id";

    public const string Read = """
        select id, name, roles, version, silo_address as SiloAddress, started_at as StartedAt, extract(epoch from now() - seen_at)::float8 as SeenSecondsAgo,
               sending_per_second as SendingPerSecond
        from process order by name, started_at
        """;

    /// <summary>What each owner holds by the rows, which decide. Conversations are not counted: a row keeps its last owner, however long it has slept.</summary>
    public const string Owned = """
        select owner, 'campaigns' as kind, count(*)::int as count from campaign_run where owner is not null and state in ('scheduled', 'running', 'paused') group by owner
        union all select owner, 'phoneNumbers', count(*)::int from phone_number where owner is not null and grants_until > now() group by owner
        union all select owner, 'inboxShards', count(*)::int from inbox_cursor where owner is not null group by owner
        """;

    /// <summary>One page of owned grains, by key.</summary>
    public const string Grains = """
        select key, owner, epoch, state from (
            select 'c:' || campaign_id as key, owner, epoch, state from campaign_run where owner is not null and state in ('scheduled', 'running', 'paused')
            union all select 'i:' || shard, owner, epoch, 'running' from inbox_cursor where owner is not null
            union all select 'p:' || id, owner, epoch, state from phone_number where owner is not null and grants_until > now()) grains
        where key > @after and (@owner::text is null or owner = @owner)
        order by key limit @limit
        """;

    /// <summary>Webhook bodies that are stored and not yet applied, and the age of the oldest.</summary>
    public const string Backlog = """
        select coalesce(sum(h.last_offset - c."offset"), 0)::int8 as Waiting, coalesce(extract(epoch from now() - min(i.received_at)), 0)::float8 as OldestSeconds
        from inbox_head h join inbox_cursor c on c.shard = h.shard
        left join lateral (select received_at from inbox where shard = h.shard and "offset" > c."offset" order by "offset" limit 1) i on h.last_offset > c."offset"
        """;
}

namespace OrleansBsp.Server.Hosting;

internal static class BacklogSql
{
    /// <summary>
    /// Messages with a timer, and how long the oldest is overdue. Repeats of campaigns that do not run wait for people, so they are not
    /// counted. Both tables are small: a message is in them only while it waits.
    /// </summary>
    public const string Timers = """
        select 'campaign' as Of, p.kind as Kind, count(*) as Waiting, extract(epoch from now() - min(p.due_at))::float8 as OverdueSeconds
        from pending p join campaign_run r on r.campaign_id = p.campaign_id
        where p.kind <> @retryKind or r.state = 'running'
        group by p.kind
        union all
        select 'single', kind, count(*), extract(epoch from now() - min(due_at))::float8 from conversation_pending group by kind
        """;
}

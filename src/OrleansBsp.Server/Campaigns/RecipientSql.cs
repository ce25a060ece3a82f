namespace OrleansBsp.Server.Campaigns;

internal static class RecipientSql
{
    private const string Read = """
        select r.position, r.phone, r.values, a.columns, run.released_through as ReleasedThrough, run.state as CampaignState,
               m.state, m.attempt, m.error_code as ErrorCode, m.error_detail as ErrorDetail, m.wamid, m.wa_id as WaId,
               m.accepted_at as AcceptedAt, m.sent_at as SentAt, m.delivered_at as DeliveredAt, m.read_at as ReadAt, m.failed_at as FailedAt
        from campaign c
        join campaign_run run on run.campaign_id = c.id
        join audience a on a.id = c.audience_id
        join recipient r on r.audience_id = c.audience_id
        left join message m on m.month = run.month and m.campaign_id = c.id and m.position = r.position
        where c.id = @id
        """;

    /// <summary>Reads on from a position in order of the recipients' primary key, so a page costs what it skips at the worst.</summary>
    public const string List = Read + """
         and r.position > @after
          and (@phone::bigint is null or r.phone = @phone)
          and (@state::smallint is null and not @notReleased or m.state = @state
               or (@notReleased and m.state is null and r.position > run.released_through and run.state <> 'cancelled')
               or (@inFlight and m.state is null and r.position <= run.released_through)
               or (@cancelled and m.state is null and r.position > run.released_through and run.state = 'cancelled'))
        order by r.position limit @limit
        """;

    public const string Find = Read + " and r.position = @position";

    public const string Attempts = """
        select a.at as At, a.outcome as What, a.attempt::int as Attempt, a.error_code as ErrorCode, a.detail as Detail
        from attempt a join campaign_run run on run.campaign_id = a.campaign_id and run.month = a.month
        where a.campaign_id = @id and a.position = @position order by a.at
        """;
}

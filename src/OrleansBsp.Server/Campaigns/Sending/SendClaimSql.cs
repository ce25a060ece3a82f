namespace OrleansBsp.Server.Campaigns.Sending;

/// <summary>Statements of the claims on attempts that came by a queue.</summary>
internal static class SendClaimSql
{
    /// <summary>
    /// Claims what nobody has. A claim of somebody else that is not committed yet is waited for: whatever this statement finds is final. In the
    /// order of the key, so that two batches with the same attempts do not wait for each other. Who has been declared dead, and does not know it yet, writes nothing.
    /// The claims of a time before a restore may be forgotten: an order of that time is somebody's who may have sent it.
    /// </summary>
    public const string Claim = """
        insert into send_claim (day, campaign_id, position, attempt, claimer, may_send)
        select (w.moment at time zone 'utc')::date, w.campaign_id, w.position, w.attempt,
               case when w.moment <= forgotten.until then '00000000-0000-0000-0000-000000000000'::uuid else @claimer end,
               w.moment <= forgotten.until or (@send and coalesce(r.state = 'running', false) and clock_timestamp() <= w.moment + @tolerance::interval)
        from unnest(@campaigns, @positions, @attempts, @moments) as w (campaign_id, position, attempt, moment)
        cross join (select coalesce(max(until), '-infinity') as until from restored) forgotten
        left join campaign_run r on r.campaign_id = w.campaign_id
        where @generation::int is null or exists (select from orleans_silo s where s.address = @address and s.port = @port and s.generation = @generation and s.status <> @dead)
        order by 1, 2, 3, 4
        on conflict do nothing
        """;

    /// <summary>After <see cref="Claim"/>, in the same batch: whose they are.</summary>
    public const string Read = """
        select c.campaign_id, c.position, c.attempt, c.may_send, c.claimer = @claimer
        from unnest(@campaigns, @positions, @attempts, @moments) as w (campaign_id, position, attempt, moment)
        join send_claim c on c.day = (w.moment at time zone 'utc')::date and c.campaign_id = w.campaign_id and c.position = w.position and c.attempt = w.attempt
        """;
}

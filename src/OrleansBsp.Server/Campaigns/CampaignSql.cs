namespace OrleansBsp.Server.Campaigns;

/// <summary>Statements of the campaign's owner. Each write carries the epoch, or stands in a batch behind <see cref="Fence"/>.</summary>
internal static class CampaignSql
{
    public const string Create = """
        with made as (
            insert into campaign (name, phone_number_id, template_name, template_language, category, parameters, default_country, max_per_second, resend_uncertain, created_by)
            values (@name, @phoneNumberId, @templateName, @templateLanguage, @category, @parameters::jsonb, @country, @maxPerSecond, @resendUncertain, @createdBy)
            returning id),
        run as (insert into campaign_run (campaign_id) select id from made)
        select id from made
        """;

    public const string List = """
        select c.id, c.name, c.phone_number_id as PhoneNumberId, c.template_name as TemplateName, c.template_language as TemplateLanguage, c.category,
               c.parameters::text as Parameters, c.default_country as DefaultCountry, c.max_per_second as MaxPerSecond, c.created_at as CreatedAt,
               r.state as State, r.state_reason as StateReason, r.month, r.planned, r.released_through as ReleasedThrough, r.recorded_through as RecordedThrough,
               r.retrying, r.accepted_only as AcceptedOnly, r.held, r.sent, r.delivered, r.read, r.failed, r.refused, r.skipped, r.expired,
               r.cancelled, r.uncertain, r.unknown, r.start_at as StartAt, r.launched_at as LaunchedAt, r.started_at as StartedAt, r.ended_at as EndedAt,
               r.owner, r.epoch
        from campaign c join campaign_run r on r.campaign_id = c.id
        where c.id < @before order by c.id desc limit @limit
        """;

    public const string Take = "update campaign_run set epoch = epoch + 1, owner = @owner where campaign_id = @id returning epoch";

    public const string ReadRun = """
        select r.state, r.state_reason as StateReason, r.month, r.planned, r.released_through as ReleasedThrough, r.recorded_through as RecordedThrough,
               r.retrying, r.accepted_only as AcceptedOnly, r.held, r.sent, r.delivered, r.read, r.failed, r.refused, r.skipped, r.expired,
               r.cancelled, r.uncertain, r.unknown, r.start_at as StartAt, r.start_before as StartBefore,
               r.launched_at as LaunchedAt, r.started_at as StartedAt, r.ended_at as EndedAt, r.owner, r.epoch
        from campaign_run r where r.campaign_id = @id
        """;

    public const string FindActiveByTemplate = """
        select c.id from campaign c
        join campaign_run r on r.campaign_id = c.id and r.state in ('scheduled', 'running')
        join phone_number n on n.id = c.phone_number_id
        where n.waba_id = @wabaId and c.template_name = @name and c.template_language = @language
        """;

    /// <summary>The first part is served by the partial index, the second by pending_due; both tables are small.</summary>
    public const string FindToWake = """
        select campaign_id from campaign_run where state = 'running' or (state = 'scheduled' and start_at <= now() + interval '10 seconds')
        union
        select distinct campaign_id from pending where due_at <= now()
        """;

    public const string ReadDefinition = """
        select c.id, c.name, c.phone_number_id as PhoneNumberId, n.waba_id as WabaId, w.access_token as AccessToken,
               c.template_name as TemplateName, c.template_language as TemplateLanguage, c.template::text as Template, c.category,
               c.parameters::text as Parameters, c.default_country as DefaultCountry, c.max_per_second as MaxPerSecond,
               c.resend_uncertain as ResendUncertain, c.token_key as TokenKey, c.audience_id as AudienceId, a.columns,
               c.created_at as CreatedAt
        from campaign c
        join phone_number n on n.id = c.phone_number_id
        join waba w on w.id = n.waba_id
        left join audience a on a.id = c.audience_id
        where c.id = @id
        """;

    /// <summary>First of a batch: without the epoch the whole batch is rolled back. Locks the run row, so owners write one after another.</summary>
    public const string Fence = "select fence((select true from campaign_run where campaign_id = @id and epoch = @epoch for update))";

    /// <summary>Fence and counters in one: the deltas of a batch.</summary>
    public const string Count = """
        with own as (
            update campaign_run set
                retrying = retrying + @retrying, accepted_only = accepted_only + @accepted, held = held + @held, sent = sent + @sent,
                delivered = delivered + @delivered, read = read + @read, failed = failed + @failed, refused = refused + @refused,
                skipped = skipped + @skipped, expired = expired + @expired, cancelled = cancelled + @cancelled,
                uncertain = uncertain + @uncertain, unknown = unknown + @unknown,
                recorded_through = greatest(recorded_through, @recordedThrough), updated_at = now()
            where campaign_id = @id and epoch = @epoch returning true as owned)
        select fence((select owned from own))
        """;

    /// <summary>
    /// Moves the checkpoint, before anything is sent. In the same statement: whoever has opted out is skipped, so an opt-out
    /// that was committed before this release keeps its recipient from the message, and the event log tells of it.
    /// </summary>
    public const string Release = """
        with batch as (select position, phone from unnest(@positions, @phones) as b (position, phone)),
        out as (
            select b.position from batch b join contact c on c.phone = b.phone
            where c.opted_out = 'all' or (c.opted_out = 'marketing' and @marketing)),
        own as (
            update campaign_run set released_through = @through, skipped = skipped + (select count(*) from out),
                started_at = coalesce(started_at, now())
            where campaign_id = @id and epoch = @epoch and released_through = @from and state = 'running'
            returning campaign_id),
        skip as (
            insert into message (month, campaign_id, position, state, attempt, error_detail)
            select @month, own.campaign_id, out.position, @skippedState, 1, 'the contact has opted out' from out, own),
        head as (
            update event_head h set last_offset = h.last_offset + 1 from own
            where h.shard = @shard and exists (select 1 from out) returning h.shard, h.last_offset),
        told as (
            insert into event (shard, "offset", source, kind, count, body)
            select head.shard, head.last_offset, @source, 'messages', (select count(*) from out),
                   (select json_build_object('campaignId', @id::text, 'transitions',
                        json_agg(json_build_array(position, 'skipped', (extract(epoch from now()) * 1000)::bigint))) from out)
            from head)
        select (select count(*) from own)::int as Owned, coalesce(array(select position from out), '{}') as Skipped
        """;

    /// <summary>After a release whose answer was lost: was it committed, and whom did it skip?</summary>
    public const string FindRelease = """
        select (select released_through from campaign_run where campaign_id = @id and epoch = @epoch),
               coalesce(array(select position from message where month = @month and campaign_id = @id and position = any (@positions)), '{}')
        """;

    /// <summary>As <see cref="FindRelease"/>, behind the fence: what a newer owner released is not ours to send.</summary>
    public const string FindReleaseAgain = """
        select p.position from pending p join unnest(@positions, @attempts) as u (position, attempt) on u.position = p.position and u.attempt = p.attempt
        where p.campaign_id = @id and p.kind = @inFlightKind
        """;

    public const string ReadRecipients = """
        select position, phone, values from recipient
        where audience_id = @audience and position > @after order by position limit @limit
        """;

    /// <summary>Only messages that are not settled, which are few, have a row in <c>pending</c>: of the others it is not looked for.</summary>
    public const string ReadMessages = """
        select position, state, attempt, error_code, error_detail, wamid, wa_id, accepted_at, sent_at, delivered_at, read_at, failed_at,
               coalesce(case when state <= @lastOpen then (select p.refusals from pending p where p.campaign_id = @id and p.position = m.position) end, 0::smallint)
        from message m where month = @month and campaign_id = @id and position = any (@positions)
        """;

    public const string InsertMessages = """
        insert into message (month, campaign_id, position, state, attempt, error_code, error_detail, wamid, wamid_key, wa_id,
            accepted_at, sent_at, delivered_at, read_at, failed_at)
        select @month, @id, * from unnest(@positions, @states, @attempts, @codes, @details, @wamids, @keys, @waIds, @accepted, @sent, @delivered, @read, @failed)
        """;

    /// <summary>
    /// One writer per campaign and positions in order: no deadlock. Only columns without an index change, so it is HOT, but for the few messages whose
    /// wamid becomes known late. Each row must be as it was read: a release of another attempt may have come between, or this may be a write that was given
    /// up, repeated, and arrives late all the same. Then nothing of the batch is done, the counters neither.
    /// </summary>
    public const string UpdateMessages = """
        with changed as (
            update message m set state = u.state, attempt = u.attempt, error_code = u.code, error_detail = u.detail, wamid = u.wamid,
                wamid_key = u.key, wa_id = u.wa_id, accepted_at = u.accepted, sent_at = u.sent, delivered_at = u.delivered, read_at = u.read, failed_at = u.failed
            from unnest(@positions, @states, @attempts, @codes, @details, @wamids, @keys, @waIds, @accepted, @sent, @delivered, @read, @failed, @statesRead, @attemptsRead)
                as u (position, state, attempt, code, detail, wamid, key, wa_id, accepted, sent, delivered, read, failed, state_read, attempt_read)
            where m.month = @month and m.campaign_id = @id and m.position = u.position and m.state = u.state_read and m.attempt = u.attempt_read
            returning 1)
        select as_read((select count(*) from changed) = cardinality(@positions))
        """;

    public const string SetPending = """
        insert into pending (campaign_id, position, kind, attempt, refusals, due_at)
        select @id, p.position, p.kind, p.attempt, p.refusals, now() + p.wait
        from unnest(@positions, @kinds, @attempts, @refusals, @waits) as p (position, kind, attempt, refusals, wait)
        on conflict (campaign_id, position) do update
            set kind = excluded.kind, attempt = excluded.attempt, refusals = excluded.refusals, due_at = excluded.due_at
        """;

    public const string ClearPending = "delete from pending where campaign_id = @id and position = any (@positions)";

    public const string AddAttempts = """
        insert into attempt (month, campaign_id, position, attempt, outcome, error_code, detail, trace)
        select @month, @id, * from unnest(@positions, @attempts, @outcomes, @codes, @details, @traces)
        on conflict do nothing
        """;

    /// <summary>
    /// What a crash left uncertain, exactly: released positions without a row, and repeated attempts without an answer. Run once
    /// by each new owner, behind the fence.
    /// </summary>
    public const string FindUnanswered = """
        insert into message (month, campaign_id, position, state, attempt, error_detail)
        select @month, @id, p, @uncertain, 1, 'the sender was stopped between release and answer'
        from generate_series(@recorded + 1, @released) p
        where not exists (select 1 from message m where m.month = @month and m.campaign_id = @id and m.position = p)
        returning position
        """;

    public const string FindUnansweredRetries = """
        with found as (
            update pending set kind = @uncertainKind, due_at = now() + @window
            where campaign_id = @id and kind = @inFlightKind returning position)
        update message m set state = @uncertain, error_code = null, error_detail = 'the sender was stopped between release and answer'
        from found where m.month = @month and m.campaign_id = @id and m.position = found.position and m.state = @inFlight
        returning m.position
        """;

    /// <summary>Messages whose timer has run out. <c>@cancelled</c>: those waiting for another attempt are due whatever their time.</summary>
    public const string ReadDue = """
        select p.position, p.kind, p.attempt, r.phone, r.values, coalesce(c.opted_out, '') as OptedOut
        from pending p
        join recipient r on r.audience_id = @audience and r.position = p.position
        left join contact c on c.phone = r.phone and c.opted_out is not null
        where p.campaign_id = @id and (p.due_at <= now() or (@cancelled and p.kind = @retry)) and p.kind = any (@kinds)
        order by p.due_at limit @limit
        """;

    /// <summary>Behind the fence: repeated attempts are released like first ones, before they are sent.</summary>
    public const string ReleaseAgain = """
        with released as (
            update message m set state = @inFlight, attempt = u.attempt
            from unnest(@positions, @attempts, @phones) as u (position, attempt, phone)
            where m.month = @month and m.campaign_id = @id and m.position = u.position and m.state = @retrying and m.attempt = u.attempt - 1
              and not exists (select 1 from contact c where c.phone = u.phone and (c.opted_out = 'all' or (c.opted_out = 'marketing' and @marketing)))
            returning m.position, m.attempt),
        timer as (
            update pending p set kind = @inFlightKind, attempt = r.attempt, due_at = now() + @window
            from released r where p.campaign_id = @id and p.position = r.position),
        counted as (
            update campaign_run set retrying = retrying - (select count(*) from released) where campaign_id = @id)
        select position from released
        """;

    /// <summary>Changes the state if it is still one of those expected.</summary>
    public const string SetState = """
        update campaign_run set state = @state, state_reason = @reason,
            ended_at = case when @state in ('completed', 'cancelled') then coalesce(ended_at, now()) else null end,
            updated_at = now()
        where campaign_id = @id and epoch = @epoch and state = any (@from)
        returning state
        """;

    /// <summary>Ends the campaign if, by the books, nothing is left to do.</summary>
    public const string Complete = """
        update campaign_run set state = 'completed', state_reason = null, ended_at = now(), updated_at = now()
        where campaign_id = @id and epoch = @epoch and state = 'running' and released_through = planned and retrying = 0 and uncertain = 0
          and accepted_only + held + sent + delivered + read + failed + refused + skipped + expired + cancelled + unknown = planned
        """;

    public const string Launch = """
        with own as (
            update campaign_run set state = case when @startAt > now() then 'scheduled' else 'running' end, state_reason = null, month = date_trunc('month', now()),
                launched_at = now(), start_at = coalesce(@startAt, now()), start_before = coalesce(@startAt, now()) + @startWindow, updated_at = now()
            where campaign_id = @id and epoch = @epoch and state = 'draft' and planned > 0 returning campaign_id)
        update campaign c set template = @template::jsonb, category = @category from own where c.id = own.campaign_id
        returning c.id
        """;

    /// <summary>A campaign that was paused before its start is scheduled again, not started early.</summary>
    public const string Resume = """
        update campaign_run set state = case when start_at > now() then 'scheduled' else 'running' end, state_reason = null, start_before = null, updated_at = now()
        where campaign_id = @id and epoch = @epoch and state = 'paused'
        """;

    /// <summary>By the database's clock. A start missed by more than its window waits and asks (a restore must not send last year's offer).</summary>
    public const string StartIfDue = """
        update campaign_run set
            state = case when start_before is not null and now() > start_before then 'paused' else 'running' end,
            state_reason = case when start_before is not null and now() > start_before
                then 'missed its start window; resume to send it now' else null end,
            updated_at = now()
        where campaign_id = @id and epoch = @epoch and state = 'scheduled' and start_at <= now()
        returning state
        """;
}

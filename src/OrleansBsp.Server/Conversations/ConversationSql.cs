namespace OrleansBsp.Server.Conversations;

/// <summary>Statements of a conversation's owner, behind the fence of its row's epoch.</summary>
internal static class ConversationSql
{
    public const string Take = """
        insert into conversation (id, phone_number_id, address, epoch, owner) values (@id, @number, @address, 1, @owner)
        on conflict (id) do update set epoch = conversation.epoch + 1, owner = excluded.owner
        returning epoch, window_until
        """;

    public const string Fence = "select fence((select true from conversation where id = @id and epoch = @epoch for update))";

    /// <summary>Repeated deliveries of the same message have the same wamid and are not stored twice.</summary>
    public const string AddInbound = """
        insert into conversation_message (conversation_id, direction, type, body, preview, wamid, reply_to, received_at)
        select @id, 'in', type, body::json, preview, wamid, reply_to, at
        from unnest(@types, @bodies, @previews, @wamids, @replies, @times) as m (type, body, preview, wamid, reply_to, at)
        order by at
        on conflict (wamid) where wamid is not null do nothing
        returning id, wamid
        """;

    public const string Touch = """
        update conversation set
            name = case when @name = '' then name else @name end,
            unread = unread + @unread, state = case when @unread > 0 then 'open' else state end,
            window_until = greatest(window_until, @windowUntil), last_message_at = greatest(last_message_at, @at),
            last_preview = case when last_message_at is null or @at >= last_message_at then @preview else last_preview end,
            campaign_id = coalesce(@campaign, campaign_id), campaign_position = coalesce(@position, campaign_position)
        where id = @id
        """;

    public const string FindCampaign = "select campaign_id, position from message where wamid_key = @key and wamid = @wamid limit 1";

    public const string AddOutbound = """
        insert into conversation_message (conversation_id, direction, type, body, preview, state, attempt, created_by)
        values (@id, 'out', @type, @body::json, @preview, @state, 0, @by) returning id
        """;

    public const string SetPending = """
        insert into conversation_pending (message_id, conversation_id, kind, attempt, due_at) values (@message, @id, @kind, @attempt, now() + @wait)
        on conflict (message_id) do update set kind = excluded.kind, attempt = excluded.attempt, due_at = excluded.due_at
        """;

    public const string ClearPending = "delete from conversation_pending where message_id = @message";

    public const string FindRefusal = $"select {Refusal.Of} from (values (@type, @body::json)) m (type, body)";

    /// <summary>
    /// Before an attempt is sent; a crash after this leaves the message uncertain. Not of a message that a status has settled meanwhile, nor to a person who has
    /// opted out of it meanwhile, nor too late. It may be repeated when its answer was lost, and one that arrives after the attempt has ended changes nothing.
    /// </summary>
    public const string Release = $"""
        with asked as (
            select m.id, m.state = @retrying and {Refusal.Of} is not null as is_refused, m.state = @retrying and m.created_at + @within < now() as is_late
            from conversation_message m where m.id = @message and m.conversation_id = @id),
        released as (
            update conversation_message m set state = @inFlight, attempt = @attempt from asked
            where m.id = asked.id and not asked.is_refused and not asked.is_late and (m.state = @retrying and m.attempt < @attempt or m.state = @inFlight and m.attempt = @attempt)
            returning m.id),
        awaited as (
            insert into conversation_pending (message_id, conversation_id, kind, attempt, due_at) select id, @id, @kind, @attempt, now() + @wait from released
            on conflict (message_id) do update set kind = excluded.kind, attempt = excluded.attempt, due_at = excluded.due_at)
        select exists (select from released), is_refused, is_late from asked
        """;

    /// <summary>It cannot be sent now, for a reason that does not pass by itself, and waits.</summary>
    public const string Postpone = """
        with waiting as (
            select id from conversation_message where id = @message and conversation_id = @id and state = @retrying and attempt = @attempt),
        told as (
            update conversation_message m set error_code = null, error_detail = @reason from waiting
            where m.id = waiting.id and (m.error_code is not null or m.error_detail is distinct from @reason))
        update conversation_pending set due_at = now() + @wait from waiting where message_id = waiting.id
        """;

    public const string ReadMessage = """
        select id, state, attempt, error_code, error_detail, wamid, accepted_at, sent_at, delivered_at, read_at, failed_at, type, body::text, refusals, now() - created_at
        from conversation_message where id = @message and conversation_id = @id
        """;

    public const string WriteMessage = """
        update conversation_message set state = @state, attempt = @attempt, refusals = @refusals, error_code = @code, error_detail = @detail, wamid = @wamid,
            accepted_at = @accepted, sent_at = @sent, delivered_at = @delivered, read_at = @read, failed_at = @failed
        where id = @message and conversation_id = @id
        """;

    /// <summary>What a crash left uncertain: released and unanswered.</summary>
    public const string FindUnanswered = """
        with found as (
            update conversation_pending set kind = @uncertainKind, due_at = now() + @window
            where conversation_id = @id and kind = @inFlightKind returning message_id)
        update conversation_message m set state = @uncertain, error_detail = 'the sender was stopped between release and answer'
        from found where m.id = found.message_id
        """;

    public const string ReadDue = """
        select message_id, kind, attempt from conversation_pending where conversation_id = @id and due_at <= now() order by message_id limit 50
        """;

    /// <summary>Conversations with something due that nobody seems to see to. The supervisor wakes them.</summary>
    public const string ReadStale = """
        select distinct conversation_id from conversation_pending where due_at <= now() - interval '2 seconds' limit 500
        """;
}

/// <summary>A part of statements: what the person of the conversation @id has said against messages like m (type, body).</summary>
internal static class Refusal
{
    /// <summary>
    /// 'all', 'marketing', or null. Marketing is a template of that category, and one that is not known here any more: in doubt nobody is written to.
    /// </summary>
    public const string Of = """
        (select c.opted_out from conversation v join contact c on c.phone = case when v.address ~ '^[0-9]{1,18}$' then v.address::bigint end or c.user_id = v.address
         where v.id = @id and (c.opted_out = 'all' or c.opted_out = 'marketing' and m.type = 'template' and not exists (
             select from template t join phone_number n on n.waba_id = t.waba_id
             where n.id = v.phone_number_id and t.name = m.body->'template'->>'name' and t.language = m.body->'template'->'language'->>'code' and t.category <> 'MARKETING'))
         order by c.opted_out limit 1)
        """;
}

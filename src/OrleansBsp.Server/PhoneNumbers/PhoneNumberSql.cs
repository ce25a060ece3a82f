namespace OrleansBsp.Server.PhoneNumbers;

internal static class PhoneNumberSql
{
    /// <summary>
    /// Takes the number: raises the epoch and says how long the former owner's right to grant still lasts, by the database's
    /// clock. The new owner grants nothing before that and before it has renewed then, so two owners never grant for the same moment. Until it has, its own right
    /// has no length: if it is lost before, the next one waits for nothing more.
    /// </summary>
    public const string Take = """
        with old as (select id, epoch, grants_until, arrivals_epoch, arrivals_at, arrivals from phone_number where id = @id for update)
        update phone_number n set epoch = n.epoch + 1, owner = @owner,
            grants_from = greatest(old.grants_until, now()), grants_until = greatest(old.grants_until, now())
        from old where n.id = old.id
        returning n.epoch, greatest(old.grants_until, now()) - now() as wait, now() - old.arrivals_at as ago, case when old.arrivals_epoch = old.epoch then old.arrivals::text end as arrivals
        """;

    public const string Renew = "update phone_number set grants_until = now() + @life where id = @id and epoch = @epoch";

    /// <summary>
    /// On an orderly end the right ends with the last moment granted, and the next owner need not wait longer. It never ends before it
    /// has begun: until then the one before it may still grant.
    /// </summary>
    public const string GiveBack = """
        update phone_number set grants_until = greatest(now() + @granted, grants_from), owner = null, arrivals_epoch = @epoch, arrivals_at = now(), arrivals = @arrivals::jsonb
        where id = @id and epoch = @epoch
        """;

    /// <summary>The same where the next owner was quicker: what it waits for ends earlier. If it has begun or ended there is nothing to say: a silo that slept past its death changes no row.</summary>
    public const string LetNextBegin = """
        update phone_number set grants_from = least(grants_from, now() + @granted), arrivals_epoch = @epoch, arrivals_at = now(), arrivals = @arrivals::jsonb
        where id = @id and epoch = @epoch + 1 and arrivals_epoch is distinct from epoch and grants_from > now()
        """;

    /// <summary>How long an owner still has to wait, and what the former one has left by now; no row if there is another.</summary>
    public const string ReadFormer = """
        select epoch, greatest(grants_from - now(), interval '0') as wait, now() - arrivals_at as ago, case when arrivals_epoch = epoch - 1 then arrivals::text end as arrivals
        from phone_number where id = @id and epoch = @epoch
        """;

    public const string Read = """
        select n.id, n.waba_id as WabaId, n.display_number as DisplayNumber, n.verified_name as VerifiedName,
               n.quality_rating as QualityRating, n.status, n.throughput, n.max_per_second as MaxPerSecond,
               n.reserved_for_replies as ReservedForReplies, n.state, n.state_reason as StateReason, n.owner,
               w.state as WabaState, w.state_reason as WabaStateReason
        from phone_number n join waba w on w.id = n.waba_id
        """;

    public const string ReadOne = Read + " where n.id = @id";

    public const string ReadPage = Read + " where n.id > @after order by n.id limit @limit";

    public const string FindKnown = "select id from phone_number where id = any (@ids)";

    public const string Configure = """
        update phone_number set
            max_per_second = case when @setMax then @maxPerSecond else max_per_second end,
            reserved_for_replies = coalesce(@reservedForReplies, reserved_for_replies),
            state = coalesce(@state, state),
            state_reason = case when @state is null then state_reason when @state = 'active' then null else 'stopped by an operator' end
        where id = @id
        """;

    public const string Stop = "update phone_number set state = 'stopped', state_reason = @reason where id = @id and state <> 'stopped'";
}

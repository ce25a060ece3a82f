namespace OrleansBsp.Server.Accounts;

internal static class AccountSql
{
    public const string UpsertWaba = """
        insert into waba (id, name, access_token, time_zone, currency, synced_at)
        values (@id, @name, @token, @timeZone, @currency, now())
        on conflict (id) do update set name = excluded.name, access_token = excluded.access_token, time_zone = excluded.time_zone,
            currency = excluded.currency, state = 'active', state_reason = null, synced_at = now()
        """;

    /// <summary>The operator's settings and the owner's columns stay.</summary>
    public const string UpsertNumbers = """
        insert into phone_number (id, waba_id, display_number, verified_name, quality_rating, status, throughput_level, throughput, synced_at)
        select id, @wabaId, display, name, quality, status, level, throughput, now()
        from unnest(@ids, @displays, @names, @qualities, @statuses, @levels, @throughputs)
            as n (id, display, name, quality, status, level, throughput)
        order by id
        on conflict (id) do update set waba_id = excluded.waba_id, display_number = excluded.display_number, verified_name = excluded.verified_name,
            quality_rating = excluded.quality_rating, status = excluded.status, throughput_level = excluded.throughput_level,
            throughput = excluded.throughput, synced_at = now()
        """;

    public const string FindWaba = "select id, name, access_token as AccessToken, time_zone as TimeZone, currency, state, state_reason as StateReason from waba where id = @id";

    public const string ListWabas = "select id, name, access_token as AccessToken, time_zone as TimeZone, currency, state, state_reason as StateReason from waba where id > @after order by id limit @limit";

    /// <summary>With <c>@token</c>: only if that is still the account's token.</summary>
    public const string StopWaba = """
        update waba set state = 'stopped', state_reason = @reason
        where id = @id and state <> 'stopped' and (@token::bytea is null or access_token = @token)
        """;

    /// <summary>Those that somebody owns. Whoever takes one of the others reads its row afterwards, so it need not be told what has been committed before this.</summary>
    public const string AwakeNumbersOf = "select id from phone_number where waba_id = @id and owner is not null order by id";

    public const string WabaOfNumber = "select waba_id from phone_number where id = @id";

    public const string UpdateNumber = """
        update phone_number set throughput = coalesce(@throughput, throughput), throughput_level = coalesce(@level, throughput_level),
            verified_name = coalesce(@name, verified_name)
        where waba_id = @wabaId and regexp_replace(display_number, '[^0-9]', '', 'g') = @digits
        returning id
        """;
}

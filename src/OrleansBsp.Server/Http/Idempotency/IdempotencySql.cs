namespace OrleansBsp.Server.Http.Idempotency;

internal static class IdempotencySql
{
    // created_at names the claim: it is taken anew by each one who claims, and only its holder stores or frees. Not now(): that is
    // the same for a whole transaction. A key is claimed again after 24 h whatever it holds, and after 60 s without an answer or a
    // sign of life, but only by the same request: another body must hear 422 first.
    public const string Claim = """
        insert into idempotency as known (caller, key, request_hash, created_at)
        values (@caller, @key, @hash, clock_timestamp())
        on conflict (caller, key) do update
          set request_hash = excluded.request_hash, status = null, content_type = null, location = null, body = null, created_at = clock_timestamp()
          where known.created_at < clock_timestamp() - interval '24 hours'
             or (known.status is null and known.created_at < clock_timestamp() - interval '60 seconds' and known.request_hash = excluded.request_hash)
        returning created_at as createdAt, xmax <> 0 as takenOver
        """;

    public const string Find = "select request_hash as requestHash, status, content_type as contentType, location, body from idempotency where caller = @caller and key = @key";

    public const string Store = """
        update idempotency set status = @status, content_type = @contentType, location = @location, body = @body
        where caller = @caller and key = @key and created_at = @claimedAt and status is null
        """;

    public const string Free = "delete from idempotency where caller = @caller and key = @key and created_at = @claimedAt and status is null";

    // The sign of life of a request that takes long.
    public const string Renew = """
        update idempotency set created_at = clock_timestamp()
        where caller = @caller and key = @key and created_at = @claimedAt and status is null
        returning created_at
        """;

    // By the index on created_at, a bounded number at a time: a short transaction, repeated until nothing is left.
    public const string Sweep = """
        delete from idempotency where ctid = any(array(
          select ctid from idempotency where created_at < now() - interval '24 hours' order by created_at limit @rows for update skip locked))
        """;
}

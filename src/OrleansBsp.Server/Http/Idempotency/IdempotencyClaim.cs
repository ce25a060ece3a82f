using System.Data.Common;
using System.Text.Json;
using Dapper;

namespace OrleansBsp.Server.Http.Idempotency;

/// <summary>
/// The right to run a request under its Idempotency-Key. Null as a handler's parameter when the request has no key.
/// </summary>
/// <remarks>
/// <para>A claim is committed before the handler runs and the answer is stored after it. Between the two a crash is possible, and the
/// effect of the handler may have been committed or not: nobody knows. After 60 s without a sign of life the same request may claim the
/// key again and run the handler <b>a second time</b>. The same holds after a 5xx: it frees the key, although a connection that broke
/// during a commit may have committed. So on its own this makes repetition safe in every case but those two.</para>
/// <para>A handler whose effect must not happen twice closes the gap with <see cref="StoreAsync"/>: the answer is written in the
/// transaction of the effect, and both are there or neither. A handler that has lost its claim changes no row with it, learns so from
/// the exception, and rolls its effect back.</para>
/// </remarks>
public sealed class IdempotencyClaim
{
    internal IdempotencyClaim(string caller, string key, DateTime claimedAt) => (CallerId, Key, ClaimedAt) = (caller, key, claimedAt);

    /// <summary>Keys of different callers have nothing to do with each other.</summary>
    public string CallerId { get; }

    public string Key { get; }

    // Written by the renewal loop only, which has ended before the middleware reads it; StoreAsync may run beside it, so it locks.
    internal DateTime ClaimedAt { get; set; }

    internal SemaphoreSlim Turn { get; } = new(1);

    /// <summary>True once <see cref="StoreAsync"/> has written the answer; whether it was committed is the transaction's matter.</summary>
    internal bool StoredByHandler { get; private set; }

    public static ValueTask<IdempotencyClaim?> BindAsync(HttpContext context) => ValueTask.FromResult(context.Features.Get<IdempotencyClaim>());

    /// <summary>
    /// Stores the answer in the handler's own transaction. The handler must return the same status, location and body. Call it last, right before the commit.
    /// </summary>
    /// <exception cref="InvalidOperationException">The claim was lost to another request; roll back.</exception>
    public async Task StoreAsync<T>(DbTransaction transaction, int status, string? location, T body, CancellationToken cancel)
    {
        await Turn.WaitAsync(cancel);
        try
        {
            var stored = await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                IdempotencySql.Store,
                new
                {
                    caller = CallerId, key = Key, claimedAt = ClaimedAt, status, contentType = "application/json; charset=utf-8",
                    location, body = JsonSerializer.SerializeToUtf8Bytes(body, JsonManner.Options),
                },
                transaction, cancellationToken: cancel));
            if (stored == 0) throw new InvalidOperationException("This request was taken over under its Idempotency-Key; its effect must be rolled back.");
            StoredByHandler = true;
        }
        finally
        {
            Turn.Release();
        }
    }
}

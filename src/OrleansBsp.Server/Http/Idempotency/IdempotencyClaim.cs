namespace OrleansBsp.Server.Http.Idempotency;

/// <summary>
/// The right to run a request under its Idempotency-Key. Null as a handler's parameter when the request has no key.
/// </summary>
/// <remarks>
/// <para>A claim is committed before the handler runs and the answer is stored after it. Between the two a crash is possible, and the
/// effect of the handler may have been committed or not: nobody knows. After 60 s without a sign of life the same request may claim the
/// key again and run the handler <b>a second time</b>. The same holds after a 5xx: it frees the key, although a connection that broke
/// during a commit may have committed. So on its own this makes repetition safe in every case but those two.</para>
/// <para>A handler whose effect must not happen twice closes the gap with <see cref="WithSlotAsync"/>: the answer is written in the
/// transaction of the effect, and both are there or neither. Who has lost its claim changes no row with it, learns so from
/// the exception, and rolls its effect back.</para>
/// </remarks>
public sealed class IdempotencyClaim
{
    internal IdempotencyClaim(string caller, string key, DateTime claimedAt) => (CallerId, Key, ClaimedAt) = (caller, key, claimedAt);

    /// <summary>Keys of different callers have nothing to do with each other.</summary>
    public string CallerId { get; }

    public string Key { get; }

    // Written by the renewal loop only, which has ended before the middleware reads it; WithSlotAsync may run beside it, so it locks.
    internal DateTime ClaimedAt { get; set; }

    internal SemaphoreSlim Turn { get; } = new(1);

    /// <summary>True once the answer may be in its slot; whether it is was the matter of the slot's transaction.</summary>
    internal bool MayBeStored { get; private set; }

    public static ValueTask<IdempotencyClaim?> BindAsync(HttpContext context) => ValueTask.FromResult(context.Features.Get<IdempotencyClaim>());

    /// <summary>
    /// Runs the work that commits the effect and stores the answer with it, the same status, location and body as the handler
    /// returns. It may also end without either; then the handler's answer is kept as usual.
    /// </summary>
    /// <remarks>Without a sign of life meanwhile, which would change the slot: work of more than 60 s may be taken over, and then commits nothing.</remarks>
    public async Task<T> WithSlotAsync<T>(Func<AnswerSlot, Task<T>> work)
    {
        await Turn.WaitAsync();
        try
        {
            return await work(new AnswerSlot(CallerId, Key, ClaimedAt));
        }
        finally
        {
            MayBeStored = true;
            Turn.Release();
        }
    }
}

namespace OrleansBsp.Server.Http.Idempotency;

/// <summary>
/// The sign of life of a request that runs long: without it a handler of more than 60 s would be taken for dead and run twice.
/// Every 20 s, so that two may fail. Its loop is owned, and awaited, by who disposes this.
/// </summary>
internal sealed class ClaimRenewal : IAsyncDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(20);

    private readonly PeriodicTimer _timer;
    private readonly Task _loop;

    private ClaimRenewal(IdempotencyStore store, IdempotencyClaim claim, TimeProvider time, HttpContext context, ILogger log)
    {
        _timer = new PeriodicTimer(Every, time);
        _loop = RunAsync(store, claim, context.Request.Method, context.Request.Path, log);
    }

    public static ClaimRenewal Start(IdempotencyStore store, IdempotencyClaim claim, TimeProvider time, HttpContext context, ILogger log) =>
        new(store, claim, time, context, log);

    public async ValueTask DisposeAsync()
    {
        _timer.Dispose(); // ends the wait; a renewal under way is finished
        await _loop;
    }

    private async Task RunAsync(IdempotencyStore store, IdempotencyClaim claim, string method, string path, ILogger log)
    {
        while (await _timer.WaitForNextTickAsync(CancellationToken.None))
        {
            // Beside IdempotencyClaim.WithSlotAsync, whose slot has the time of the claim; after it there is nothing more to do.
            await claim.Turn.WaitAsync();
            try
            {
                if (claim.MayBeStored || await store.RenewAsync(claim, CancellationToken.None) is not { } renewed) return;
                claim.ClaimedAt = renewed;
            }
            catch (Exception failure)
            {
                HttpLog.NotRenewed(log, method, path, failure);
            }
            finally
            {
                claim.Turn.Release();
            }
        }
    }
}

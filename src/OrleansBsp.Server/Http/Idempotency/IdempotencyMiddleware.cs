namespace OrleansBsp.Server.Http.Idempotency;

/// <summary>
/// <c>Idempotency-Key</c> on POST: the first request runs, every repetition within 24 hours gets its answer. What that is worth after
/// a crash is written at <see cref="IdempotencyClaim"/>.
/// </summary>
/// <remarks>
/// The order: claim committed → handler → answer stored → answer sent. Kept are answers that say something about the request:
/// below 500, without 408 and 429, which say "not now" and must not say so for a day. Those free the key.
/// Kept of an answer: status, content type, location and body. Other headers say something of the moment, or are set for every answer.
/// </remarks>
internal sealed class IdempotencyMiddleware(RequestDelegate next, IdempotencyStore store, TimeProvider time, ILogger<IdempotencyMiddleware> log)
{
    public const string KeyHeader = "Idempotency-Key";
    public const string ReplayedHeader = "Idempotency-Replayed";
    private const int MaxKeyLength = 255;

    private static readonly TimeSpan StoreLimit = TimeSpan.FromSeconds(5);

    public Task InvokeAsync(HttpContext context) =>
        HttpMethods.IsPost(context.Request.Method)
        && context.Request.Headers.ContainsKey(KeyHeader)
        && Caller.Of(context) is { } caller
        && context.GetEndpoint()?.Metadata.GetMetadata<NotKept>() is null
            ? RunAsync(context, caller)
            : next(context);

    private async Task RunAsync(HttpContext context, Caller caller)
    {
        if (context.Request.Headers[KeyHeader] is not [{ Length: > 0 and <= MaxKeyLength } key] || key.Any(c => c is < '!' or > '~'))
        {
            await Problems.BadInput(InputError.Header(KeyHeader, "bad-key", $"{KeyHeader} must be one value of 1 to {MaxKeyLength} visible ASCII characters.")).ExecuteAsync(context);
            return;
        }

        if (await BufferedBody.TryReadAsync(context) is not { } body)
        {
            await Problems.TooLarge($"With {KeyHeader} a body may have at most {BufferedBody.MaxBytes} bytes.").ExecuteAsync(context);
            return;
        }

        var hash = RequestHash.Of(context.Request, body.Span);
        // Freed between the claim and the look at who has it: claim again. More than a few times in a row is somebody's loop.
        for (var attempt = 0; attempt < 3; attempt++)
        {
            // Not the request's token: a claim that is committed while the caller hangs up would have no holder for 60 s.
            using var limit = new CancellationTokenSource(StoreLimit, time);
            var (claim, takenOver, kept) = await store.ClaimAsync(caller.Id, key, hash, limit.Token);
            if (claim is not null)
            {
                if (takenOver) HttpLog.TookOver(log, context.Request.Method, context.Request.Path);
                await RunFirstAsync(context, claim);
                return;
            }

            if (kept is null) continue;
            await RepeatAsync(context, key, hash, kept);
            return;
        }

        await InProgress(key).ExecuteAsync(context);
    }

    private async Task RunFirstAsync(HttpContext context, IdempotencyClaim claim)
    {
        context.Features.Set(claim);
        var response = context.Response;
        var outside = response.Body;
        using var answer = new MemoryStream();
        response.Body = answer;
        try
        {
            await using var renewal = ClaimRenewal.Start(store, claim, time, context, log);
            try
            {
                await next(context);
            }
            catch (Exception failure)
            {
                await FailureMiddleware.AnswerAsync(context, failure, log);
            }
        }
        finally
        {
            response.Body = outside;
        }

        await SettleAsync(context, claim, answer);
        // A 204 may not even be written nothing to.
        if (answer.Length > 0) await outside.WriteAsync(answer.GetBuffer().AsMemory(0, (int)answer.Length), context.RequestAborted);
    }

    private async Task SettleAsync(HttpContext context, IdempotencyClaim claim, MemoryStream answer)
    {
        // The handler has done its work: a caller who has gone must still find the answer when it asks again.
        using var limit = new CancellationTokenSource(StoreLimit, time);
        var (status, headers) = (context.Response.StatusCode, context.Response.Headers);
        try
        {
            if (!IsKept(status)) await store.FreeAsync(claim, limit.Token);
            else if (!await store.StoreAsync(claim, status, headers.ContentType, headers.Location, answer.ToArray(), limit.Token) && !claim.MayBeStored)
                HttpLog.ClaimLost(log, context.Request.Method, context.Request.Path);
        }
        catch (Exception failure) when (Failures.Missing(failure) is not null || failure is OperationCanceledException)
        {
            // What was done is done, and saying 503 now would only hide it from the one who can know.
            HttpLog.AnswerNotKept(log, status, context.Request.Method, context.Request.Path, failure);
        }
    }

    private static bool IsKept(int status) =>
        status < 500 && status is not (StatusCodes.Status408RequestTimeout or StatusCodes.Status429TooManyRequests or StatusCodes.Status499ClientClosedRequest);

    private static Task RepeatAsync(HttpContext context, string key, byte[] hash, Kept kept)
    {
        if (!RequestHash.SamePlace(kept.RequestHash, hash))
            return Problems.KeyReused(
                $"The {KeyHeader} '{key}' was first used for another address than {context.Request.Method} {context.Request.Path}{context.Request.QueryString}. Use a new key for each new request.",
                InputError.Header(KeyHeader, "other-path", "The method, path or query differs from the first request's.")).ExecuteAsync(context);
        if (!kept.RequestHash.AsSpan().SequenceEqual(hash))
            return Problems.KeyReused(
                $"The {KeyHeader} '{key}' was first used here with another body. Use a new key for each new request.",
                InputError.Header(KeyHeader, "other-body", $"SHA-256 of the first body begins {RequestHash.BodyShown(kept.RequestHash)}, of this one {RequestHash.BodyShown(hash)}.")).ExecuteAsync(context);
        return kept.Status is { } status ? ReplayAsync(context, status, kept) : InProgress(key).ExecuteAsync(context);
    }

    private static async Task ReplayAsync(HttpContext context, int status, Kept kept)
    {
        var response = context.Response;
        response.StatusCode = status;
        response.Headers[ReplayedHeader] = "true";
        response.ContentType = kept.ContentType;
        if (kept.Location is { } location) response.Headers.Location = location;
        if (kept.Body is not { Length: > 0 } body) return;
        response.ContentLength = body.Length;
        await response.Body.WriteAsync(body, context.RequestAborted);
    }

    private static ProblemResult InProgress(string key) =>
        Problems.InProgress($"The first request with the {KeyHeader} '{key}' has not been answered yet; ask again.", TimeSpan.FromSeconds(1));
}

namespace OrleansBsp.Server.Http;

/// <summary>
/// The outermost part: every exception becomes a problem, and so does every refusal without a body (404 and 405 of routing, 415 of
/// content negotiation). Pages and webhooks below it keep their own bodies; only empty refusals are filled in.
/// </summary>
internal sealed class FailureMiddleware(RequestDelegate next, ILogger<FailureMiddleware> log)
{
    public async Task InvokeAsync(HttpContext context)
    {
        // Answers are data, never to be sniffed for a page (see JsonManner).
        context.Response.Headers.XContentTypeOptions = "nosniff";
        try
        {
            await next(context);
        }
        catch (Exception failure)
        {
            if (context.Response.HasStarted)
            {
                // Half an answer is out: only cutting the connection tells the caller that it is not whole.
                if (!context.RequestAborted.IsCancellationRequested) HttpLog.FailedHalfway(log, context.Request.Method, context.Request.Path, ProblemResult.TraceIdOf(context), failure);
                context.Abort();
                return;
            }

            await AnswerAsync(context, failure, log);
            return;
        }

        var response = context.Response;
        if (response is { HasStarted: false, StatusCode: >= 400, ContentType: null, ContentLength: null or 0 })
            await Problems.ForStatus(response.StatusCode, context).ExecuteAsync(context);
    }

    /// <summary>Writes the answer to a failure; nothing if the caller has gone.</summary>
    internal static async Task AnswerAsync(HttpContext context, Exception failure, ILogger log)
    {
        var answer = await Failures.AnswerOrNullAsync(context, failure);
        if (answer is null)
        {
            // Nobody reads it; the status is for the request log. 499 is what proxies write for "client closed request".
            context.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
            return;
        }

        if (answer.Value.Status == 503) HttpLog.Unavailable(log, context.Request.Method, context.Request.Path, ProblemResult.TraceIdOf(context), failure.Message);
        else if (answer.Value.Status >= 500) HttpLog.Failed(log, context.Request.Method, context.Request.Path, ProblemResult.TraceIdOf(context), failure);
        context.Response.Clear();
        context.Response.Headers.XContentTypeOptions = "nosniff";
        await answer.ExecuteAsync(context);
    }
}

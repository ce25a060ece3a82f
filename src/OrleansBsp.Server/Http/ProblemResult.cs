using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;

namespace OrleansBsp.Server.Http;

/// <summary>Answers with a <see cref="Problem"/>. Made by <see cref="Problems"/>; can be a member of <c>Results&lt;…&gt;</c>.</summary>
public sealed class ProblemResult(Problem problem) : IResult, IStatusCodeHttpResult, IValueHttpResult<Problem>
{
    public const string ContentType = "application/problem+json";

    /// <summary>Written as whole seconds, rounded up, at least 1; no header when null.</summary>
    public TimeSpan? RetryAfter { get; init; }

    public Problem Value => problem;

    int? IStatusCodeHttpResult.StatusCode => problem.Status;

    /// <summary>The id that leads from an answer to its log lines: the W3C trace id where there is one, else the server's own.</summary>
    public static string TraceIdOf(HttpContext context) =>
        Activity.Current is { } activity ? activity.TraceId.ToHexString() : context.TraceIdentifier;

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = problem.Status;
        response.Headers.CacheControl = "no-store";
        // RFC 9110 wants one with every 401; the access check sets a more telling one.
        if (problem.Status == StatusCodes.Status401Unauthorized && response.Headers.WWWAuthenticate.Count == 0)
            response.Headers.WWWAuthenticate = "Bearer realm=\"orleansbsp\"";
        if (RetryAfter is { } wait)
            response.Headers.RetryAfter = Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);

        var json = httpContext.RequestServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions;
        // Not the request's token: a caller who has gone costs nothing here, and a half-written problem helps nobody.
        return response.WriteAsJsonAsync(problem with { TraceId = TraceIdOf(httpContext) }, json, ContentType, CancellationToken.None);
    }
}

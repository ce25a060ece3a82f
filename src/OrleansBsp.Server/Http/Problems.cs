using OrleansBsp.Server.Cluster;

namespace OrleansBsp.Server.Http;

/// <summary>
/// Every kind of problem that the interface answers with, in one place. The type of each is part of the contract: programs
/// decide by it, so a type once published keeps its meaning. Details are written for the person who reads the log of the caller.
/// </summary>
public static class Problems
{
    /// <summary>400. What was sent cannot be accepted; nothing was changed.</summary>
    public static ProblemResult BadInput(string detail, params IEnumerable<InputError> errors) =>
        Make("bad-input", "The request was not understood", 400, detail, errors);

    /// <summary>400 with one error; its message is the detail too.</summary>
    public static ProblemResult BadInput(InputError error) => BadInput(error.Message, [error]);

    /// <summary>401. Use <c>WWW-Authenticate</c> beside it.</summary>
    public static ProblemResult Unauthorized(string detail) => Make("unauthorized", "Who is calling is not known", 401, detail);

    /// <summary>403. The caller is known and may not.</summary>
    public static ProblemResult Forbidden(string detail) => Make("forbidden", "This caller may not do this", 403, detail);

    /// <summary>403. A page of another site made a browser send this.</summary>
    public static ProblemResult CrossSite(string detail) => Make("cross-site", "Sent by a page of another site", 403, detail);

    /// <summary>404. <paramref name="what"/> is the product's word: <c>campaign</c>, <c>template</c>.</summary>
    public static ProblemResult NotFound(string what, object id) => NotFound($"There is no {what} {id}.");

    /// <summary>404.</summary>
    public static ProblemResult NotFound(string detail) => Make("not-found", "Not found", 404, detail);

    /// <summary>405.</summary>
    public static ProblemResult MethodNotAllowed(string detail) => Make("method-not-allowed", "This method does not exist here", 405, detail);

    /// <summary>409. The state of the thing does not allow it: which state, and what would.</summary>
    public static ProblemResult Conflict(string detail, params IEnumerable<InputError> errors) =>
        Make("conflict", "The current state does not allow this", 409, detail, errors);

    /// <summary>409. The first request with this Idempotency-Key has not been answered yet.</summary>
    public static ProblemResult InProgress(string detail, TimeSpan retryAfter) =>
        Make("in-progress", "The first request with this key is still in progress", 409, detail, [], retryAfter);

    /// <summary>413.</summary>
    public static ProblemResult TooLarge(string detail) => Make("too-large", "The body is too large", 413, detail);

    /// <summary>415.</summary>
    public static ProblemResult UnsupportedMediaType(string detail) =>
        Make("unsupported-media-type", "This content type is not accepted here", 415, detail);

    /// <summary>422. Understood, well-formed, and still impossible.</summary>
    public static ProblemResult Unprocessable(string detail, params IEnumerable<InputError> errors) =>
        Make("unprocessable", "Understood, but not possible", 422, detail, errors);

    /// <summary>422. The Idempotency-Key was used before for something else.</summary>
    public static ProblemResult KeyReused(string detail, params IEnumerable<InputError> errors) =>
        Make("idempotency-key-reused", "This Idempotency-Key belongs to another request", 422, detail, errors);

    /// <summary>429.</summary>
    public static ProblemResult TooManyRequests(string detail, TimeSpan retryAfter) =>
        Make("too-many-requests", "Too many requests", 429, detail, [], retryAfter);

    /// <summary>500. Says nothing about the inside: the trace id leads to the log.</summary>
    public static ProblemResult Internal() =>
        Make("internal", "A fault of this server", 500, "The server failed to handle this request. Its log has the reason under the trace id.");

    /// <summary>503. Something this server needs is not there at the moment; the same request may succeed later.</summary>
    public static ProblemResult Unavailable(string detail, TimeSpan retryAfter) =>
        Make("unavailable", "Not available at the moment", 503, detail, [], retryAfter);

    /// <summary>For a status set by someone else (routing, Kestrel) with no body: the problem that it stands for.</summary>
    internal static ProblemResult ForStatus(int status, HttpContext context) => status switch
    {
        400 => BadInput("The request is not valid HTTP for this address."),
        401 => Unauthorized("Send Authorization: Bearer <api key>, or sign in."),
        403 => Forbidden("This is not allowed."),
        404 => NotFound(NothingHere(context)),
        405 => MethodNotAllowed($"{context.Request.Method} is not possible at {context.Request.Path}. Possible: {context.Response.Headers.Allow}."),
        413 => TooLarge(TooLargeDetail(context)),
        415 => UnsupportedMediaType(MediaTypeDetail(context)),
        >= 500 => Make("internal", "A fault of this server", status, "The server failed to handle this request. Its log has the reason under the trace id."),
        _ => Make("refused", "The request was refused", status, $"The request was refused with status {status}."),
    };

    // The document that lists what there is belongs to the role api, so a process without it must not name it.
    private static string NothingHere(HttpContext context)
    {
        var here = $"There is nothing at {context.Request.Method} {context.Request.Path}";
        var needed = context.Request.Path.StartsWithSegments("/webhooks") ? Roles.Webhooks : Roles.Api;
        var roles = RolesSetting.Read(context.RequestServices.GetRequiredService<IConfiguration>());
        return roles.HasFlag(needed)
            ? $"{here}. GET /openapi/v1.json lists what there is."
            : $"{here} in this process: its Roles are {string.Join(", ", roles.Names())}, without {string.Join(", ", needed.Names())}. Ask a process that has that role.";
    }

    internal static string MediaTypeDetail(HttpContext context) =>
        context.Request.ContentType is { Length: > 0 } given
            ? $"The content type {given} is not accepted here; JSON is sent as application/json."
            : "The body has no Content-Type; JSON is sent as application/json.";

    internal static string TooLargeDetail(HttpContext context)
    {
        var limit = context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize;
        return limit is null ? "The body is larger than this address accepts." : $"The body is larger than this address accepts: {limit} bytes.";
    }

    private static ProblemResult Make(
        string type, string title, int status, string detail, IEnumerable<InputError>? errors = null, TimeSpan? retryAfter = null)
    {
        var list = errors?.ToArray();
        var problem = new Problem("/problems/" + type, title, status, detail) { Errors = list is { Length: > 0 } ? list : null };
        return new ProblemResult(problem) { RetryAfter = retryAfter };
    }
}

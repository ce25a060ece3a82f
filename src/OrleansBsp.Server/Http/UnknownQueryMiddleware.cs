namespace OrleansBsp.Server.Http;

/// <summary>
/// Refuses query parameters that the endpoint does not know: a misspelt filter would otherwise answer with everything. Only below
/// <c>/api</c>; Meta may add parameters to a webhook call, and pages to theirs.
/// </summary>
internal sealed class UnknownQueryMiddleware(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (context.Request.QueryString.HasValue && context.GetEndpoint() is RouteEndpoint endpoint && context.IsApi())
        {
            var known = KnownQuery.Of(endpoint);
            var unknown = context.Request.Query.Keys.Where(key => !known.Contains(key)).ToArray();
            if (unknown.Length > 0) return Refuse(unknown, known).ExecuteAsync(context);
        }

        return next(context);
    }

    private static ProblemResult Refuse(string[] unknown, IReadOnlySet<string> known)
    {
        var possible = known.Count == 0 ? "There are none here." : $"Known: {string.Join(", ", known.Order(StringComparer.Ordinal))}.";
        var errors = unknown.Select(name => InputError.Query(name, "unknown-parameter", $"The query parameter '{name}' is unknown. {possible}"));
        return Problems.BadInput(unknown.Length == 1
            ? $"The query parameter '{unknown[0]}' is unknown. {possible}"
            : $"The query parameters {string.Join(", ", unknown.Select(n => $"'{n}'"))} are unknown. {possible}", errors);
    }
}

namespace OrleansBsp.Server.Http;

/// <summary>
/// A page's catch-all route (the dashboard's <c>index.html</c>) never answers for an address below <c>/api</c>: a program that
/// asks for something that does not exist gets a 404, not a page.
/// </summary>
internal sealed class ApiRoutesMiddleware(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (context.IsApi() && context.GetEndpoint() is RouteEndpoint { RoutePattern.RawText: var pattern }
            && !(pattern ?? "").TrimStart('/').StartsWith("api/", StringComparison.OrdinalIgnoreCase))
            context.SetEndpoint(null);
        return next(context);
    }
}

namespace OrleansBsp.Server.Access;

/// <summary>
/// Whether a page of another site made the browser send a request. A cookie goes along with those too, so requests that change
/// something and rely on the cookie (or set it) are refused then.
/// </summary>
/// <remarks>
/// No token to fetch and send back: every browser that can run the dashboard says where a request comes from.
/// <c>Sec-Fetch-Site</c> must be <c>same-origin</c> (or <c>none</c>: typed by the user). Where it is missing (plain http on a name
/// other than localhost), <c>Origin</c> must name our host. Neither: not a browser, and nobody tricks curl into sending a cookie.
/// SameSite=Lax already keeps the cookie from most cross-site posts; this also covers sibling subdomains.
/// </remarks>
internal static class CrossSite
{
    public static bool IsForged(HttpRequest request)
    {
        if (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || HttpMethods.IsOptions(request.Method)) return false;
        if (request.Headers["Sec-Fetch-Site"] is [{ Length: > 0 } site]) return site is not ("same-origin" or "none");
        if (request.Headers.Origin is not [{ Length: > 0 } origin]) return false;
        // Only the host is compared: behind a proxy that ends TLS our own scheme is http. "null" and other nonsense is no host of ours.
        return !(Uri.TryCreate(origin, UriKind.Absolute, out var from) && from.Authority.Equals(AuthorityOf(request, from), StringComparison.OrdinalIgnoreCase));
    }

    // A default port may be left out on either side.
    private static string AuthorityOf(HttpRequest request, Uri origin) =>
        request.Host.Port is { } port && port == (origin.Scheme == Uri.UriSchemeHttps ? 443 : 80) ? request.Host.Host : request.Host.Value ?? "";
}

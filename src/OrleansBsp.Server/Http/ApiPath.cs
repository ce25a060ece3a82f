namespace OrleansBsp.Server.Http;

/// <summary>Which requests the manner of the interface applies to: those below <c>/api</c>. Webhooks and pages have their own.</summary>
internal static class ApiPath
{
    public static readonly PathString Root = "/api";

    public static bool IsApi(this HttpContext context) => context.Request.Path.StartsWithSegments(Root);
}

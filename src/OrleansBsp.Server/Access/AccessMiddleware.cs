using Microsoft.AspNetCore.Authentication;
using OrleansBsp.Server.Http;

namespace OrleansBsp.Server.Access;

/// <summary>
/// Finds out who is calling, and whether they may. Every endpoint below <c>/api</c> needs a caller unless it says otherwise; elsewhere
/// only those that require a scope. An endpoint below <c>/api</c> that says nothing needs admin: forgetting is safe.
/// </summary>
/// <remarks>An Authorization header decides alone: with a wrong key beside a good cookie the answer is 401, not a surprise.</remarks>
internal sealed class AccessMiddleware(RequestDelegate next, ApiKeyStore keys)
{
    private const string Challenge = "Bearer realm=\"orleansbsp\"";

    private static readonly RequiredScope Admin = new(Scope.Admin);

    public async Task InvokeAsync(HttpContext context)
    {
        // Not a route of ours: routing's own answers (405, 415) tell nothing that the OpenAPI document does not.
        var required = context.GetEndpoint() is not RouteEndpoint endpoint
            ? RequiredScope.Nothing
            : endpoint.Metadata.GetMetadata<RequiredScope>() ?? (context.IsApi() ? Admin : RequiredScope.Nothing);
        if (ReferenceEquals(required, RequiredScope.Nothing))
        {
            await next(context);
            return;
        }

        var (caller, refusal) = await IdentifyAsync(context);
        if (caller is not null)
        {
            context.Features.Set(caller);
            if (required.Scope is { } scope && !caller.Has(scope))
                refusal = Problems.Forbidden($"This needs the scope '{scope}'; {caller.Name} has {(caller.Scopes.Count == 0 ? "none" : string.Join(", ", caller.Scopes))}.");
            else if (caller.IsUser && CrossSite.IsForged(context.Request))
                refusal = Problems.CrossSite("A page of another site sent this with your session. Programs use an API key instead.");
        }

        if (refusal is null) await next(context);
        else await refusal.ExecuteAsync(context);
    }

    private async ValueTask<(Caller? Caller, ProblemResult? Refusal)> IdentifyAsync(HttpContext context)
    {
        var header = context.Request.Headers.Authorization;
        if (header.Count == 0)
        {
            var session = await context.AuthenticateAsync(Session.Scheme);
            return session is { Succeeded: true, Principal: { } user }
                ? (Session.CallerOf(user), null)
                : (null, Unauthorized(context, Challenge, "Send Authorization: Bearer <api key>, or sign in."));
        }

        const string bearer = "Bearer ";
        if (header is not [{ } value] || !value.StartsWith(bearer, StringComparison.OrdinalIgnoreCase))
            return (null, Unauthorized(context, Challenge, "The Authorization header must be: Bearer <api key>."));
        return await keys.FindAsync(value[bearer.Length..].Trim(), context.RequestAborted) is { } caller
            ? (caller, null)
            : (null, Unauthorized(context, $"{Challenge}, error=\"invalid_token\"", "This API key does not exist, or no longer."));
    }

    private static ProblemResult Unauthorized(HttpContext context, string challenge, string detail)
    {
        context.Response.Headers.WWWAuthenticate = challenge;
        return Problems.Unauthorized(detail);
    }
}

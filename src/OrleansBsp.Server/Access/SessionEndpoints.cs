using System.Net;
using Microsoft.AspNetCore.Authentication;
using OrleansBsp.Server.Http;

namespace OrleansBsp.Server.Access;

/// <summary>Signing in and out of the dashboard.</summary>
internal static class SessionEndpoints
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var session = app.MapGroup("/api/v1/session").WithTags("Session");
        session.MapPost("", SignInAsync).AllowAnyone().WithMetadata(NotKept.Instance)
            .WithSummary("Sign in").Produces(204);
        session.MapGet("", (Caller caller) => new SessionView(caller.IsUser ? caller.Name : null, caller.Name, caller.Scopes)).RequireCaller()
            .WithSummary("Who is calling, and what they may do");
        session.MapDelete("", (Delegate)SignOutAsync).AllowAnyone()
            .WithSummary("Sign out").Produces(204);
    }

    private static async Task<IResult> SignInAsync(
        Credentials credentials, HttpContext context, UserStore users, SignInThrottle throttle, ILogger<UserStore> log)
    {
        if (CrossSite.IsForged(context.Request)) return Problems.CrossSite("A page of another site tried to sign you in.");
        var address = context.Connection.RemoteIpAddress ?? IPAddress.None;
        var email = UserStore.Normal(credentials.Email);
        if (throttle.WaitFor(address, email) is var wait && wait > TimeSpan.Zero)
            return Problems.TooManyRequests("Too many failed attempts to sign in; wait before the next.", wait);

        throttle.Attempt(address, email);
        if (await users.FindAsync(email, credentials.Password, context.RequestAborted) is not { } user)
        {
            AccessLog.SignInFailed(log, address);
            return Problems.Unauthorized("The e-mail address or the password is wrong.");
        }

        throttle.Success(address, email);
        await context.SignInAsync(Session.Scheme, Session.Open(user), new AuthenticationProperties { IsPersistent = true });
        return Results.NoContent();
    }

    private static async Task<IResult> SignOutAsync(HttpContext context)
    {
        if (CrossSite.IsForged(context.Request)) return Problems.CrossSite("A page of another site tried to sign you out.");
        await context.SignOutAsync(Session.Scheme);
        return Results.NoContent();
    }

    private sealed record Credentials(string Email, string Password);

    /// <param name="Email">Null for an API key.</param>
    private sealed record SessionView(string? Email, string Name, IReadOnlyList<string> Scopes);
}

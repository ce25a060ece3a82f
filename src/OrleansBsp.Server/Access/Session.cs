using System.Globalization;
using System.Security.Claims;
using Microsoft.AspNetCore.Authentication.Cookies;
using OrleansBsp.Server.Http;

namespace OrleansBsp.Server.Access;

/// <summary>
/// The dashboard's session: an encrypted cookie, readable by the server only, that says which user and which password it was opened with.
/// Ends after 12 hours without a request, or at once when it is deleted; everywhere within 30 s when the password changes.
/// </summary>
internal static class Session
{
    public const string Scheme = "session";
    public const string CookieName = "bsp_session";
    private const string StampClaim = "stamp";

    public static void Configure(CookieAuthenticationOptions options)
    {
        options.Cookie.Name = CookieName;
        options.Cookie.HttpOnly = true;
        options.Cookie.SameSite = SameSiteMode.Lax;
        // Plain http is how ./bsp run is reached on 127.0.0.1; over TLS the cookie never leaves it.
        options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        options.ExpireTimeSpan = TimeSpan.FromHours(12);
        options.SlidingExpiration = true;
        options.Events.OnValidatePrincipal = ValidateAsync;
    }

    public static ClaimsPrincipal Open(SignedInUser user) => new(new ClaimsIdentity(
        [
            new Claim(ClaimTypes.NameIdentifier, user.Id.ToString(CultureInfo.InvariantCulture)),
            new Claim(ClaimTypes.Name, user.Email),
            new Claim(StampClaim, user.Stamp),
        ],
        Scheme));

    public static Caller CallerOf(ClaimsPrincipal user) => new(
        $"user:{user.FindFirstValue(ClaimTypes.NameIdentifier)}", user.FindFirstValue(ClaimTypes.Name)!, [Http.Scope.Admin], IsUser: true);

    private static async Task ValidateAsync(CookieValidatePrincipalContext context)
    {
        var users = context.HttpContext.RequestServices.GetRequiredService<UserStore>();
        var holds = context.Principal is { } user
            && long.TryParse(user.FindFirstValue(ClaimTypes.NameIdentifier), NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            && user.FindFirstValue(StampClaim) is { } stamp
            && await users.HoldsAsync(id, stamp, context.HttpContext.RequestAborted);
        if (!holds) context.RejectPrincipal();
    }
}

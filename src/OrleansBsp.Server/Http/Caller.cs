namespace OrleansBsp.Server.Http;

/// <summary>Who made this request. A handler takes it as a parameter; it is there on every endpoint that requires a scope.</summary>
/// <param name="Id"><c>key:7</c> or <c>user:3</c>: stable, for records of who did what and for keeping idempotency keys apart.</param>
/// <param name="Name">The key's name or the user's e-mail address, for people.</param>
/// <param name="Scopes">What was given, from <see cref="Scope"/>.</param>
/// <param name="IsUser">Signed in at the dashboard; otherwise an API key.</param>
public sealed record Caller(string Id, string Name, IReadOnlyList<string> Scopes, bool IsUser)
{
    /// <summary><see cref="Scope.Admin"/> implies all.</summary>
    public bool Has(string scope) => Scopes.Contains(scope) || Scopes.Contains(Scope.Admin);

    /// <summary>The caller of this request, or null where none was asked for.</summary>
    public static Caller? Of(HttpContext context) => context.Features.Get<Caller>();

    public static ValueTask<Caller?> BindAsync(HttpContext context) => ValueTask.FromResult(Of(context));
}

/// <summary>What a caller may do. Each endpoint needs exactly one.</summary>
public static class Scope
{
    /// <summary>Send messages: single ones and campaigns, and what prepares them.</summary>
    public const string Send = "send";

    /// <summary>Read everything, change nothing.</summary>
    public const string Read = "read";

    /// <summary>Everything, with accounts, keys and settings.</summary>
    public const string Admin = "admin";

    public static IReadOnlyList<string> All { get; } = [Send, Read, Admin];
}

namespace OrleansBsp.Server.Access;

/// <summary>Metadata: the scope that a caller needs. On a group it holds for all its endpoints; the nearest one counts.</summary>
/// <param name="Scope">Null: any caller who is known.</param>
internal sealed record RequiredScope(string? Scope)
{
    /// <summary>No credentials needed.</summary>
    public static readonly RequiredScope Nothing = new("nothing");
}

public static class AccessExtensions
{
    /// <summary>Only callers with this scope (or admin). Below <c>/api</c> an endpoint that says nothing needs admin.</summary>
    /// <param name="scope">One of <see cref="Http.Scope"/>.</param>
    public static TBuilder RequireScope<TBuilder>(this TBuilder builder, string scope)
        where TBuilder : IEndpointConventionBuilder
    {
        if (!Http.Scope.All.Contains(scope))
            throw new ArgumentException($"There is no scope '{scope}'; there are {string.Join(", ", Http.Scope.All)}.", nameof(scope));
        return builder.WithMetadata(new RequiredScope(scope));
    }

    /// <summary>Any caller who is known, whatever the scope.</summary>
    public static TBuilder RequireCaller<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new RequiredScope(null));

    /// <summary>Anyone, also without credentials.</summary>
    public static TBuilder AllowAnyone<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(RequiredScope.Nothing);
}

namespace OrleansBsp.Core.Webhooks;

/// <summary>Something in a body that could not be read.</summary>
/// <param name="Path">Where, e.g. <c>entry[0].changes[1].value.statuses[3]</c>; empty for the whole body.</param>
/// <param name="Reason">Why, in words.</param>
/// <param name="Snippet">The beginning of the raw JSON, at most <see cref="MaxSnippet"/> characters.</param>
public sealed record NotUnderstood(string Path, string Reason, string Snippet)
{
    /// <summary>Enough to see what it is; the whole body is in the inbox.</summary>
    public const int MaxSnippet = 500;
}

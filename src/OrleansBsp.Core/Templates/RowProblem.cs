namespace OrleansBsp.Core.Templates;

/// <summary>
/// Why one recipient is refused before sending. The message holds the recipient's data: show it to the campaign's
/// owner, do not log it.
/// </summary>
/// <param name="Pointer">The binding concerned, RFC 6901, relative to the campaign's parameters.</param>
/// <param name="Code">One of <see cref="ValueProblemCodes"/>.</param>
/// <param name="Column">The column to correct; null if the value comes from several or none.</param>
/// <param name="Value">The value refused, after cleaning; empty if that is the problem.</param>
public sealed record RowProblem(string Pointer, string Code, string? Column, string Value, string Message);

/// <summary>What can be wrong with a value, of one recipient or of a constant in the parameters.</summary>
public static class ValueProblemCodes
{
    /// <summary>Nothing left after cleaning, and no fallback. Meta would answer 131008 or 100.</summary>
    public const string Empty = "empty-value";

    /// <summary>A rendered text, URL, code or payload beyond Meta's limit. Meta would answer 132005 for a body.</summary>
    public const string TooLong = "too-long";
    public const string NotAlphanumeric = "not-alphanumeric";
    public const string NotALink = "not-a-link";
    public const string NotACoordinate = "not-a-coordinate";
    public const string NotATime = "not-a-time";
}

/// <summary>Whether a row could be rendered.</summary>
/// <param name="Problem">Null if it could; otherwise nothing was written.</param>
/// <param name="SizeBytes">Bytes written.</param>
public readonly record struct RenderResult(RowProblem? Problem, int SizeBytes)
{
    public bool IsFine => Problem is null;
}

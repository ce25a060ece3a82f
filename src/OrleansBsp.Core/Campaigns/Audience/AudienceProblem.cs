namespace OrleansBsp.Core.Campaigns.Audience;

/// <summary>One thing that is wrong with an uploaded file, in the manner of the API's <c>errors</c>.</summary>
/// <param name="Code">Stable and made for programs, such as <c>duplicate_column</c>.</param>
/// <param name="Message">For people: what was wrong, with the value, and what to do.</param>
/// <param name="Row">The row, where 1 is the first one after the header; null if it is not about a row.</param>
/// <param name="Column">The column's name as the file has it; null if it is not about a column.</param>
public sealed record AudienceProblem(string Code, string Message, int? Row = null, string? Column = null);

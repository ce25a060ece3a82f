using System.Text.Json.Serialization;

namespace OrleansBsp.Server.Http;

/// <summary>The body of an answer that says no (RFC 9457). Made by <see cref="Problems"/>; <c>traceId</c> is added when it is written.</summary>
/// <param name="Type">A stable relative URI, for programs. The list is in <see cref="Problems"/>.</param>
/// <param name="Title">The same words for each problem of this type.</param>
/// <param name="Status">The HTTP status again, for those who only keep the body.</param>
/// <param name="Detail">This case: what was wrong, with the value, and what to do.</param>
public sealed record Problem(string Type, string Title, int Status, string Detail)
{
    /// <summary>Finds this request in logs and traces.</summary>
    public string? TraceId { get; init; }

    /// <summary>What is wrong with the input, item by item; left out when there is nothing to list.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<InputError>? Errors { get; init; }
}

namespace OrleansBsp.Core.Conversations;

/// <summary>Why Meta would refuse a message for certain.</summary>
/// <param name="Pointer">RFC 6901 pointer from the message: <c>/text/body</c>.</param>
/// <param name="Code">A stable word for programs.</param>
/// <param name="Message">What was wrong, with the value, and what to do.</param>
public sealed record MessageProblem(string Pointer, string Code, string Message);

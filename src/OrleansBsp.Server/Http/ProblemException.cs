namespace OrleansBsp.Server.Http;

/// <summary>
/// Carries an answer out of a place that can only throw: parameter binding. Handlers return <see cref="Problems"/> instead.
/// </summary>
public sealed class ProblemException(ProblemResult answer) : Exception(answer.Value.Detail)
{
    public ProblemResult Answer => answer;
}

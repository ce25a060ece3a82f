using Npgsql;

namespace OrleansBsp.Server.Cluster;

/// <summary>
/// PostgreSQL's errors between silos. Npgsql's exception loses its SQLSTATE on the way otherwise, and with it the answer to
/// whether it passes.
/// </summary>
[GenerateSerializer, Alias("PostgresError")]
internal struct PostgresErrorSurrogate
{
    [Id(0)] public string Message;
    [Id(1)] public string Severity;
    [Id(2)] public string SqlState;
    [Id(3)] public string? Detail;
    [Id(4)] public string? Where;
}

/// <inheritdoc cref="PostgresErrorSurrogate"/>
[RegisterConverter]
internal sealed class PostgresErrorConverter : IConverter<PostgresException, PostgresErrorSurrogate>
{
    public PostgresException ConvertFromSurrogate(in PostgresErrorSurrogate surrogate) => new(
        surrogate.Message, surrogate.Severity, surrogate.Severity, surrogate.SqlState, surrogate.Detail, where: surrogate.Where);

    public PostgresErrorSurrogate ConvertToSurrogate(in PostgresException value) => new()
    {
        Message = value.MessageText, Severity = value.InvariantSeverity, SqlState = value.SqlState, Detail = value.Detail, Where = value.Where,
    };
}

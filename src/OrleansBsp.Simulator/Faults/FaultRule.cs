namespace OrleansBsp.Simulator.Faults;

/// <summary>What goes wrong.</summary>
public enum FaultKind
{
    /// <summary>The request waits between <see cref="FaultRule.MinMs"/> and <see cref="FaultRule.MaxMs"/>, then goes on.</summary>
    Latency,

    /// <summary>Refused with <see cref="FaultRule.Code"/>.</summary>
    Error,

    /// <summary>No answer until the client gives up; nothing was accepted.</summary>
    HangBeforeAccept,

    /// <summary>No answer until the client gives up; the message was accepted.</summary>
    HangAfterAccept,

    /// <summary>Connection (HTTP/2: stream) aborted; nothing was accepted.</summary>
    ResetBeforeAccept,

    /// <summary>Connection (HTTP/2: stream) aborted; the message was accepted.</summary>
    ResetAfterAccept,

    /// <summary>HTTP 500 without JSON; nothing was accepted.</summary>
    ServerErrorBeforeAccept,

    /// <summary>HTTP 500 without JSON; the message was accepted.</summary>
    ServerErrorAfterAccept,

    /// <summary>HTTP 200 with half of the JSON; the message was accepted.</summary>
    TruncatedJson,

    /// <summary>HTTP 200 with an HTML page; the message was accepted.</summary>
    NotJson,
}

/// <summary>Which calls a rule can hit.</summary>
public enum FaultTarget
{
    /// <summary><c>POST /{number}/messages</c>.</summary>
    Send,

    /// <summary>Every other Graph call.</summary>
    Management,

    /// <summary>Every Graph call.</summary>
    All,
}

/// <summary>A rule of misbehaviour. Latencies of all matching rules add up; of the others the first match wins.</summary>
public sealed record FaultRule
{
    public FaultKind Kind { get; init; }

    public FaultTarget Target { get; init; }

    /// <summary>Share of matching requests, 0 to 1. Default 1.</summary>
    public double Probability { get; init; } = 1;

    /// <summary>How often it may strike; null is without end.</summary>
    public int? Times { get; init; }

    /// <summary>Phone number ids (for management calls: any id in the path); null is all.</summary>
    public IReadOnlyList<string>? Numbers { get; init; }

    /// <summary>Only recipients whose digits end like this; null is all.</summary>
    public string? RecipientsSuffix { get; init; }

    /// <summary>Meta's code for <see cref="FaultKind.Error"/>.</summary>
    public int Code { get; init; }

    /// <summary>HTTP status instead of the code's usual one.</summary>
    public int? HttpStatus { get; init; }

    /// <summary>Text of <c>error_data.details</c> instead of the usual one.</summary>
    public string? Details { get; init; }

    /// <summary>Shortest latency, ms.</summary>
    public int MinMs { get; init; }

    /// <summary>Longest latency, ms.</summary>
    public int MaxMs { get; init; }

    /// <summary>Resets abort the whole connection, also under HTTP/2 with everything else on it. Default false.</summary>
    public bool WholeConnection { get; init; }
}

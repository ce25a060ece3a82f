using System.Diagnostics;
using System.Diagnostics.Metrics;
using OrleansBsp.Core.Messages;
using OrleansBsp.Server.Telemetry;

namespace OrleansBsp.Server.Meta;

/// <summary>Measures of the way to Meta.</summary>
internal static class GraphMetrics
{
    private static readonly Histogram<double> SendTime = Instruments.Duration("bsp.graph.send.duration", "From posting a message to Meta's answer, by what the answer means");

    /// <param name="started">By <see cref="Stopwatch"/>.</param>
    public static void Sent(SendOutcome outcome, long started) =>
        SendTime.Record(Stopwatch.GetElapsedTime(started).TotalSeconds, new KeyValuePair<string, object?>("outcome", Name(outcome)));

    /// <summary>accepted, notSent, noAnswer, or the class of the error.</summary>
    public static string Name(SendOutcome outcome) => outcome.Problem?.Rule switch
    {
        null => "accepted",
        var rule when rule == MetaErrorTable.NotSent => "notSent",
        var rule when rule == MetaErrorTable.NoAnswer => "noAnswer",
        var rule => rule.Class.Name(),
    };
}

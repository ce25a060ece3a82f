using System.Diagnostics;
using System.Diagnostics.Metrics;
using OrleansBsp.Server.Telemetry;

namespace OrleansBsp.Server.Conversations;

/// <summary>Measures of the conversation slice. Messages that wait for their time are in <c>bsp.timers</c>, of <c>single</c>.</summary>
internal static class ConversationMetrics
{
    private static readonly Histogram<double> WriteTime = Instruments.Duration("bsp.conversation.write.duration", "Duration of one write of a conversation, its events included");

    /// <param name="started">By <see cref="Stopwatch"/>.</param>
    public static void Written(long started) => WriteTime.Record(Stopwatch.GetElapsedTime(started).TotalSeconds);
}

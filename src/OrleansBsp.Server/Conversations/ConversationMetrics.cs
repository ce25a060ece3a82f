using System.Diagnostics;
using System.Diagnostics.Metrics;
using OrleansBsp.Server.Telemetry;

namespace OrleansBsp.Server.Conversations;

/// <summary>Measures of the conversation slice. Messages that wait for their time are in <c>bsp.timers</c>, of <c>single</c>.</summary>
internal static class ConversationMetrics
{
    private static readonly Histogram<double> WriteTime = Instruments.Duration("bsp.conversation.write.duration", "Duration of one write of a conversation, its events included");

    private static long _postponed;
    private static long _expired;

    static ConversationMetrics()
    {
        Instruments.Meter.CreateObservableCounter("bsp.conversation.postponed", () => Volatile.Read(ref _postponed), "{look}", "Looks of single messages that cannot be sent for now: number, account or template stopped, token unreadable");
        Instruments.Meter.CreateObservableCounter("bsp.conversation.expired", () => Volatile.Read(ref _expired), "{message}", "Single messages that could not be sent in time");
    }

    /// <summary>From the start of the process on the counters are told: one that appears with the first that it counts seems not to grow.</summary>
    public static void Begin()
    {
        // The static constructor does it.
    }

    public static void Postponed() => Interlocked.Increment(ref _postponed);

    public static void Expired() => Interlocked.Increment(ref _expired);

    /// <param name="started">By <see cref="Stopwatch"/>.</param>
    public static void Written(long started) => WriteTime.Record(Stopwatch.GetElapsedTime(started).TotalSeconds);
}

using System.Diagnostics.Metrics;
using OrleansBsp.Server.Telemetry;

namespace OrleansBsp.Server.Events;

/// <summary>Measures of the event log. Appending is part of the owner's transaction, so its duration is the one of the owner's write.</summary>
internal static class EventMetrics
{
    private static readonly Histogram<int> AppendSize = Instruments.Size("bsp.event.append.size", "event", "Events appended in one transaction");

    public static void Appended(int count) => AppendSize.Record(count);
}

using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace OrleansBsp.Server.Telemetry;

/// <summary>
/// How long the calls of each type of grain take, from their first turn to their answer, and how long that first turn keeps the activation: all that a call does before it waits
/// for something. Orleans' own meter has activations by type, the latency of all calls together, and counts turns that are far too long; it does not measure turns. Those after a wait are
/// not seen from here. Calls carry batches, so there are some tens of them in a second, not thousands.
/// </summary>
internal sealed class GrainCallMeter : IIncomingGrainCallFilter
{
    private static readonly Histogram<double> Duration = Instruments.Duration("bsp.grain.call.duration", "Duration of calls to our grains, with all that they wait for");
    private static readonly Histogram<double> Turn = Instruments.Duration("bsp.grain.turn.duration", "How long the first turn of a call keeps its activation");

    public async Task Invoke(IIncomingGrainCallContext context)
    {
        if (context.Grain is not Grain)
        {
            await context.Invoke(); // Orleans' own
            return;
        }

        var (grain, method) = (new KeyValuePair<string, object?>("grain", context.Grain.GetType().Name), new KeyValuePair<string, object?>("method", context.MethodName));
        var started = Stopwatch.GetTimestamp();
        var call = context.Invoke();
        Turn.Record(Stopwatch.GetElapsedTime(started).TotalSeconds, grain, method);
        try
        {
            await call;
        }
        finally
        {
            Duration.Record(Stopwatch.GetElapsedTime(started).TotalSeconds, grain, method);
        }
    }
}

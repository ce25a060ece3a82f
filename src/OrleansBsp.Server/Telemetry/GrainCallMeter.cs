using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace OrleansBsp.Server.Telemetry;

/// <summary>
/// How long the calls of each type of grain take, from their first turn to their answer. Orleans' own meter has activations and the latency of all calls
/// together, not by type. Calls carry batches, so there are some tens of them in a second, not thousands.
/// </summary>
internal sealed class GrainCallMeter : IIncomingGrainCallFilter
{
    private static readonly Histogram<double> Duration = Instruments.Duration("bsp.grain.call.duration", "Duration of calls to our grains");

    public async Task Invoke(IIncomingGrainCallContext context)
    {
        if (context.Grain is not Grain)
        {
            await context.Invoke(); // Orleans' own
            return;
        }

        var started = Stopwatch.GetTimestamp();
        try
        {
            await context.Invoke();
        }
        finally
        {
            Duration.Record(Stopwatch.GetElapsedTime(started).TotalSeconds, new("grain", context.Grain.GetType().Name), new("method", context.MethodName));
        }
    }
}

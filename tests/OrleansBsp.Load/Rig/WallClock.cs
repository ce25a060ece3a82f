using System.Diagnostics;

namespace OrleansBsp.Load.Rig;

/// <summary>
/// Unix time from the monotonic clock, made as the simulator makes its own: read once at the start and counted on from there. So a correction
/// of the system's clock during a run does not look like latency.
/// </summary>
internal static class WallClock
{
    private static readonly long Started = Stopwatch.GetTimestamp();
    private static readonly long UnixMicrosAtStart = (DateTime.UtcNow - DateTime.UnixEpoch).Ticks / 10;

    public static long UnixMicros => UnixMicrosAtStart + (long)Stopwatch.GetElapsedTime(Started).TotalMicroseconds;
}

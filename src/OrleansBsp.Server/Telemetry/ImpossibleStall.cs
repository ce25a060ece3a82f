using System.Diagnostics;

namespace OrleansBsp.Server.Telemetry;

/// <summary>
/// A warning of Orleans' watchdog that cannot be true. Its first look counts from the start of the machine, so every start of a silo says that a thread has stood still for
/// hours. What has stood still for longer than there is a process is left out; all others are written.
/// </summary>
internal static class ImpossibleStall
{
    private const int ParticipantCheckStalled = 100150;

    public static bool Is<TState>(EventId number, TState state) =>
        number.Id == ParticipantCheckStalled
        && state is IEnumerable<KeyValuePair<string, object?>> values
        && values.Any(static value => value is { Key: "TimeSinceLastTick", Value: TimeSpan stoodStill } && stoodStill > ProcessAge());

    private static TimeSpan ProcessAge()
    {
        using var self = Process.GetCurrentProcess();
        return TimeProvider.System.GetUtcNow() - self.StartTime.ToUniversalTime();
    }
}

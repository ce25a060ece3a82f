using System.Diagnostics;

namespace OrleansBsp.Simulator;

/// <summary>
/// Two readings in microseconds. <see cref="RealMicros"/> is monotonic and is what arrivals and throughput are measured with.
/// <see cref="NowMicros"/> can be pushed forward, so a test closes a 24-hour window or reaches the seventh day of retries at once.
/// </summary>
public sealed class Clock
{
    private readonly long started = Stopwatch.GetTimestamp();
    private readonly long wallAtStart = (DateTime.UtcNow - DateTime.UnixEpoch).Ticks / 10;
    private long advanced;

    /// <summary>Microseconds since the simulator started.</summary>
    public long RealMicros => (Stopwatch.GetTimestamp() - started) * 1_000_000 / Stopwatch.Frequency;

    /// <summary><see cref="RealMicros"/> plus everything that <see cref="Advance"/> added.</summary>
    public long NowMicros => RealMicros + Volatile.Read(ref advanced);

    /// <summary>Moves <see cref="NowMicros"/> forward.</summary>
    public void Advance(TimeSpan by)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        Interlocked.Add(ref advanced, by.Ticks / 10);
    }

    /// <summary>Unix microseconds of a reading.</summary>
    public long ToUnixMicros(long micros) => wallAtStart + micros;

    /// <summary>Unix seconds of a reading, as webhooks carry them.</summary>
    public long ToUnixSeconds(long micros) => ToUnixMicros(micros) / 1_000_000;
}

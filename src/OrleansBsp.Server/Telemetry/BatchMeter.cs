using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace OrleansBsp.Server.Telemetry;

/// <summary>The two measures of one kind of batch: <c>name.size</c> and <c>name.duration</c>.</summary>
/// <param name="things">What is in a batch, in the singular.</param>
/// <param name="size">What the size counts, for people.</param>
/// <param name="duration">What takes that long, for people.</param>
internal sealed class BatchMeter(string name, string things, string size, string duration)
{
    private readonly Histogram<int> _size = Instruments.Size($"{name}.size", things, size);
    private readonly Histogram<double> _duration = Instruments.Duration($"{name}.duration", duration);

    /// <param name="started">By <see cref="Stopwatch"/>.</param>
    public void Record(int count, long started, params ReadOnlySpan<KeyValuePair<string, object?>> labels) => Record(count, Stopwatch.GetElapsedTime(started), labels);

    public void Record(int count, TimeSpan took, params ReadOnlySpan<KeyValuePair<string, object?>> labels)
    {
        _size.Record(count, labels);
        _duration.Record(took.TotalSeconds, labels);
    }
}

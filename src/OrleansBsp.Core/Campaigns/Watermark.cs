namespace OrleansBsp.Core.Campaigns;

/// <summary>
/// Follows which released positions have a stored outcome. Everything up to <see cref="RecordedThrough"/> has one; after a crash
/// only positions above it can be uncertain. Memory: one entry per outcome that overtook an open position.
/// </summary>
/// <remarks>Not thread-safe.</remarks>
public sealed class Watermark(int recordedThrough)
{
    private readonly HashSet<int> _ahead = [];

    /// <summary>Every position up to here has an outcome.</summary>
    public int RecordedThrough { get; private set; } = recordedThrough;

    /// <summary>Recording the same position again changes nothing.</summary>
    public void Record(int position)
    {
        if (position <= RecordedThrough) return;
        _ahead.Add(position);
        while (_ahead.Remove(RecordedThrough + 1)) RecordedThrough++;
    }
}

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

    public bool IsRecorded(int position) => position <= RecordedThrough || _ahead.Contains(position);

    /// <summary>What <see cref="RecordedThrough"/> would be with these positions recorded too.</summary>
    public int ThroughWith(IEnumerable<int> positions)
    {
        var more = positions as IReadOnlySet<int> ?? positions.ToHashSet();
        var through = RecordedThrough;
        while (_ahead.Contains(through + 1) || more.Contains(through + 1)) through++;
        return through;
    }

    /// <summary>Recording the same position again changes nothing.</summary>
    public void Record(int position)
    {
        if (position <= RecordedThrough) return;
        _ahead.Add(position);
        while (_ahead.Remove(RecordedThrough + 1)) RecordedThrough++;
    }
}

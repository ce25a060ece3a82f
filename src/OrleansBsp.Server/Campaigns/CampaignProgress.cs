using OrleansBsp.Core.Campaigns;

namespace OrleansBsp.Server.Campaigns;

/// <summary>
/// How far a campaign has been released and recorded, as its owner knows it: a mirror of the stored row, moved after each
/// commit. The counters are not mirrored: screens and the end of a campaign read them where they are true, in the database.
/// </summary>
/// <remarks>Shared by the releaser, the recorder and the grain; guarded by its own lock.</remarks>
internal sealed class CampaignProgress(CampaignRunRow row)
{
    private readonly Lock _lock = new();
    private readonly Watermark _recorded = new(row.RecordedThrough);
    private int _releasedThrough = row.ReleasedThrough;

    public int Planned { get; } = row.Planned;

    /// <summary>The checkpoint.</summary>
    public int ReleasedThrough
    {
        get { lock (_lock) return _releasedThrough; }
    }

    /// <summary>Every position up to here has a row.</summary>
    public int RecordedThrough
    {
        get { lock (_lock) return _recorded.RecordedThrough; }
    }

    /// <summary>The message has a row already.</summary>
    public bool IsRecorded(int position)
    {
        lock (_lock) return _recorded.IsRecorded(position);
    }

    /// <summary>What <see cref="RecordedThrough"/> will be when these positions have rows too.</summary>
    public int RecordedThroughWith(IEnumerable<int> positions)
    {
        lock (_lock) return _recorded.ThroughWith(positions);
    }

    /// <summary>After a committed release: the checkpoint has moved, and these positions were skipped.</summary>
    public void Released(int through, IEnumerable<int> skipped)
    {
        lock (_lock) _releasedThrough = through;
        Recorded(skipped);
    }

    /// <summary>After a commit: these positions have rows.</summary>
    public void Recorded(IEnumerable<int> positions)
    {
        lock (_lock)
            foreach (var position in positions) _recorded.Record(position);
    }
}

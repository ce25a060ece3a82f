using OrleansBsp.Core.Campaigns;
using OrleansBsp.Core.Messages;

namespace OrleansBsp.Core.Tests.Campaigns.Model;

/// <summary>What is committed of a campaign. Each method is one transaction; a false or null says that the epoch was lost.</summary>
internal sealed class StoreModel(int planned, Variant variant)
{
    private readonly SortedDictionary<int, MessageRecord> _rows = [];
    private readonly MessageCounts _counts = new();

    public int Epoch { get; private set; }

    public int Planned => planned;

    public int ReleasedThrough { get; private set; }

    public int RecordedThrough { get; private set; }

    public bool IsCancelled { get; private set; }

    public Books Books => new() { Planned = planned, ReleasedThrough = ReleasedThrough, IsCancelled = IsCancelled, Counts = _counts };

    public int Take() => ++Epoch;

    public void Cancel() => IsCancelled = true;

    public List<(int Position, int Attempt)> In(MessageState state) =>
        [.. _rows.Where(row => row.Value.State == state).Select(row => (row.Key, row.Value.Attempt))];

    public bool Release(int epoch, int from, int through)
    {
        var fenced = epoch == Epoch && from == ReleasedThrough;
        if (IsCancelled || (!fenced && variant != Variant.ReleasesWithoutTheEpoch)) return false;
        ReleasedThrough = Math.Max(ReleasedThrough, through);
        return true;
    }

    public bool ReleaseAgain(int epoch, int position, int attempt)
    {
        if (epoch != Epoch || IsCancelled || !_rows.TryGetValue(position, out var message)) return false;
        var released = message.ReleaseAgain(attempt);
        if (released == message) return false;
        Write(position, released);
        return true;
    }

    public bool Record(int epoch, IReadOnlyCollection<(int Position, Func<MessageRecord, MessageRecord> Change)> changes, int recordedThrough)
    {
        if (epoch != Epoch) return false;
        foreach (var (position, change) in changes)
        {
            var before = _rows.GetValueOrDefault(position) ?? MessageRecord.Released;
            var after = change(before);
            if (variant == Variant.CountsReportsInsteadOfTransitions && after == before) _counts.Move(MessageState.InFlight, after.State);
            Write(position, after);
        }

        RecordedThrough = Math.Max(RecordedThrough, recordedThrough);
        return true;
    }

    /// <summary>A new owner's first transaction: what was released and has no answer is uncertain.</summary>
    public void MarkUncertain()
    {
        foreach (var (position, attempt) in In(MessageState.InFlight)) Write(position, _rows[position].EndAttempt(attempt, MessageState.Uncertain, null, "stopped"));
        for (var position = RecordedThrough + 1; position <= ReleasedThrough; position++)
            if (!_rows.ContainsKey(position)) Write(position, MessageRecord.Released.EndAttempt(1, MessageState.Uncertain, null, "stopped"));
        RecordedThrough = ReleasedThrough;
    }

    public string? FindFault()
    {
        if (Books.FindFault() is { } fault) return fault;
        foreach (var state in MessageCounts.Counted)
            if (_counts[state] != _rows.Count(row => row.Value.State == state)) return $"counted {_counts[state]} {state}, rows say otherwise";
        return null;
    }

    private void Write(int position, MessageRecord message)
    {
        _counts.Move(_rows.TryGetValue(position, out var before) ? before.State : MessageState.InFlight, message.State);
        _rows[position] = message;
    }
}

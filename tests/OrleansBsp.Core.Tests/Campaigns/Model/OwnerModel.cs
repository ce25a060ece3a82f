using OrleansBsp.Core.Campaigns;
using OrleansBsp.Core.Messages;

namespace OrleansBsp.Core.Tests.Campaigns.Model;

/// <summary>An activation of a campaign: everything it knows is gone with it, and it may go on for a while after it was superseded.</summary>
internal sealed class OwnerModel
{
    private readonly StoreModel _store;
    private readonly MetaModel _meta;
    private readonly Variant _variant;
    private readonly Random _random;
    private readonly int _epoch;
    private readonly Watermark _recorded;
    private readonly Queue<(int Position, int Attempt)> _lane = new();
    private readonly List<(int Position, Func<MessageRecord, MessageRecord> Change)> _unrecorded = [];
    private int _releasedThrough;
    private int _uncommitted; // the broken order: released in memory only

    public OwnerModel(StoreModel store, MetaModel meta, Variant variant, Random random)
    {
        (_store, _meta, _variant, _random) = (store, meta, variant, random);
        _epoch = store.Take();
        store.MarkUncertain();
        _recorded = new Watermark(store.RecordedThrough);
        _releasedThrough = store.ReleasedThrough;
    }

    /// <summary>It has learned that another owns the campaign, and does nothing any more.</summary>
    public bool IsGone { get; private set; }

    public bool IsIdle => _lane.Count == 0 && _unrecorded.Count == 0;

    public void Release(int count)
    {
        if (_variant == Variant.SendsBeforeTheCheckpoint && _uncommitted == 0)
        {
            _uncommitted = Math.Min(_store.Planned, _releasedThrough + count);
            Enqueue(_uncommitted);
            return; // the commit follows in the next step, if there is one
        }

        var through = Math.Max(_uncommitted, Math.Min(_store.Planned, _releasedThrough + count));
        if (through == _releasedThrough || _store.IsCancelled) return;
        if (!_store.Release(_epoch, _releasedThrough, through)) IsGone = true;
        else if (_uncommitted == 0) Enqueue(through);
        if (!IsGone) _releasedThrough = through;
        _uncommitted = 0;
    }

    public void ReleaseAgain()
    {
        var waiting = _variant == Variant.RepeatsTheUncertain ? _store.In(MessageState.Retrying).Concat(_store.In(MessageState.Uncertain)) : _store.In(MessageState.Retrying);
        foreach (var (position, attempt) in waiting.Take(3))
            if (_store.ReleaseAgain(_epoch, position, attempt + 1)) _lane.Enqueue((position, attempt + 1));
    }

    public void Send()
    {
        if (!_lane.TryDequeue(out var message)) return;
        var answer = _meta.Post(message.Position, message.Attempt);
        Hear((message.Position, MetaModel.ChangeOf(answer, message.Position, message.Attempt)));
    }

    /// <summary>Answers and statuses overtake one another.</summary>
    public void Hear((int Position, Func<MessageRecord, MessageRecord> Change) news) => _unrecorded.Insert(_random.Next(_unrecorded.Count + 1), news);

    /// <summary>The window of the uncertain has ended; when cancelled, what waits to be repeated is given up too.</summary>
    public void Settle()
    {
        foreach (var (position, _) in _store.In(MessageState.Uncertain)) _unrecorded.Add((position, message => message.GiveUp(MessageState.Unknown, "no status came")));
        if (!_store.IsCancelled) return;
        foreach (var (position, _) in _store.In(MessageState.Retrying)) _unrecorded.Add((position, message => message.GiveUp(MessageState.Cancelled, "cancelled")));
    }

    public void Flush(int most)
    {
        var batch = _unrecorded.Take(most).ToList();
        var positions = batch.Select(change => change.Position).ToList();
        var through = _variant == Variant.RecordsPastOpenPositions
            ? positions.Append(_recorded.RecordedThrough).Max()
            : _recorded.ThroughWith(positions);
        if (!_store.Record(_epoch, batch, through))
        {
            IsGone = true;
            return;
        }

        _unrecorded.RemoveRange(0, batch.Count);
        foreach (var position in positions) _recorded.Record(position);
    }

    private void Enqueue(int through)
    {
        for (var position = _releasedThrough + 1; position <= through; position++) _lane.Enqueue((position, 1));
    }
}

using System.Diagnostics;
using OrleansBsp.Core.Messages;
using OrleansBsp.Core.Pacing;
using OrleansBsp.Server.Meta;

namespace OrleansBsp.Server.PhoneNumbers;

/// <summary>A released message on its way to Meta. Started once by its lane, then it runs on the thread pool.</summary>
public abstract class OutgoingMessage : IThreadPoolWorkItem, IPosted
{
    private SendLane? _lane;
    private SendWindow.Place? _place;

    /// <summary>Number of its permit, if its arrival is to be told; otherwise 0.</summary>
    internal long Permit { get; set; }

    /// <summary>When it was to go.</summary>
    internal TimeSpan Moment { get; set; }

    /// <summary>It is not written after this.</summary>
    internal TimeSpan Deadline { get; set; }

    bool IPosted.MayBeWritten() => _lane!.MayBeWritten(this, _place!);

    void IPosted.Written() => _lane!.Written(_place!);

    /// <summary>Its request has left without its body: Meta cannot have accepted it, and may count it all the same.</summary>
    internal bool HasLeft { get; set; }

    internal void Start(SendLane lane, SendWindow.Place place)
    {
        (_lane, _place) = (lane, place);
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    // Not awaited on purpose: every message is accounted for, and its owner counts what is in flight.
    void IThreadPoolWorkItem.Execute() => _ = RunAsync();

    /// <summary>Posts the message. Must not throw.</summary>
    protected abstract Task<SendOutcome> PostAsync();

    /// <summary>Begins the step of its trace that ends with Meta's answer; null for the most, which have none.</summary>
    protected virtual Activity? BeginStep() => null;

    /// <summary>Hands the outcome to the message's owner. Must not throw.</summary>
    protected abstract void Finish(SendOutcome outcome);

    private async Task RunAsync()
    {
        var step = BeginStep();
        var outcome = _lane!.MayStillGo(this)
            ? await PostAsync()
            : SendOutcome.NotSent("this process stood still for too long before its turn came", jitter: Random.Shared.NextDouble());
        step?.SetTag("bsp.outcome", GraphMetrics.Name(outcome)).Dispose();
        _lane.Ended(this, _place!, outcome);
        Finish(outcome);
    }
}

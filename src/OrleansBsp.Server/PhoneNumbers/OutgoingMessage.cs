namespace OrleansBsp.Server.PhoneNumbers;

/// <summary>A released message on its way to Meta. Started once by its lane, then it runs on the thread pool.</summary>
public abstract class OutgoingMessage : IThreadPoolWorkItem
{
    private SendLane? _lane;
    private long _ticket;

    internal void Start(SendLane lane, long ticket)
    {
        (_lane, _ticket) = (lane, ticket);
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    // Not awaited on purpose: SendAsync accounts for every outcome, and its owner counts what is in flight.
    void IThreadPoolWorkItem.Execute() => _ = SendAsync();

    /// <summary>Posts the message and hands its outcome to its owner. Must not throw.</summary>
    protected abstract Task SendAsync();

    /// <summary>To be called as soon as the answer is there, before it is worked on.</summary>
    protected void Answered() => _lane!.Answered(_ticket);
}

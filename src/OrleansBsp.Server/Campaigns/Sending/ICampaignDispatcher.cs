using OrleansBsp.Core.Pacing;

namespace OrleansBsp.Server.Campaigns.Sending;

/// <summary>
/// Carries a campaign's released messages to whoever posts them: this process's lane, or a queue from which any process takes them. Each message
/// comes back to the <see cref="CampaignSender"/> with an outcome.
/// </summary>
/// <remarks>
/// Both ways promise that a message is posted as it was released, at its moment or not at all, and once, however often a way carries it; that a message which cannot be written or carried is
/// refused by itself; and that whoever stops in order leaves nothing uncertain (<c>DispatchTests</c>). They differ in what a killed process leaves: a lane is memory of the
/// owner's process and dies with it, so all that it held is uncertain; of what a queue held only what had been claimed is, and the rest is released anew.
/// That is why the lane is no queue with receipts and times after which messages come again: there is nobody left to whom they could come, and the claims that make a repetition harmless
/// would be two writes to the database for nothing.
/// </remarks>
internal interface ICampaignDispatcher
{
    /// <summary>Why nothing should be released now, in words; null if something may.</summary>
    string? Obstacle { get; }

    /// <summary>How many messages may be released at once.</summary>
    int MostAtOnce { get; }

    /// <summary>How long before their moments messages must be dispatched.</summary>
    TimeSpan Lead { get; }

    /// <summary>Messages whose outcome nobody hears of when this activation ends: it waits for them, for a while.</summary>
    int MustBeAwaited { get; }

    /// <summary>Takes released messages, one for each moment of the grant. Does not wait and does not fail.</summary>
    /// <param name="limit">Messages per second that the number may send.</param>
    void Dispatch(IReadOnlyList<ReleasedMessage> messages, PermitGrant grant, int limit);

    /// <summary>An outcome was reported from elsewhere.</summary>
    /// <returns>True the first time, if the message was dispatched here.</returns>
    bool Heard(ReportedOutcome outcome);

    /// <summary>Finds out what became of messages of which nothing has been heard for too long. Called every half second or so.</summary>
    Task FindLostAsync(CancellationToken cancel);
}

/// <summary>A recipient that was released, for one attempt.</summary>
internal sealed record ReleasedMessage(int Position, int Attempt, long Phone, string[] Values);

using OrleansBsp.Core.Pacing;

namespace OrleansBsp.Server.Campaigns.Sending;

/// <summary>
/// Carries a campaign's released messages to whoever posts them: this process's lane, or a queue from which any process takes them. Each message
/// comes back to the <see cref="CampaignSender"/> with an outcome.
/// </summary>
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

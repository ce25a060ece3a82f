using OrleansBsp.Core.Pacing;
using OrleansBsp.Server.PhoneNumbers;

namespace OrleansBsp.Server.Campaigns.Sending;

/// <summary>The number's lane in this process: the way of one process alone.</summary>
internal sealed class LaneDispatcher(SendLane lane, CampaignSender sender) : ICampaignDispatcher
{
    /// <inheritdoc/>
    public string? Obstacle => lane.IsBehind ? LimitingFactor.Answers : null;

    /// <inheritdoc/>
    public int MostAtOnce => lane.IsSilent ? 1 : 1000;

    /// <inheritdoc/>
    public TimeSpan Lead => TimeSpan.Zero;

    /// <inheritdoc/>
    public int MustBeAwaited => sender.InFlight;

    /// <inheritdoc/>
    public void Dispatch(IReadOnlyList<ReleasedMessage> messages, PermitGrant grant, int limit)
    {
        sender.Expect(messages.Count);
        lane.Enqueue([.. messages.Select(message => new CampaignMessage(sender, message))], grant, limit);
    }

    /// <inheritdoc/>
    public bool Heard(ReportedOutcome outcome) => false;

    /// <inheritdoc/>
    public Task FindLostAsync(CancellationToken cancel) => Task.CompletedTask;
}

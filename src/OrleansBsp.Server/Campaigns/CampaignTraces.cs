using System.Diagnostics;
using OrleansBsp.Core.Messages;
using OrleansBsp.Server.Campaigns.Sending;
using OrleansBsp.Server.Telemetry;

namespace OrleansBsp.Server.Campaigns;

/// <summary>The steps of one campaign's messages, for the few that have a trace.</summary>
internal sealed class CampaignTraces(MessageTraces traces, long campaign, int tokenKey, TimeProvider clock)
{
    /// <param name="asked">When permits were asked for.</param>
    /// <param name="granted">When they came; then the checkpoint was written.</param>
    public void Released(IEnumerable<ReleasedMessage> messages, DateTimeOffset asked, DateTimeOffset granted)
    {
        if (!traces.IsOn) return;
        var committed = clock.GetUtcNow();
        foreach (var message in messages)
        {
            if (Of(message.Position) is not { } trace) continue;
            trace.Add("message permit", asked, granted, new("bsp.campaign", campaign), new("bsp.position", message.Position));
            trace.Add("message release", granted, committed, new("bsp.campaign", campaign), new("bsp.position", message.Position), new("bsp.attempt", message.Attempt));
        }
    }

    /// <summary>The message's request, from its moment to Meta's answer, in whichever process it is posted; null for most.</summary>
    public Activity? Post(int position, int attempt)
    {
        if (!traces.IsOn || Of(position) is not { } trace) return null;
        return trace.Begin("message post", ActivityKind.Client)?.SetTag("bsp.campaign", campaign).SetTag("bsp.position", position).SetTag("bsp.attempt", attempt);
    }

    /// <summary>What became known has just been committed.</summary>
    public void Recorded(IEnumerable<Change> changes, TimeSpan took)
    {
        if (!traces.IsOn) return;
        var ended = clock.GetUtcNow();
        foreach (var change in changes)
            if (Of(change.Position) is { } trace)
                trace.Add($"message {change.Step}", ended - took, ended, new("bsp.campaign", campaign), new("bsp.position", change.Position), new("bsp.what", change.What));
    }

    private MessageTrace? Of(int position) => traces.Of(MessageToken.ForCampaign(campaign, position, 1, tokenKey));
}

namespace OrleansBsp.Core.Campaigns;

/// <summary>The state of a campaign, as in the API.</summary>
public enum CampaignState
{
    Draft,
    Scheduled,
    Running,
    Paused,
    Completed,
    Cancelled,
}

/// <summary>What an operator can ask of a campaign.</summary>
public enum CampaignCommand
{
    Launch,
    Pause,
    Resume,
    Cancel,
}

public static class CampaignLifecycle
{
    /// <summary>
    /// The state after the command, or null if it is not possible from here. A command that asks for what is already so
    /// gives the same state: a caller that did not hear the first answer may ask again.
    /// </summary>
    /// <param name="isDue">Launch and resume: the start is now, not later. Pausing and resuming must not start a campaign early.</param>
    public static CampaignState? After(this CampaignState state, CampaignCommand command, bool isDue = true) => (state, command) switch
    {
        (CampaignState.Draft, CampaignCommand.Launch) => isDue ? CampaignState.Running : CampaignState.Scheduled,
        (CampaignState.Scheduled or CampaignState.Running, CampaignCommand.Launch) => state,
        (CampaignState.Scheduled or CampaignState.Running or CampaignState.Paused, CampaignCommand.Pause) => CampaignState.Paused,
        (CampaignState.Paused, CampaignCommand.Resume) => isDue ? CampaignState.Running : CampaignState.Scheduled,
        (CampaignState.Running, CampaignCommand.Resume) => state,
        (CampaignState.Scheduled, CampaignCommand.Resume) when !isDue => state,
        (CampaignState.Draft or CampaignState.Scheduled or CampaignState.Running or CampaignState.Paused or CampaignState.Cancelled, CampaignCommand.Cancel)
            => CampaignState.Cancelled,
        _ => null,
    };
}

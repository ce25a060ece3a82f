using OrleansBsp.Core.Campaigns;

namespace OrleansBsp.Server.Campaigns;

/// <summary>Asks a campaign's owner what it does at this moment; only of campaigns that do something.</summary>
public sealed class CampaignLiveReader(IGrainFactory grains)
{
    /// <returns>Null and 0 for a campaign at rest, or when its owner does not answer just now.</returns>
    public async Task<(CampaignLive? Live, int PerSecond)> ReadAsync(CampaignId id, CampaignRunRow run)
    {
        if (run.CampaignState is not (CampaignState.Running or CampaignState.Paused)) return (null, 0);
        try
        {
            var live = await grains.GetGrain<ICampaignGrain>($"c:{id}").GetLive();
            return (live, live.SendingPerSecond);
        }
        catch (Exception failure) when (Passing.Is(failure))
        {
            return (null, 0);
        }
    }
}

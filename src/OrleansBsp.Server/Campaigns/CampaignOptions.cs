using System.ComponentModel.DataAnnotations;

namespace OrleansBsp.Server.Campaigns;

/// <summary>Section <c>Campaigns</c>.</summary>
public sealed class CampaignOptions
{
    /// <summary>
    /// How long an uncertain message waits for a status with its token before the written policy decides. Default 600 s.
    /// Shorter gives up on messages whose status is only late; longer keeps a campaign open.
    /// </summary>
    [Range(0, 86_400)]
    public int UncertainWindowSeconds { get; set; } = 600;

    /// <summary>
    /// Messages of one campaign that may be on their way at once. Default 4,000: four seconds of answers at the highest rate.
    /// All of them may become uncertain when Meta stops answering.
    /// </summary>
    [Range(1, int.MaxValue)]
    public int MaxInFlight { get; set; } = 4000;

    /// <summary>Changes that may wait for their write before the campaign stops releasing. Default 20,000; about 10 MB.</summary>
    [Range(1, int.MaxValue)]
    public int MaxUnrecorded { get; set; } = 20000;

    /// <summary>
    /// Attempts of a message that Meta may refuse for the moment; with the last of them it is refused for good. Default 12. Attempts that Meta did not get, and those
    /// refused for their rate only, do not count.
    /// </summary>
    [Range(1, int.MaxValue)]
    public int MaxAttempts { get; set; } = 12;

    /// <summary>
    /// With sends by way of a queue: how long after its moment a message may be without word from whoever sends it, in seconds. Default 30: more than an answer of Meta may take.
    /// Then it is released anew, if provably nobody has sent it, or uncertain. Shorter makes slow answers uncertain for a while.
    /// </summary>
    [Range(1, 86_400)]
    public int OutcomeWithinSeconds { get; set; } = 30;
}

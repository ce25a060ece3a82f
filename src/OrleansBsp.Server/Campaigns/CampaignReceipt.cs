using OrleansBsp.Core.Messages;

namespace OrleansBsp.Server.Campaigns;

/// <summary>A status of one message of a campaign, as it travels from the inbox to its owner.</summary>
/// <param name="TokenKey">The key of the token, or null if the message was found by its wamid.</param>
[GenerateSerializer, Immutable, Alias("CampaignReceipt")]
public sealed record CampaignReceipt(
    [property: Id(0)] int Position,
    [property: Id(1)] int? TokenKey,
    [property: Id(2)] MessageStatus Status,
    [property: Id(3)] string Wamid,
    [property: Id(4)] DateTimeOffset At,
    [property: Id(5)] int? ErrorCode,
    [property: Id(6)] string? ErrorDetail);

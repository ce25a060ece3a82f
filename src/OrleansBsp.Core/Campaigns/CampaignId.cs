using System.Globalization;

namespace OrleansBsp.Core.Campaigns;

/// <summary>Identifies a campaign. A string in the API.</summary>
public readonly record struct CampaignId(long Value)
{
    /// <summary>Null if <paramref name="text"/> is not a positive number.</summary>
    public static CampaignId? ParseOrNull(string? text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value > 0 ? new CampaignId(value) : null;

    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}

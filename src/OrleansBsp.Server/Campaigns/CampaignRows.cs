using OrleansBsp.Core.Campaigns;
using OrleansBsp.Core.Messages;

namespace OrleansBsp.Server.Campaigns;

/// <summary>The owned row of a campaign as stored. A class with setters because Dapper fills it by name.</summary>
public sealed class CampaignRunRow
{
    public string State { get; set; } = "";
    public string? StateReason { get; set; }
    public DateTime Month { get; set; }
    public int Planned { get; set; }
    public int ReleasedThrough { get; set; }
    public int RecordedThrough { get; set; }
    public int Retrying { get; set; }
    public int AcceptedOnly { get; set; }
    public int Held { get; set; }
    public int Sent { get; set; }
    public int Delivered { get; set; }
    public int Read { get; set; }
    public int Failed { get; set; }
    public int Refused { get; set; }
    public int Skipped { get; set; }
    public int Expired { get; set; }
    public int Cancelled { get; set; }
    public int Uncertain { get; set; }
    public int Unknown { get; set; }
    public DateTime? StartAt { get; set; }
    public DateTime? StartBefore { get; set; }
    public DateTime? LaunchedAt { get; set; }
    public DateTime? StartedAt { get; set; }
    public DateTime? EndedAt { get; set; }
    public string? Owner { get; set; }
    public long Epoch { get; set; }

    public CampaignState CampaignState => Enum.Parse<CampaignState>(State, ignoreCase: true);

    public MessageCounts Counts() => new()
    {
        [MessageState.Retrying] = Retrying, [MessageState.Accepted] = AcceptedOnly, [MessageState.Held] = Held, [MessageState.Sent] = Sent,
        [MessageState.Delivered] = Delivered, [MessageState.Read] = Read, [MessageState.Failed] = Failed, [MessageState.Refused] = Refused,
        [MessageState.Skipped] = Skipped, [MessageState.Expired] = Expired, [MessageState.Cancelled] = Cancelled,
        [MessageState.Uncertain] = Uncertain, [MessageState.Unknown] = Unknown,
    };

    public Books Books() => new()
    {
        Planned = Planned, ReleasedThrough = ReleasedThrough, IsCancelled = CampaignState == CampaignState.Cancelled, Counts = Counts(),
    };
}

/// <summary>What was asked of a campaign. A class with setters because Dapper fills it by name.</summary>
public sealed class CampaignDefinition
{
    public long Id { get; set; }
    public string Name { get; set; } = "";
    public string PhoneNumberId { get; set; } = "";
    public string WabaId { get; set; } = "";
    public byte[] AccessToken { get; set; } = [];
    public string TemplateName { get; set; } = "";
    public string TemplateLanguage { get; set; } = "";

    /// <summary>The template as frozen at launch; null in a draft.</summary>
    public string? Template { get; set; }

    public string Category { get; set; } = "";
    public string Parameters { get; set; } = "{}";
    public string DefaultCountry { get; set; } = "";
    public int? MaxPerSecond { get; set; }
    public bool ResendUncertain { get; set; }
    public int TokenKey { get; set; }
    public long? AudienceId { get; set; }
    public string[]? Columns { get; set; }
    public DateTime CreatedAt { get; set; }

    public bool IsMarketing => string.Equals(Category, "MARKETING", StringComparison.OrdinalIgnoreCase);
}

/// <summary>One row of an audience.</summary>
internal sealed record RecipientRow(int Position, long Phone, string[] Values);

/// <summary>A message whose timer has run out.</summary>
internal sealed record DueRow(int Position, PendingKind Kind, short Attempt, long Phone, string[] Values, string OptedOut);

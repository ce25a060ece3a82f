using System.Text.Json.Nodes;

namespace OrleansBsp.Simulator.Accounts;

/// <summary>One language of one message template.</summary>
public sealed class Template
{
    /// <summary>Decimal digits; text in API answers, an integer in webhooks.</summary>
    public required string Id { get; init; }

    public required Waba Waba { get; init; }

    public required string Name { get; init; }

    public required string Language { get; init; }

    /// <summary>MARKETING, UTILITY or AUTHENTICATION.</summary>
    public required string Category { get; set; }

    /// <summary>Only APPROVED can be sent (reference 4.6).</summary>
    public required string Status { get; set; }

    /// <summary>POSITIONAL or NAMED.</summary>
    public required string ParameterFormat { get; init; }

    public string QualityScore { get; set; } = "GREEN";

    public string RejectedReason { get; set; } = "NONE";

    /// <summary>Dense ordinal by which the ledger refers to the template.</summary>
    internal int Index { get; init; }

    /// <summary>The definition, replaced as a whole by an edit.</summary>
    public JsonArray Components { get; internal set; } = [];

    /// <summary>What a send must supply, compiled from <see cref="Components"/>.</summary>
    internal TemplateShape Shape { get; set; } = TemplateShape.Empty;

    /// <summary>Pacing: after this many accepted messages the rest is held for quality assessment. Null: not paced.</summary>
    public int? HoldAfter { get; set; }

    internal int AcceptedForPacing;
}

using System.Text.Json;

namespace OrleansBsp.Core.Templates;

/// <summary>A template as Meta stores it, read for sending: which parts it has and which parameters they take.</summary>
public sealed record TemplateDefinition
{
    public required string Name { get; init; }

    /// <summary>Meta's language code, case-sensitive: <c>en</c> and <c>en_US</c> are different templates (132001).</summary>
    public required string Language { get; init; }

    public required TemplateCategory Category { get; init; }

    /// <summary>Meta's status in upper case, such as <c>APPROVED</c> or <c>PAUSED</c> (reference 4.6).</summary>
    public required string Status { get; init; }

    public required ParameterFormat Format { get; init; }

    /// <summary>Header, body and buttons of the message itself.</summary>
    public required TemplateParts Message { get; init; }

    /// <summary>Null if there is none.</summary>
    public required string? Footer { get; init; }

    /// <summary>Null if the template is none.</summary>
    public required LimitedTimeOffer? Offer { get; init; }

    /// <summary>Null if the template has no carousel.</summary>
    public required IReadOnlyList<TemplateParts>? Cards { get; init; }

    /// <summary>Why the template cannot be sent by this product; empty for nearly all. Its status is a matter apart.</summary>
    public required IReadOnlyList<TemplateProblem> Problems { get; init; }

    public bool IsApproved => Status == "APPROVED";

    /// <summary>
    /// Product cards may be fewer or more at send time (2–10) than in the template; media cards must be as many
    /// (reference 1.8).
    /// </summary>
    public bool HasProductCards => Cards is [{ Header.Format: HeaderFormat.Product }, ..];

    /// <summary>
    /// Reads a template. Never throws and always returns a definition: what cannot be sent is listed in
    /// <see cref="Problems"/>. Enum values are read without regard to case (reference 4.2).
    /// </summary>
    /// <param name="parameterFormat"><c>POSITIONAL</c>, <c>NAMED</c>, or null, which is guessed from the text.</param>
    /// <param name="components">The <c>components</c> array from Meta's API.</param>
    public static TemplateDefinition Parse(
        string name, string language, string category, string status, string? parameterFormat, JsonElement components) =>
        new TemplateReader(name, language, category, status, parameterFormat).Read(components);
}

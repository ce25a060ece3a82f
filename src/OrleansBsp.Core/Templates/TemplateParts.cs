namespace OrleansBsp.Core.Templates;

/// <summary>The header of a message or of a carousel card.</summary>
/// <param name="Text">The text of a <see cref="HeaderFormat.Text"/> header, else null.</param>
public sealed record TemplateHeader(HeaderFormat Format, TemplateText? Text)
{
    public static TemplateHeader None { get; } = new(HeaderFormat.None, null);

    /// <summary>Media must be given on every send: the sample from the template's creation is not reused (reference 1.8).</summary>
    public bool IsMedia => Format is HeaderFormat.Image or HeaderFormat.Video or HeaderFormat.Document;
}

/// <summary>One button of a template.</summary>
/// <param name="Index">Zero-based place in the <c>buttons</c> array: quick replies count too (reference 1.8).</param>
/// <param name="Label">What the user reads on it; empty where Meta fixes the label.</param>
/// <param name="Url">Of a URL or OTP button, with its <c>{{1}}</c>; else null.</param>
public sealed record TemplateButton(int Index, ButtonKind Kind, string Label, string? Url, ParameterNeed Need);

/// <summary>What a message and a carousel card have in common.</summary>
/// <param name="Body">Null if there is none, which only a card may do.</param>
/// <param name="BodyLimit">
/// Characters that the body may have after substitution: 1024, 600 beside a limited-time offer, 160 on a card or
/// with an SPM button (reference 4.3; longer is 132005).
/// </param>
public sealed record TemplateParts(TemplateHeader Header, TemplateText? Body, int BodyLimit, IReadOnlyList<TemplateButton> Buttons);

/// <summary>The count-down of a limited-time offer. Without expiration the offer takes no parameter (reference 4.3).</summary>
public sealed record LimitedTimeOffer(string Text, bool HasExpiration);

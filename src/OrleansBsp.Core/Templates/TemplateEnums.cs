namespace OrleansBsp.Core.Templates;

/// <summary>How variables are written: <c>{{1}}</c> or <c>{{first_name}}</c>. Meta's <c>parameter_format</c>, reference 4.2.</summary>
public enum ParameterFormat
{
    Positional,
    Named,
}

/// <summary>Meta's template categories, reference 4.5.</summary>
public enum TemplateCategory
{
    Marketing,
    Utility,
    Authentication,

    /// <summary>A category Meta added after this was written. The template can still be sent.</summary>
    Other,
}

/// <summary>What stands above the body, reference 4.3.</summary>
public enum HeaderFormat
{
    None,
    Text,
    Image,
    Video,
    Document,
    Location,
    Product,

    /// <summary>Only the Marketing Messages API takes it (reference 1.8), so a template with it gets a <see cref="TemplateProblem"/>.</summary>
    Gif,

    /// <summary>A format this version does not know; the template has a <see cref="TemplateProblem"/>.</summary>
    Unknown,
}

/// <summary>Button types, reference 4.3.</summary>
public enum ButtonKind
{
    QuickReply,
    Url,
    PhoneNumber,
    CopyCode,
    Flow,
    Catalog,

    /// <summary>Multi-product message: sections of products are chosen at send time.</summary>
    Mpm,

    /// <summary>Single-product message; the product itself stands in the header.</summary>
    Spm,

    /// <summary>One-time passcode. Created as <c>OTP</c>, stored by Meta as <c>URL</c> (reference 4.3).</summary>
    Otp,
    VoiceCall,
    RequestContactInfo,

    /// <summary>A type this version does not know; the template has a <see cref="TemplateProblem"/>.</summary>
    Unknown,
}

/// <summary>Whether a button takes a parameter when the template is sent.</summary>
public enum ParameterNeed
{
    /// <summary>A binding for it is an error.</summary>
    None,

    /// <summary>Meta fills in a default without one.</summary>
    Optional,

    /// <summary>Meta refuses the send without one (132000, 132012).</summary>
    Required,
}

namespace OrleansBsp.Core.Templates;

/// <summary>
/// Why a template cannot be sent by this product, although Meta may well have approved it. A value rather than an
/// exception: one exotic template must not stop the sync of the other 249.
/// </summary>
/// <param name="Pointer">RFC 6901 pointer into the template's <c>components</c> array; empty for the template as a whole.</param>
/// <param name="Code">Stable, in kebab case, for programs.</param>
/// <param name="Message">What is wrong, with the value, and what to do; for people.</param>
public sealed record TemplateProblem(string Pointer, string Code, string Message);

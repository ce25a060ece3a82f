namespace OrleansBsp.Core.Templates;

/// <summary>Something wrong with a campaign's <c>parameters</c>; becomes one entry of <c>errors</c> in the 400.</summary>
/// <param name="Pointer">RFC 6901 pointer relative to the parameters object, such as <c>/body/2</c>.</param>
/// <param name="Code">One of <see cref="BindingErrorCodes"/>.</param>
/// <param name="Message">What was wrong, with the value, and what to do.</param>
public sealed record BindingError(string Pointer, string Code, string Message);

/// <summary>The codes of <see cref="BindingError"/>. Values refused by a rule use <see cref="ValueProblemCodes"/>.</summary>
public static class BindingErrorCodes
{
    /// <summary>A JSON value of the wrong kind, such as a string where a binding belongs.</summary>
    public const string WrongType = "wrong-type";

    /// <summary>Half of a surrogate pair somewhere in a key or value.</summary>
    public const string BadText = "bad-text";
    public const string UnknownKey = "unknown-key";
    public const string DuplicateKey = "duplicate-key";

    /// <summary>A binding with both or neither of <c>column</c> and <c>value</c>, or an empty one.</summary>
    public const string BadBinding = "bad-binding";

    /// <summary>A <c>{{</c> without its <c>}}</c>, or without a name.</summary>
    public const string BadPlaceholder = "bad-placeholder";

    /// <summary>A header media with both or neither of <c>link</c> and <c>mediaId</c>, or several kinds of header at once.</summary>
    public const string BadHeader = "bad-header";
    public const string BadButtonIndex = "bad-button-index";

    /// <summary>The template has the variable, the parameters do not bind it.</summary>
    public const string MissingBinding = "missing-binding";

    /// <summary>The parameters bind something that the template does not have.</summary>
    public const string UnknownVariable = "unknown-variable";

    /// <summary>An image for a video header and the like.</summary>
    public const string WrongHeader = "wrong-header";
    public const string CardCount = "card-count";
    public const string UnknownColumn = "unknown-column";

    /// <summary>Several columns match the name apart from case and spaces.</summary>
    public const string AmbiguousColumn = "ambiguous-column";

    /// <summary>The template itself cannot be sent; see <see cref="TemplateDefinition.Problems"/>.</summary>
    public const string TemplateNotSendable = "template-not-sendable";
}

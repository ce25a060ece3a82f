namespace OrleansBsp.Core.Templates;

/// <summary>A piece of a bound value: literal text, or a column's value. Exactly one of the two is not null.</summary>
public readonly record struct BindingPart(string? Literal, string? Column);

/// <summary>
/// Where one parameter's value comes from: a column with an optional fallback, or a constant that may hold
/// <c>{{column}}</c> placeholders.
/// </summary>
/// <param name="Pointer">Where it stands in the parameters object, RFC 6901.</param>
/// <param name="Fallback">
/// Used when the column is empty; null for none, and then the recipient is refused. A value with placeholders has none: a
/// link or a sentence with a hole in it is worse than no message.
/// </param>
public sealed record Binding(string Pointer, IReadOnlyList<BindingPart> Parts, string? Fallback)
{
    /// <summary>True if every recipient gets the same value.</summary>
    public bool IsConstant => Parts.All(part => part.Column is null);

    public IEnumerable<string> Columns => Parts.Where(part => part.Column is not null).Select(part => part.Column!);
}

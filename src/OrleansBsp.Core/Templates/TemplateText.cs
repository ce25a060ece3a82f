namespace OrleansBsp.Core.Templates;

/// <summary>One piece of a template's text: literal, or the place of a variable.</summary>
/// <param name="Text">The literal, or the variable as written, braces included.</param>
/// <param name="Variable">The variable's name or number; null for a literal.</param>
public readonly record struct TextPart(string Text, string? Variable);

/// <summary>A header or body text, cut at its variables (reference 4.3, 4.4).</summary>
public sealed record TemplateText
{
    private TemplateText(string text, IReadOnlyList<TextPart> parts, IReadOnlyList<string> variables)
    {
        Text = text;
        Parts = parts;
        Variables = variables;
    }

    /// <summary>The text as Meta stores it.</summary>
    public string Text { get; }

    public IReadOnlyList<TextPart> Parts { get; }

    /// <summary>
    /// Each variable once, in the order in which Meta wants the parameters: by number when positional, by first
    /// appearance when named (where the order does not matter).
    /// </summary>
    public IReadOnlyList<string> Variables { get; }

    /// <summary>Characters (UTF-16) of the text outside its variables.</summary>
    public int LiteralLength => Parts.Sum(part => part.Variable is null ? part.Text.Length : 0);

    /// <summary>
    /// Cuts <paramref name="text"/>. Braces that do not enclose a variable of this format stay literal text, as they do
    /// at Meta.
    /// </summary>
    public static TemplateText Parse(string text, ParameterFormat format)
    {
        var parts = new List<TextPart>();
        var variables = new List<string>();
        var literalFrom = 0;
        for (var at = 0; TryFindVariable(text, at, out var open, out var end);)
        {
            var name = text[(open + 2)..(end - 2)].Trim();
            at = end;
            if (!IsVariable(name, format))
            {
                continue;
            }

            if (open > literalFrom)
            {
                parts.Add(new TextPart(text[literalFrom..open], null));
            }

            parts.Add(new TextPart(text[open..end], name));
            literalFrom = end;
            if (!variables.Contains(name))
            {
                variables.Add(name);
            }
        }

        if (literalFrom < text.Length)
        {
            parts.Add(new TextPart(text[literalFrom..], null));
        }

        if (format == ParameterFormat.Positional)
        {
            variables.Sort((a, b) => int.Parse(a).CompareTo(int.Parse(b)));
        }

        return new TemplateText(text, parts, variables);
    }

    /// <summary>Guesses the format of a text whose template came without <c>parameter_format</c>; null if it has no variable.</summary>
    public static ParameterFormat? GuessFormat(string text)
    {
        if (!TryFindVariable(text, 0, out var open, out var end))
        {
            return null;
        }

        var name = text[(open + 2)..(end - 2)].Trim();
        return IsVariable(name, ParameterFormat.Positional) ? ParameterFormat.Positional : ParameterFormat.Named;
    }

    /// <summary>True if the numbers of a positional text are exactly 1…n, which the order of Meta's parameters relies on.</summary>
    public bool IsSequential()
    {
        for (var i = 0; i < Variables.Count; i++)
        {
            if (int.Parse(Variables[i]) != i + 1)
            {
                return false;
            }
        }

        return true;
    }

    private static bool TryFindVariable(string text, int from, out int open, out int end)
    {
        open = text.IndexOf("{{", from, StringComparison.Ordinal);
        var close = open < 0 ? -1 : text.IndexOf("}}", open + 2, StringComparison.Ordinal);
        end = close + 2;
        return close >= 0;
    }

    private static bool IsVariable(string name, ParameterFormat format) => format switch
    {
        // Three digits are plenty, and keep int.Parse from ever overflowing.
        ParameterFormat.Positional => name.Length is > 0 and <= 3 && !name.AsSpan().ContainsAnyExceptInRange('0', '9'),
        ParameterFormat.Named => name.Length > 0 && !name.Contains('{') && !name.Contains('}'),
    };
}

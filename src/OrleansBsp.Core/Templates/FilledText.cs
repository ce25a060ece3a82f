namespace OrleansBsp.Core.Templates;

/// <summary>A header or body text together with the slots that fill its variables. Immutable.</summary>
/// <param name="slots">Numbers of the slots, one per variable of <paramref name="text"/>, in its order.</param>
/// <param name="limit">Characters (UTF-16) after substitution; one more is Meta's 132005.</param>
internal sealed class FilledText(string pointer, string label, TemplateText text, int[] slots, int limit)
{
    private readonly int _literalLength = text.LiteralLength;

    /// <summary>Slot numbers in reading order: a variable that stands twice counts twice.</summary>
    private readonly int[] _places =
        [.. text.Parts.Where(part => part.Variable is not null).Select(part => slots[IndexOf(text.Variables, part.Variable!)])];

    public IReadOnlyList<int> Slots => slots;

    /// <param name="values">By slot number.</param>
    public RowProblem? CheckLength(ReadOnlySpan<string> values, Slot[] all)
    {
        var length = _literalLength;
        foreach (var place in _places)
        {
            length += values[place].Length;
        }

        return length <= limit ? null : TooLong(length, values, all);
    }

    /// <summary>The text as the recipient reads it. A value that is missing shows as its variable.</summary>
    public string Fill(ReadOnlySpan<string> values)
    {
        var pieces = new string[text.Parts.Count];
        for (int i = 0, place = 0; i < pieces.Length; i++)
        {
            var part = text.Parts[i];
            var value = part.Variable is null ? part.Text : values[_places[place++]];
            pieces[i] = value.Length > 0 ? value : part.Text;
        }

        return string.Concat(pieces);
    }

    private RowProblem TooLong(int length, ReadOnlySpan<string> values, Slot[] all)
    {
        var longest = _places[0];
        foreach (var place in _places)
        {
            longest = values[place].Length > values[longest].Length ? place : longest;
        }

        var slot = all[longest];
        var from = slot.Column is { } column ? $"column \"{column}\"" : $"the value of {slot.Pointer}";
        return new RowProblem(
            pointer, ValueProblemCodes.TooLong, slot.Column, values[longest],
            $"{label} has {length} characters with these values; Meta takes {limit}. Longest is {from} with {values[longest].Length}: \"{BindingReader.Shorten(values[longest])}\". Shorten it.");
    }

    private static int IndexOf(IReadOnlyList<string> variables, string variable)
    {
        for (var i = 0; i < variables.Count; i++)
        {
            if (variables[i] == variable)
            {
                return i;
            }
        }

        throw new ArgumentException($"The text has no variable {variable}.", nameof(variable));
    }
}

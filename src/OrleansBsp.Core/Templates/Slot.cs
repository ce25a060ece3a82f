namespace OrleansBsp.Core.Templates;

/// <summary>A piece of a bound value with its column resolved to a position in the row. Immutable.</summary>
/// <param name="Index">Position in the row; -1 for a literal, or if the columns are not known yet.</param>
internal readonly record struct SlotPart(string? Literal, string? Column, int Index);

/// <summary>
/// One place in the message that a value goes to: its source, its rule and how to name it in a complaint. Immutable, so
/// any number of threads may render at once.
/// </summary>
/// <param name="label">Begins a sentence, such as <c>Body variable {{1}}</c>.</param>
/// <param name="maxLength">Of the value itself; limits of a whole text are <see cref="FilledText"/>'s.</param>
internal sealed class Slot(string pointer, string label, ValueRule rule, int maxLength, SlotPart[] parts, string? fallback)
{
    // Nearly every binding is one column; this spares it the loop and the concatenation.
    private readonly int _onlyColumn = parts is [{ Column: not null }] ? parts[0].Index : -1;

    public string Pointer => pointer;

    /// <summary>The single column the value comes from; null for constants and values with several parts.</summary>
    public string? Column => parts is [{ Column: not null }] ? parts[0].Column : null;

    /// <summary>Positions in the row that the value is made of.</summary>
    public IEnumerable<int> ColumnIndexes => parts.Where(part => part.Index >= 0).Select(part => part.Index);

    /// <summary>The value if it is the same for all rows; set once by <see cref="TryFix"/> while planning.</summary>
    public string? Constant { get; private set; }

    /// <summary>Checks what can be checked without a row: a constant, or the fallback.</summary>
    /// <returns>Null if all is well.</returns>
    public BindingError? TryFix()
    {
        if (parts.All(part => part.Column is null))
        {
            var text = ParameterText.Clean(string.Concat(parts.Select(part => part.Literal)));
            if (ValueRules.Apply(rule, text, maxLength, out var value) is { } problem)
            {
                return new BindingError(pointer, problem.Code, $"{label}: \"{BindingReader.Shorten(text)}\" {problem.Complaint}");
            }

            Constant = value;
        }
        else if (fallback is not null && ValueRules.Apply(rule, fallback, maxLength, out _) is { } wrong)
        {
            return new BindingError($"{pointer}/fallback", wrong.Code, $"{label}: the fallback \"{BindingReader.Shorten(fallback)}\" {wrong.Complaint}");
        }

        return null;
    }

    /// <summary>The value of this row as it will be sent.</summary>
    /// <param name="value">Empty after a problem with an empty value, else the value refused.</param>
    public RowProblem? Evaluate(ReadOnlySpan<string> row, out string value)
    {
        if (Constant is not null)
        {
            value = Constant;
            return null;
        }

        var emptyColumn = Column;
        value = _onlyColumn >= 0 ? ParameterText.Clean(Cell(row, _onlyColumn)) : Concatenate(row, out emptyColumn);
        if (value.Length == 0)
        {
            if (fallback is null)
            {
                var remedy = Column is null ? "bind the column alone, with a fallback" : "give the binding a fallback";
                return new RowProblem(
                    pointer, ValueProblemCodes.Empty, emptyColumn, "",
                    $"{label}: column \"{emptyColumn}\" is empty and there is no fallback. Fill it in, or {remedy}.");
            }

            value = fallback;
        }

        var cleaned = value;
        return ValueRules.Apply(rule, cleaned, maxLength, out value) is { } problem
            ? new RowProblem(
                pointer, problem.Code, Column, cleaned,
                $"{label}: \"{BindingReader.Shorten(cleaned)}\"{Origin()} {problem.Complaint}")
            : null;
    }

    /// <returns>Empty if one of the columns is, which <paramref name="emptyColumn"/> then names.</returns>
    private string Concatenate(ReadOnlySpan<string> row, out string? emptyColumn)
    {
        var pieces = new string[parts.Length];
        for (var i = 0; i < parts.Length; i++)
        {
            pieces[i] = parts[i].Literal ?? ParameterText.Clean(Cell(row, parts[i].Index));
            if (pieces[i].Length == 0)
            {
                emptyColumn = parts[i].Column;
                return "";
            }
        }

        emptyColumn = null;
        return ParameterText.Clean(string.Concat(pieces));
    }

    private string Origin() => Column is { } column ? $" (column \"{column}\")" : "";

    /// <summary>A short row ends in empty cells, as a CSV line may.</summary>
    private static string? Cell(ReadOnlySpan<string> row, int index) => (uint)index < (uint)row.Length ? row[index] : null;
}

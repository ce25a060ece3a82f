namespace OrleansBsp.Core.Templates;

/// <summary>
/// Finds an audience's columns by name. People type "First name" for a column headed "FirstName ", so case and white
/// space do not count, unless the exact name exists.
/// </summary>
public sealed class ColumnNames
{
    public const int NotFound = -1;

    /// <summary>Two or more columns match and none exactly.</summary>
    public const int Ambiguous = -2;

    private readonly Dictionary<string, int> _exact = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _loose = new(StringComparer.Ordinal);

    public ColumnNames(IReadOnlyList<string> columns)
    {
        Columns = columns;
        for (var i = 0; i < columns.Count; i++)
        {
            _exact.TryAdd(columns[i], i);
            if (!_loose.TryAdd(Loose(columns[i]), i))
            {
                _loose[Loose(columns[i])] = Ambiguous;
            }
        }
    }

    public IReadOnlyList<string> Columns { get; }

    /// <returns>The column's position, <see cref="NotFound"/> or <see cref="Ambiguous"/>.</returns>
    public int Find(string name) =>
        _exact.TryGetValue(name, out var exact) ? exact
        : _loose.TryGetValue(Loose(name), out var loose) ? loose
        : NotFound;

    /// <summary>The columns for people to choose from; a very wide file is cut short.</summary>
    public string ListForMessage()
    {
        const int most = 30;
        var list = string.Join(", ", Columns.Take(most).Select(column => $"\"{column}\""));
        return Columns.Count switch
        {
            0 => "none",
            <= most => list,
            _ => $"{list} and {Columns.Count - most} more",
        };
    }

    private static string Loose(string name)
    {
        var kept = new char[name.Length];
        var length = 0;
        foreach (var c in name)
        {
            if (!char.IsWhiteSpace(c) && c != '\uFEFF')
            {
                kept[length++] = char.ToLowerInvariant(c);
            }
        }

        return new string(kept, 0, length);
    }
}

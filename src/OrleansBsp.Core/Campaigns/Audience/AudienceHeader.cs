using System.Text;

namespace OrleansBsp.Core.Campaigns.Audience;

/// <summary>The header row of an audience file: which column holds the phone number, and what the others are called.</summary>
/// <param name="Names">All columns in the file's order, trimmed.</param>
/// <param name="PhoneIndex">The place of the phone column in <paramref name="Names"/>, from 0.</param>
/// <param name="Columns">Every column but the phone column, in the file's order: what template variables can be bound to.</param>
public sealed record AudienceHeader(IReadOnlyList<string> Names, int PhoneIndex, IReadOnlyList<string> Columns)
{
    /// <summary>The name of the phone column as the file has it.</summary>
    public string PhoneName => Names[PhoneIndex];

    /// <summary>
    /// How names are compared: without regard to case, spaces of any kind and invisible characters ("Phone Number" is "phonenumber").
    /// </summary>
    public static string Key(string name)
    {
        var key = new StringBuilder(name.Length);
        foreach (var c in name)
            if (!char.IsWhiteSpace(c) && char.GetUnicodeCategory(c) != System.Globalization.UnicodeCategory.Format) key.Append(char.ToLowerInvariant(c));
        return key.ToString();
    }

    /// <summary>Reads the header, or says everything that is wrong with it at once.</summary>
    /// <param name="fields">The first row of the file.</param>
    /// <param name="phoneColumn">The column that holds the phone number, in any case and spacing.</param>
    /// <param name="maxColumns">More columns than this are refused.</param>
    /// <returns>The header and no problem, or null and at least one problem.</returns>
    public static (AudienceHeader? Header, IReadOnlyList<AudienceProblem> Problems) Read(IReadOnlyList<string> fields, string phoneColumn, int maxColumns)
    {
        if (fields.Count > maxColumns)
            return (null, [new AudienceProblem("too_many_columns", $"The header has {fields.Count} columns; {maxColumns} are allowed. Remove the columns that the template does not use.")]);

        var names = fields.Select(field => field.Trim()).ToArray();
        var problems = new List<AudienceProblem>();
        var places = new Dictionary<string, int>();
        for (var i = 0; i < names.Length; i++)
        {
            var key = Key(names[i]);
            if (names[i].Any(c => c < ' ' && !char.IsWhiteSpace(c)))
                problems.Add(new AudienceProblem("column_name_control", $"The name of column {i + 1} has a control character (such as NUL) in it. Type it again.", Column: Printable(names[i])));
            else if (key.Length == 0)
                problems.Add(new AudienceProblem("empty_column_name", $"Column {i + 1} of {names.Length} has no name. Name it in the header or remove the column.", Column: ""));
            else if (!places.TryAdd(key, i))
                problems.Add(new AudienceProblem("duplicate_column",
                    $"Columns {places[key] + 1} and {i + 1} are both called \"{Short(names[i])}\" (case and spaces do not count). Rename one of them.", Column: Short(names[i])));
        }

        if (!places.TryGetValue(Key(phoneColumn), out var phone))
            problems.Add(new AudienceProblem("phone_column_missing", Missing(phoneColumn, names), Column: phoneColumn));
        if (problems.Count > 0) return (null, problems);
        return (new AudienceHeader(names, phone, names.Where((_, i) => i != phone).ToArray()), []);
    }

    private static string Missing(string phoneColumn, string[] names)
    {
        var found = string.Join(", ", names.Take(20).Select(name => $"\"{Short(name)}\"")) + (names.Length > 20 ? ", …" : "");
        var noHeader = names.Any(name => name.Count(char.IsDigit) >= 8)
            ? "The first row looks like data: the file needs a header row."
            : "Name the right column with phoneColumn, or rename the column in the file.";
        return $"There is no column \"{phoneColumn}\". The file has {found}. {noHeader}";
    }

    private static string Short(string name) => Printable(name.Length <= 60 ? name : name[..60] + "…");

    private static string Printable(string name) => name.Replace('\0', '\u2400');
}

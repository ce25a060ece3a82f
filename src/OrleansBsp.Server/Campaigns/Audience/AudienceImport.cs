using OrleansBsp.Core.Campaigns.Audience;

namespace OrleansBsp.Server.Campaigns.Audience;

/// <summary>How an upload ended: the audience was replaced as a whole, or nothing changed.</summary>
public abstract record AudienceImport
{
    private AudienceImport()
    {
    }

    /// <summary>One answer per way it can end; C# does not see that the hierarchy is closed, this method does.</summary>
    public T Match<T>(Func<AudienceSummary, T> imported, Func<Refused, T> refused) => this switch
    {
        Imported done => imported(done.Summary),
        Refused no => refused(no),
        _ => throw new InvalidOperationException($"{GetType()} is no way for an import to end."),
    };

    /// <summary>Committed. Rows may have been rejected, even all of them: the summary counts them and the rejects file says why.</summary>
    public sealed record Imported(AudienceSummary Summary) : AudienceImport;

    /// <summary>The file as a whole cannot be used; the campaign keeps the audience that it had.</summary>
    /// <param name="Status">The HTTP status, 400 to 499.</param>
    public sealed record Refused(int Status, string Title, string Detail, IReadOnlyList<AudienceProblem> Errors) : AudienceImport;
}

/// <summary>What was imported.</summary>
/// <param name="Rows">Data rows of the file, without header and blank lines: accepted + duplicates + invalid.</param>
/// <param name="Delimiter">The character itself: comma, semicolon, tab or vertical bar.</param>
/// <param name="PhoneColumn">The phone column's name as the file has it.</param>
/// <param name="Columns">Every other column in the file's order: what template variables can be bound to.</param>
/// <param name="Sample">The first five accepted rows.</param>
public sealed record AudienceSummary(
    long AudienceId,
    int Rows,
    int Accepted,
    int Duplicates,
    int Invalid,
    string Encoding,
    string Delimiter,
    string PhoneColumn,
    IReadOnlyList<string> Columns,
    IReadOnlyList<AudienceSample> Sample);

/// <summary>One accepted row to look at.</summary>
/// <param name="Phone">E.164 with its plus.</param>
/// <param name="Values">By column name.</param>
public sealed record AudienceSample(int Position, string Phone, IReadOnlyDictionary<string, string> Values);

namespace OrleansBsp.Server.Campaigns.Audience;

/// <summary>Some rows on their way from the reader to the database. Filled by one task, then handed over and not touched again.</summary>
internal sealed class AudienceBatch
{
    // Small enough that three of them are a few megabytes even when every row is long, large enough that a COPY costs little per row.
    private const int MaxRows = 4_000;
    private const int MaxWeight = 4_000_000;
    private int _weight;

    public List<AcceptedRow> Accepted { get; } = [];

    public List<RejectedRow> Rejected { get; } = [];

    public bool IsFull => Accepted.Count + Rejected.Count >= MaxRows || _weight >= MaxWeight;

    public bool IsEmpty => Accepted.Count + Rejected.Count == 0;

    /// <param name="weight">About the bytes of memory that the row takes.</param>
    public void Add(AcceptedRow row, int weight)
    {
        Accepted.Add(row);
        _weight += weight;
    }

    /// <inheritdoc cref="Add(AcceptedRow, int)"/>
    public void Add(RejectedRow row, int weight)
    {
        Rejected.Add(row);
        _weight += weight;
    }
}

/// <param name="Position">From 1, without gaps, in the file's order.</param>
internal readonly record struct AcceptedRow(int Position, long Phone, string[] Values);

/// <param name="Number">The row, where 1 is the first one after the header; 0 is the header itself.</param>
/// <param name="Fields">The row as it came.</param>
internal readonly record struct RejectedRow(int Number, string Column, string Value, string Code, string Message, string[] Fields);

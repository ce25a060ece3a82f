namespace OrleansBsp.Load.Rig;

/// <summary>Which part of the platform a statement belongs to, by words that only that part's statements have.</summary>
internal static class StatementKinds
{
    // The first that fits.
    private static readonly (string Kind, string[] Words)[] Kinds =
    [
        ("membership", ["orleans_silo", "orleans_cluster", "orleansquery"]),
        ("directory", ["grain_location"]),
        ("grain state", ["orleans_state"]),
        ("process register", ["into process ", "from process "]),
        ("clock of the database", ["select clock_timestamp()"]),
        ("backlog meters", ["from inbox_head h join inbox_cursor", "from pending p join campaign_run", "from conversation_pending group by"]),
        ("supervisor", ["distinct conversation_id from conversation_pending", "select campaign_id from campaign_run where state"]),
        ("rights to send", ["grants_until", "grants_from"]),
        ("inbox", ["inbox"]),
        ("conversations", ["conversation"]),
        ("claims", ["send_claim"]),
        ("campaigns", ["campaign", "message", "pending", "recipient", "attempt"]),
        ("events", ["event"]),
    ];

    /// <summary>All kinds there can be.</summary>
    public static IEnumerable<string> All => [.. Kinds.Select(kind => kind.Kind), Others];

    private const string Others = "others";

    /// <summary>Null: it is this tool's own, or only frames a transaction.</summary>
    public static string? OfOrNull(string statement)
    {
        var text = statement.TrimStart();
        if (Begins("begin") || Begins("commit") || Begins("rollback") || Has("pg_stat") || Has("pg_current") || Has("coalesce(sum(planned)")) return null;
        return Kinds.FirstOrDefault(kind => kind.Words.Any(Has)).Kind ?? Others;

        bool Begins(string word) => text.StartsWith(word, StringComparison.OrdinalIgnoreCase);
        bool Has(string word) => text.Contains(word, StringComparison.OrdinalIgnoreCase);
    }
}

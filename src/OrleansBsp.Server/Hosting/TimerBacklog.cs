using Dapper;
using Npgsql;
using OrleansBsp.Server.Campaigns;

namespace OrleansBsp.Server.Hosting;

/// <summary>Messages of one kind that wait for their time.</summary>
/// <param name="Of">Whose they are: <c>campaign</c> or <c>single</c>.</param>
/// <param name="OverdueSeconds">How long the oldest of them should have gone on already; 0: none.</param>
internal sealed record TimerBacklog(string Of, PendingKind Kind, long Waiting, double OverdueSeconds)
{
    private static readonly string[] Owners = ["campaign", "single"];
    private static readonly PendingKind[] Kinds = Enum.GetValues<PendingKind>();

    /// <returns>Every kind; one of which nothing waits is 0, not missing: alarms compare.</returns>
    public static async Task<IReadOnlyList<TimerBacklog>> ReadAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        var rows = (await connection.QueryAsync<(string Of, short Kind, long Waiting, double Overdue)>(
            new(BacklogSql.Timers, new { retryKind = (short)PendingKind.Retry }, cancellationToken: cancel))).ToDictionary(row => (row.Of, (PendingKind)row.Kind));
        return [.. from of in Owners from kind in Kinds select rows.TryGetValue((of, kind), out var row) ? new TimerBacklog(of, kind, row.Waiting, Math.Max(0, row.Overdue)) : new TimerBacklog(of, kind, 0, 0)];
    }
}

using Dapper;
using Npgsql;
using OrleansBsp.Core.Campaigns;
using OrleansBsp.Core.Messages;
using OrleansBsp.Server.Campaigns;
using OrleansBsp.Server.Meta;
using OrleansBsp.Server.Storage;
using OrleansBsp.Server.Tests.Cluster;
using OrleansBsp.Server.Tests.Storage;

namespace OrleansBsp.Server.Tests.Campaigns.Ownership;

/// <summary>A running campaign in a database of its own, and what an activation of it would hold.</summary>
internal sealed class OwnedCampaign : IAsyncDisposable
{
    public const int MostRefusals = 12;

    public static readonly TimeSpan Window = TimeSpan.FromMinutes(10);

    /// <summary>The number is in maintenance.</summary>
    public static readonly SendOutcome RefusedForNow = new SendOutcome.Retry(TimeSpan.FromMinutes(1), new SendFault(131057, "test", null, MetaErrorTable.FindOrNull(131057)!));

    private readonly string _direct;

    private OwnedCampaign(string direct, Database database, long id) => (_direct, Database, Id) = (direct, database, id);

    public Database Database { get; }

    public long Id { get; }

    /// <param name="link">The way to the database, if not the direct one.</param>
    public static async Task<OwnedCampaign> StartAsync(int recipients, Func<string, string>? link = null)
    {
        var direct = await PostgresServer.CreateDatabaseAsync();
        var database = new Database(link?.Invoke(direct) ?? direct, new DatabaseOptions());
        await SampleAccount.AddAsync(database, new TokenCipher(new byte[32]));
        return new OwnedCampaign(direct, database, await SampleAccount.AddCampaignAsync(direct, recipients));
    }

    /// <summary>Takes the campaign as a new activation does.</summary>
    public async Task<(CampaignLedger Ledger, CampaignProgress Progress)> TakeAsync()
    {
        var store = new CampaignStore(Database);
        var epoch = await store.TakeAsync(new CampaignId(Id), "test", CancellationToken.None);
        var definition = (await store.FindDefinitionAsync(new CampaignId(Id), CancellationToken.None))!;
        var row = (await store.FindRunAsync(new CampaignId(Id), CancellationToken.None))!;
        return (new CampaignLedger(definition, epoch!.Value, row.Month, Database), new CampaignProgress(row));
    }

    /// <summary>Releases the next recipients. Null: not released.</summary>
    public async Task<int[]?> ReleaseAsync(CampaignLedger ledger, CampaignProgress progress, int count)
    {
        var from = progress.ReleasedThrough;
        RecipientRow[] next = [.. Enumerable.Range(from + 1, Math.Min(count, progress.Planned - from)).Select(position => new RecipientRow(position, 61491570000 + position, []))];
        if (next.Length == 0) return [];
        var skipped = await ledger.ReleaseAsync(from, next, CancellationToken.None);
        if (skipped is null) return null;
        progress.Released(next[^1].Position, skipped);
        return [.. next.Select(recipient => recipient.Position)];
    }

    public static Change Accepted(int position, int attempt = 1) => Ended(position, new SendOutcome.Accepted($"wamid.{position}", null, null, false), attempt);

    public static Change Ended(int position, SendOutcome outcome, int attempt = 1) =>
        new AttemptEnded(position, attempt, 61491570000 + position, outcome, DateTimeOffset.FromUnixTimeSeconds(1795334400 + position), MostRefusals);

    public static Change Seen(int position, MessageStatus status, int? code = null) =>
        new StatusSeen(new CampaignReceipt(position, null, status, $"wamid.{position}", DateTimeOffset.FromUnixTimeSeconds(1795334500 + position + (int)status), code, code is null ? null : "failed"));

    public async Task<CampaignRunRow> RowAsync() => (await new CampaignStore(Database).FindRunAsync(new CampaignId(Id), CancellationToken.None))!;

    /// <summary>Books without a fault, counters as the rows say, and the watermark below every open position.</summary>
    public async Task SoundAsync()
    {
        var row = await RowAsync();
        Assert.Null(row.Books().FindFault());
        var rows = await QueryAsync<(short State, int Count)>("select state, count(*)::int from message where campaign_id = @Id group by state");
        var counted = new MessageCounts();
        foreach (var (state, count) in rows) counted[(MessageState)state] = count;
        foreach (var state in MessageCounts.Counted) Assert.True(counted[state] == row.Counts()[state], $"{state}: {counted[state]} rows, counter {row.Counts()[state]}");
        Assert.Equal(0, (await QueryAsync<int>(
            "select count(*)::int from generate_series(1, (select recorded_through from campaign_run where campaign_id = @Id)) p where not exists (select from message m where m.campaign_id = @Id and m.position = p)")).Single());
    }

    public async Task<List<T>> QueryAsync<T>(string sql)
    {
        await using var connection = new NpgsqlConnection(_direct);
        return [.. await connection.QueryAsync<T>(sql, new { Id })];
    }

    public ValueTask DisposeAsync() => Database.DisposeAsync();
}

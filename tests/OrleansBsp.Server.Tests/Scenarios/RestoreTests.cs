using System.Diagnostics;
using System.Globalization;
using Npgsql;
using Xunit.Abstractions;

namespace OrleansBsp.Server.Tests.Scenarios;

/// <summary>The database is lost and restored to a point in the middle of a campaign: it has forgotten whom it wrote to since.</summary>
public class RestoreTests(ITestOutputHelper output) : ScenarioTests(output)
{
    private const int People = 5000;

    protected override Task<Stage> SetStageAsync() => Stage.SetAsync(ownPostgres: true);

    /// <summary>What the database is about to forget, and its queue is not.</summary>
    protected virtual Task BeforeTheLossAsync(string campaign) => Task.CompletedTask;

    protected virtual Task BeforeTheStartAsync() => Task.CompletedTask;

    protected virtual Task AfterTheStartAsync() => Task.CompletedTask;

    [Fact]
    public async Task After_a_restore_to_an_earlier_point_nobody_is_written_to_twice_and_the_rest_still_gets_it()
    {
        var campaign = await Stage.LaunchAsync(Audience.Of(200).RefusedOnce(131057, 3).Plain(People - 203), maxPerSecond: 150);
        await Stage.WaitForAcceptedAsync(400);
        await Stage.Server.KillAsync();
        await AdministerAsync("create database earlier template bsp");
        var since = Stopwatch.GetTimestamp();

        await Stage.Server.StartAgainAsync();
        await Stage.PassRetryTimeAsync(campaign.Id);
        await Stage.WaitForAcceptedAsync(900);
        await BeforeTheLossAsync(campaign.Id);
        Assert.StartsWith("A server of OrleansBsp is connected", await RefusedAfterRestoreAsync("60"), StringComparison.Ordinal);
        await Stage.Server.KillAsync();
        await AdministerAsync("drop database bsp with (force)");
        await AdministerAsync("alter database earlier rename to bsp");
        foreach (var wrong in (string[])["-5", "1.5", "an hour", ""]) Assert.StartsWith($"seconds is {wrong}.", await RefusedAfterRestoreAsync(wrong), StringComparison.Ordinal);
        await RunAfterRestoreAsync(((int)Math.Ceiling(Stopwatch.GetElapsedTime(since).TotalSeconds)).ToString(CultureInfo.InvariantCulture));
        var written = Stage.Meta.Ledger.Count;

        await BeforeTheStartAsync();
        await Stage.Server.StartAgainAsync();
        await AfterTheStartAsync();
        var view = await Wait.ForAnswerAsync(() => Stage.Api.CampaignAsync(campaign.Id), "the campaign is there");
        Assert.Equal("paused", view.State);
        Assert.StartsWith("The database was restored", view.StateReason, StringComparison.Ordinal);
        view = await Stage.WaitForAsync(campaign.Id, seen => seen.Books is { InFlight: 0, Retrying: 0, Uncertain: > 0 }, "whoever may have been written to is uncertain");
        Assert.True(view.Books.Balance, $"{view.Books}");
        await Stage.PassUncertainWindowAsync(campaign.Id);
        view = await Stage.WaitForAsync(campaign.Id, seen => seen.Books.Uncertain == 0, "no word has come of the others, and they are unknown");
        Assert.Equal(written, Stage.Meta.Ledger.Count);

        await Stage.Api.CommandAsync(campaign.Id, "resume");
        view = await Stage.WaitUntilCompletedAsync(campaign.Id);
        Tell($"{written} written to before the restore, {Stage.Meta.Ledger.Count} in all; {view.Books}");
        Assert.True(view.Books.Balance, $"{view.Books}");
        Assert.Equal(People, view.Books.Accepted + view.Books.Unknown);
        Assert.True(Stage.Meta.Ledger.Count > written, "Those who certainly had not been written to still get it.");
        Assert.All(Stage.LedgerOf(campaign.Id), messages => Assert.Single(messages));
        await Stage.CountersEqualRowsAsync(campaign.Id);
    }

    // As psql does, which puts what -v says in the place of :'seconds'.
    private async Task RunAfterRestoreAsync(string seconds)
    {
        var script = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "../../../../../docs/after-restore.sql"));
        await using var command = Stage.Database.CreateCommand(script.Replace(":'seconds'", $"'{seconds}'", StringComparison.Ordinal));
        await command.ExecuteNonQueryAsync();
    }

    private async Task<string> RefusedAfterRestoreAsync(string seconds) =>
        (await Assert.ThrowsAsync<PostgresException>(() => RunAfterRestoreAsync(seconds))).MessageText;

    // The killed server's sessions, and ours, are in the way for a moment.
    private Task AdministerAsync(string sql) => Wait.ForAnswerAsync(
        async () =>
        {
            Stage.Database.Clear();
            await using var admin = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(Stage.Postgres!.ConnectionString) { Database = "postgres", Pooling = false }.ConnectionString);
            await admin.OpenAsync();
            await using var command = new NpgsqlCommand(sql, admin);
            return await command.ExecuteNonQueryAsync();
        },
        sql);
}

using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Npgsql;
using OrleansBsp.Core.Messages;
using OrleansBsp.Server.Tests.Telemetry;
using Xunit.Abstractions;

namespace OrleansBsp.Server.Tests.Scenarios;

/// <summary>Scenarios with several silos: which of them has a campaign, and whether another goes on with it in time.</summary>
public abstract class SeveralSilosTests(ITestOutputHelper output) : ScenarioTests(output)
{
    /// <summary>At 500/s, of which each takes some milliseconds from the last look at the clock to the network's buffer on a busy machine.</summary>
    protected const int MostBeingWritten = 5;

    protected static readonly TimeSpan Takeover = TimeSpan.FromSeconds(10); // design 8

    protected async Task GoesOnAsync(string campaign, string what)
    {
        var (lost, accepted) = (Stopwatch.GetTimestamp(), Stage.Meta.Ledger.Count);
        var former = await OwnerAsync(campaign);
        await Wait.UntilAsync(() => OwnerAsync(campaign), owner => owner != former, "another silo owns the campaign");
        await Stage.WaitForAcceptedAsync(Math.Max(accepted, Stage.Meta.Ledger.Count) + 50);
        var took = Stopwatch.GetElapsedTime(lost);
        Tell($"sending again {took.TotalSeconds:0.0} s after its silo was {what}");
        Assert.InRange(took, TimeSpan.Zero, Takeover);
    }

    /// <summary>One silo after another is restarted in the middle of a campaign at 500/s.</summary>
    protected async Task RestartRollingAsync(int leastMean, TimeSpan longestGap)
    {
        const int Recipients = 30_000; // a minute: a slow machine restarts slowly
        await Stage.Api.ConfigureNumberAsync(Stage.Number1000, new { maxPerSecond = 500 });
        var campaign = await Stage.LaunchAsync(Audience.Of(Recipients));
        await Stage.WaitForAcceptedAsync(1000);
        foreach (var silo in Stage.Silos)
        {
            var left = (await Stage.Api.CampaignAsync(campaign.Id)).Books.NotReleased;
            Assert.True(left > 2000, $"Only {left} people were left: the campaign was all but over before the last silo was stopped.");
            await silo.StopAsync(); // exit code 0, within 25 s
            await NobodyWasLostAsync(Stage.Silos.Where(one => one != silo)); // as they count it since their own start
            await silo.StartAgainAsync();
            await Stage.WaitForAcceptedAsync(Math.Min(Stage.Meta.Ledger.Count + 500, Recipients));
        }

        await NobodyWasLostAsync(Stage.Silos);
        await Stage.WaitUntilCompletedAsync(campaign.Id);
        var books = (await Stage.ReckonAsync(campaign.Id)).Books;
        Assert.Equal((Recipients, 0, 0), (books.Accepted, books.Uncertain, books.Unknown));
        var (gap, mean) = (LongestGap(), Stage.MeanPerSecond());
        Tell($"longest gap between two sends: {gap.TotalSeconds:0.00} s; most in a second: {Stage.MostArrivedPerSecond(Stage.Number1000)}; mean {mean:0}/s");
        Assert.InRange(Stage.MostArrivedPerSecond(Stage.Number1000), 1, 500);
        Assert.InRange(mean, leastMean, 500);
        Assert.InRange(gap, TimeSpan.Zero, longestGap);
    }

    /// <summary>None of these silos has seen another die that had not said that it stops.</summary>
    private async Task NobodyWasLostAsync(IEnumerable<ServerProcess> silos)
    {
        foreach (var silo in silos) Assert.Equal(0, new Metrics(await Stage.Api.Http.GetStringAsync(new Uri(silo.Url, "metrics"))).Value("bsp_silos_lost_total"));
    }

    /// <summary>Six campaigns, of which each of three silos has two. Where one is placed is left to chance; once they are even nothing moves them.</summary>
    protected async Task<List<string>> LaunchEvenlyAsync(int people, int perSecond)
    {
        var campaigns = new List<string>();
        for (var number = 0; number < 6; number++) campaigns.Add((await Stage.LaunchAsync(Audience.Of(people, start: number), maxPerSecond: perSecond)).Id);
        await Wait.UntilAsync(() => ReadOwnersAsync(campaigns), now => now.GroupBy(owner => owner).All(group => group.Count() == 2), "three silos have two campaigns each");
        return campaigns;
    }

    protected async Task FinishAsync(string campaign, int accepted)
    {
        await Stage.WaitUntilCompletedAsync(campaign);
        Assert.Equal(accepted, (await Stage.ReckonAsync(campaign)).Books.Accepted);
    }

    protected TimeSpan LongestGap()
    {
        var arrivals = Stage.Meta.Ledger.Read().Select(record => record.ArrivalUnixMicros).Order().ToArray();
        return TimeSpan.FromMicroseconds(arrivals.Zip(arrivals.Skip(1), (one, next) => next - one).Max());
    }

    protected ServerProcess SiloOf(string owner) => Stage.Silos[IndexOf(owner)];

    protected static int IndexOf(string owner) => int.Parse(owner["silo-".Length..], CultureInfo.InvariantCulture);

    protected async Task<string> OwnerAsync(string campaign) => (await ReadOwnersAsync([campaign])).Single();

    protected async Task<List<string>> ReadOwnersAsync(IEnumerable<string> campaigns)
    {
        await using var command = Stage.Database.CreateCommand("select owner from campaign_run where campaign_id = any ($1) order by campaign_id");
        command.Parameters.Add(new NpgsqlParameter { Value = campaigns.Select(Stage.Id).ToArray() });
        await using var reader = await command.ExecuteReaderAsync();
        var owners = new List<string>();
        while (await reader.ReadAsync()) owners.Add(reader.GetString(0));
        return owners;
    }

    /// <summary>Positions that were released and of which nobody knows whether Meta took them.</summary>
    protected async Task<List<int>> UncertainAsync(string campaign)
    {
        await using var command = Stage.Database.CreateCommand("select position from message where campaign_id = $1 and state = $2");
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = Stage.Id(campaign) });
        command.Parameters.Add(new NpgsqlParameter<short> { TypedValue = (short)MessageState.Uncertain });
        await using var reader = await command.ExecuteReaderAsync();
        var positions = new List<int>();
        while (await reader.ReadAsync()) positions.Add(reader.GetInt32(0));
        return positions;
    }

    protected async Task<long> EpochAsync(string campaign)
    {
        await using var command = Stage.Database.CreateCommand("select epoch from campaign_run where campaign_id = $1");
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = Stage.Id(campaign) });
        return (long)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>Others have taken all that it owned: what nobody has taken yet is rightly its own still.</summary>
    protected Task NothingIsLeftToAsync(string silo) =>
        Wait.UntilAsync(() => Stage.Api.GetAsync<JsonNode>($"cluster/grains?owner={silo}&limit=100"), grains => grains["items"]!.AsArray().Count == 0, "others own all that was the silo's");

    /// <summary>Writes down from now on which silo changes rows of which tables.</summary>
    /// <remarks>Not of those that belong to no owner: a process tells that it is alive, and puts what Meta has said into the inbox.</remarks>
    protected async Task WatchChangesAsync()
    {
        await ExecuteAsync("create table change (silo text, what text)");
        await ExecuteAsync("""
            create function note_change() returns trigger language plpgsql as $f$
            begin
              insert into change values (substring(lower(current_setting('timezone')) from 'silo-\d+'), lower(tg_op) || ' ' || tg_table_name);
              return null;
            end $f$
            """);
        var tables = await ReadAsync("""
            select relname::text from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition
              and relname <> all ('{change, process, orleans_silo, orleans_cluster, inbox, inbox_head}')
            """);
        // One after another: locks on all of them at once would stand in the silos' way, and theirs in its.
        foreach (var table in tables)
            await ExecuteAsync($"create trigger note_change after insert or delete or update on {table} for each row execute function note_change()");
    }

    /// <summary>Since changes are watched the sleeper has made none; those of the silo that has its campaign now were seen.</summary>
    protected async Task HasChangedNothingAsync(string sleeper, string campaign)
    {
        Assert.NotEmpty(await ChangesAsync(await OwnerAsync(campaign)));
        Assert.Empty(await ChangesAsync(sleeper));

        Task<List<string>> ChangesAsync(string silo) => ReadAsync($"select what || ': ' || count(*) from change where silo = '{silo}' group by what");
    }

    private async Task ExecuteAsync(string statement)
    {
        await using var command = Stage.Database.CreateCommand(statement);
        await command.ExecuteNonQueryAsync();
    }

    private async Task<List<string>> ReadAsync(string query)
    {
        await using var command = Stage.Database.CreateCommand(query);
        await using var reader = await command.ExecuteReaderAsync();
        var texts = new List<string>();
        while (await reader.ReadAsync()) texts.Add(reader.GetString(0));
        return texts;
    }
}

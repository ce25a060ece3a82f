using System.Diagnostics;
using System.Globalization;
using Npgsql;
using OrleansBsp.Core.Messages;
using Xunit.Abstractions;

namespace OrleansBsp.Server.Tests.Scenarios;

/// <summary>Scenarios with several silos: which of them has a campaign, and whether another goes on with it in time.</summary>
public abstract class SeveralSilosTests(ITestOutputHelper output) : ScenarioTests(output)
{
    private static readonly TimeSpan Takeover = TimeSpan.FromSeconds(10); // design 8

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

    protected ServerProcess SiloOf(string owner) => Stage.Silos[IndexOf(owner)];

    protected static int IndexOf(string owner) => int.Parse(owner["silo-".Length..], CultureInfo.InvariantCulture);

    protected async Task<string> OwnerAsync(string campaign) => (await ReadOwnersAsync([campaign])).Single();

    protected async Task<List<string>> ReadOwnersAsync(IEnumerable<string> campaigns)
    {
        await using var command = Stage.Database.CreateCommand("select owner from campaign_run where campaign_id = any ($1)");
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
}

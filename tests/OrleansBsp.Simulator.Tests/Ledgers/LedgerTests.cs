using System.Text.Json.Nodes;
using OrleansBsp.Simulator.Fates;
using OrleansBsp.Simulator.Ledgers;

namespace OrleansBsp.Simulator.Tests.Ledgers;

public sealed class LedgerTests
{
    [Fact]
    public async Task It_tells_duplicates_final_states_and_refusals()
    {
        await using var rig = await Rig.StartAsync();
        await rig.SendAsync(Rig.Template("+61491570006", "a:1"));
        await rig.SendAsync(Rig.Template("+61491570006", "a:2"));
        await rig.SendAsync(Rig.Template("+61491570006", "b:1"), Rig.HighNumber);
        await rig.SendAsync(Rig.Template("+61400131026", "b:2"));
        await rig.SendAsync(Rig.Template("+61491570008", name: "nope"));
        await rig.DeliveredAsync();

        var summary = rig.Simulator.Ledger.Summarize();
        Assert.Equal((4, 3, 1), (summary.Accepted, summary.DistinctRecipients, summary.DuplicateRecipients));
        var duplicate = summary.Duplicates.Single();
        Assert.Equal((Rig.Number, "61491570006", 2), (duplicate.PhoneNumberId, duplicate.To, duplicate.Count));
        Assert.Equal(["a:1", "a:2"], duplicate.Tokens);
        Assert.Equal((3, 1), (summary.States[MessageState.Read], summary.States[MessageState.Failed]));
        Assert.Equal(1, summary.RefusedByCode[132001]);
        Assert.Equal(2, rig.Simulator.Ledger.Summarize(new LedgerFilter(TokenPrefix: "b:")).Accepted);
        Assert.Equal(0, rig.Simulator.Ledger.Summarize(new LedgerFilter(TokenPrefix: "b:")).DuplicateRecipients);
    }

    [Fact]
    public async Task It_streams_one_line_per_message()
    {
        await using var rig = await Rig.StartAsync();
        for (var i = 0; i < 7; i++)
        {
            await rig.SendAsync(Rig.Template($"+6149157000{i}", $"t{i}"));
        }

        var lines = (await rig.Client.GetStringAsync("/control/ledger?from=2&limit=4")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!).ToList();

        Assert.Equal(["t2", "t3", "t4", "t5"], lines.Select(line => (string?)line["token"]));
        Assert.All(lines, line => Assert.StartsWith("wamid.", (string)line["wamid"]!, StringComparison.Ordinal));
        Assert.True((long)lines[0]["arrivalMicros"]! < (long)lines[1]["arrivalMicros"]!);
        Assert.Equal(7, (int)(await rig.GetAsync("/control/ledger/summary"))["accepted"]!);
    }

    [Fact]
    public async Task Ids_are_unique_under_concurrency_and_lead_back_to_their_message()
    {
        await using var rig = await Rig.StartAsync(options => options.Limits = OrleansBsp.Simulator.Limits.LimitSettings.None);

        var ids = await Task.WhenAll(Enumerable.Range(0, 500).Select(async i => (string)(await rig.SendAsync(Rig.Template($"+6149157{i % 50:0000}", $"t{i}"))).Body["messages"]![0]!["id"]!));

        Assert.Equal(500, ids.Distinct().Count());
        Assert.Equal(500, rig.Simulator.Ledger.Read().Select(record => record.Token).Distinct().Count());
        Assert.All(ids, id => Assert.Equal(id, rig.Simulator.Ledger.Find(id)!.Wamid));
        Assert.Null(rig.Simulator.Ledger.Find("wamid.HBgLNjE0OTE1NzAwMDYVAgARGBI0NzNGNjkxMkJFNDlCNzVGNEYA"));
    }

    [Fact]
    public async Task The_parameters_hash_follows_the_parameters()
    {
        await using var rig = await Rig.StartAsync();
        foreach (var (to, discount) in new[] { ("1", "25%"), ("2", "25%"), ("3", "30%") })
        {
            await rig.SendAsync(Rig.Template("+6149157000" + to, name: "diwali_offer", components:
                $$"""[{"type":"body","parameters":[{"type":"text","text":"Asha"},{"type":"text","text":"{{discount}}"}]}]"""));
        }

        var hashes = rig.Simulator.Ledger.Read().Select(record => record.ParametersHash).ToList();
        Assert.Equal(hashes[0], hashes[1]);
        Assert.NotEqual(hashes[0], hashes[2]);
    }

    [Fact]
    public void Of_SlidingWindows_AreExact()
    {
        var even = Pace.Of([.. Enumerable.Range(0, 3000).Select(i => i * 1000L)]);
        Assert.Equal((1000, 100, 10), (even.MaxPerSecond, even.MaxPer100Ms, even.MaxPer10Ms));

        // A burst across the border of two calendar seconds, which fixed buckets would miss.
        var burst = Pace.Of([.. Enumerable.Range(0, 50).Select(i => 990_000L + (i * 400))]);
        Assert.Equal((50, 50), (burst.MaxPerSecond, burst.MaxPer100Ms));
        Assert.Equal(0, Pace.Of([]).MaxPerSecond);
    }
}

using System.Diagnostics;
using OrleansBsp.Simulator.Ledgers;
using Xunit.Abstractions;

namespace OrleansBsp.Server.Tests.Scenarios;

/// <summary>How fast a number sends: never above its limit by the clock of Meta, shared fairly, single messages first.</summary>
[Collection(AloneCollection.Name)]
public sealed class PacingTests(ITestOutputHelper output) : ScenarioTests(output)
{
    [Theory]
    [InlineData(Stage.Number80, 80, 700)]
    [InlineData(Stage.Number1000, 300, 2500)] // the operator's own cap
    public async Task Two_campaigns_and_single_messages_share_a_number_and_never_exceed_its_limit(string number, int limit, int each)
    {
        await Stage.Api.ConfigureNumberAsync(number, new { maxPerSecond = limit });
        var one = await Stage.LaunchAsync(Audience.Of(each), number);
        var other = await Stage.LaunchAsync(Audience.Of(each, start: 1), number);
        var singles = await SendSinglesAsync(number, () => Stage.Meta.Ledger.Count < each);
        await Stage.WaitUntilCompletedAsync(one.Id);
        await Stage.WaitUntilCompletedAsync(other.Id);

        Assert.Equal((each, each), ((await Stage.ReckonAsync(one.Id)).Books.Accepted, (await Stage.ReckonAsync(other.Id)).Books.Accepted));
        var pace = Stage.Meta.Ledger.Summarize().Numbers.Single().Arrived;
        Tell($"{limit}/s: {pace}; slowest of {singles.Count} single messages {singles.Max().TotalMilliseconds:0} ms");
        Assert.Empty(Stage.Meta.Ledger.RefusedByCode);
        Assert.InRange(pace.MaxPerSecond, limit * 0.8, limit);
        AssertFair(one.Id, other.Id, each);
        // Beside campaigns that use the whole rate. The aim is 150 ms; the rest is for slow machines.
        Assert.InRange(singles.Max(), TimeSpan.Zero, TimeSpan.FromSeconds(3));
    }

    [Fact]
    public async Task A_campaigns_own_limit_holds()
    {
        var campaign = await Stage.LaunchAsync(Audience.Of(600), maxPerSecond: 60);
        await Stage.WaitForAsync(campaign.Id, view => view.LimitedBy == "your own limit for this campaign", "the campaign names its own limit");
        await Stage.WaitUntilCompletedAsync(campaign.Id);
        await Stage.ReckonAsync(campaign.Id);
        // It is not Meta's limit, so a message that left late may share a second with later ones.
        Assert.InRange(Stage.Meta.Ledger.Summarize().Numbers.Single().Arrived.MeanPerSecond, 30, 63);
    }

    [Fact]
    public async Task A_number_that_Meta_throttles_slows_down_and_loses_nobody()
    {
        Stage.Meta.World.FindNumber(Stage.Number1000)!.MessagesPerSecond = 200; // less than the server was told
        var campaign = await Stage.LaunchAsync(Audience.Of(2500));
        await Stage.WaitForAsync(campaign.Id, view => view.LimitedBy == "slowed down after Meta's throughput limit was hit", "the campaign says that it was slowed down");
        await Stage.WaitUntilCompletedAsync(campaign.Id, TimeSpan.FromMinutes(5));

        var books = (await Stage.ReckonAsync(campaign.Id)).Books;
        Assert.Equal((2500, 0), (books.Accepted, books.Refused));
        var pace = Stage.Meta.Ledger.Summarize().Numbers.Single();
        Tell($"accepted {pace.Accepted}; arrived {pace.Arrived}; refused {Stage.Meta.Ledger.RefusedByCode[130429]}");
        Assert.InRange(Stage.Meta.Ledger.RefusedByCode[130429], 1, 2500);
    }

    /// <summary>Sends one message after another while the fact holds, and returns how long each took from the call to Meta.</summary>
    private async Task<List<TimeSpan>> SendSinglesAsync(string number, Func<bool> whileThis)
    {
        var took = new List<TimeSpan>();
        for (var person = 0; whileThis() && person < 60; person++)
        {
            var to = $"+9198123{person:00000}";
            var started = Stopwatch.GetTimestamp();
            await Stage.Api.SendMessageAsync(new { phoneNumberId = number, to, type = "template", template = new { name = "store_hours", language = new { code = "en_US" } } });
            await Wait.UntilAsync(() => Stage.Meta.Ledger.Read(new LedgerFilter(To: to[1..])).Any(), $"the message to {to} is at Meta");
            took.Add(Stopwatch.GetElapsedTime(started));
        }

        Assert.True(took.Count > 5, "The campaigns ended before single messages could be sent beside them.");
        return took;
    }

    /// <summary>While both had recipients left, neither got more than a fifth more than the other.</summary>
    private void AssertFair(string one, string other, int each)
    {
        var (first, second) = (Arrivals(one), Arrivals(other));
        var (from, to) = (Math.Max(first[0], second[0]) + 1_000_000, Math.Min(first[^1], second[^1]) - 1_000_000);
        var (ofFirst, ofSecond) = (first.Count(at => at > from && at < to), second.Count(at => at > from && at < to));
        Tell($"while both ran: {ofFirst} and {ofSecond} messages");
        Assert.True(ofFirst + ofSecond > each / 2, $"The campaigns hardly ran beside each other: {ofFirst} and {ofSecond} messages.");
        Assert.InRange((double)ofFirst / ofSecond, 0.8, 1.25);
    }

    private long[] Arrivals(string campaign) => [.. Stage.LedgerOf(campaign).SelectMany(records => records).Select(record => record.ArrivalMicros).Order()];
}

using OrleansBsp.Simulator.Faults;
using Xunit.Abstractions;

namespace OrleansBsp.Server.Tests.Scenarios;

/// <summary>Pause and resume of a campaign at full rate.</summary>
[Collection(AloneCollection.Name)]
public sealed class PauseTests(ITestOutputHelper output) : ScenarioTests(output)
{
    [Theory]
    [InlineData(0, 6000)]
    [InlineData(1500, 4000)] // then the number cannot send as fast as it may, and what was released must not pile up behind it
    public async Task After_a_pause_nothing_is_sent_until_the_resume(int answerMs, int recipients)
    {
        if (answerMs > 0) Stage.Meta.Faults.Add(new FaultRule { Kind = FaultKind.Latency, MinMs = answerMs, MaxMs = answerMs });
        var campaign = await Stage.LaunchAsync(Audience.Of(recipients));
        await Stage.WaitForAcceptedAsync(1500);
        var paused = await Stage.Api.CommandAsync(campaign.Id, "pause");
        var answered = DateTimeOffset.UtcNow;
        Assert.Equal(("paused", "paused by an operator"), (paused.State, paused.StateReason));
        Assert.Equal("paused", (await Stage.Api.CommandAsync(campaign.Id, "pause")).State);
        await Stage.WaitForAsync(campaign.Id, view => view.InFlight == 0 && view.Books.InFlight == 0, "nothing is in flight after the pause");
        await Task.Delay(TimeSpan.FromSeconds(2)); // time in which something could go wrong

        var late = Stage.Meta.Ledger.Read().Count(record => DateTimeOffset.UnixEpoch.AddMicroseconds(record.ArrivalUnixMicros) > answered.AddSeconds(1));
        Assert.Equal(0, late);
        Assert.InRange((await Stage.Api.CampaignAsync(campaign.Id)).Books.NotReleased, 1, recipients - 1500);

        var resumed = await Stage.Api.CommandAsync(campaign.Id, "resume");
        Assert.Equal(("running", (string?)null), (resumed.State, resumed.StateReason));
        Assert.Equal("running", (await Stage.Api.CommandAsync(campaign.Id, "resume")).State);
        await Stage.WaitUntilCompletedAsync(campaign.Id);
        Assert.Equal(recipients, (await Stage.ReckonAsync(campaign.Id)).Books.Accepted);
        await Stage.RefusesAsync(campaign.Id, "cancel", $"Campaign {campaign.Id} is completed and cannot cancel: it has ended.");
        await Stage.RefusesAsync(campaign.Id, "pause", $"Campaign {campaign.Id} is completed and cannot pause: only a scheduled or running campaign can be paused.");
        await Stage.RefusesAsync(campaign.Id, "launch", $"Campaign {campaign.Id} is completed and cannot launch: only a draft can be launched; make a new campaign to send it again.");
    }

    [Fact]
    public async Task What_a_throttled_number_holds_back_is_not_sent_after_a_pause()
    {
        var campaign = await Stage.LaunchAsync(Audience.Of(6000));
        await Stage.WaitForAcceptedAsync(1500);
        // The number rests for a second or two, with released messages waiting; the pause comes at once.
        Stage.Meta.Faults.Add(new FaultRule { Kind = FaultKind.Error, Code = 130429, Times = 1 });
        await Wait.UntilAsync(() => Stage.Meta.Ledger.RefusedByCode.ContainsKey(130429), "Meta has refused one for throughput");
        await Stage.Api.CommandAsync(campaign.Id, "pause");
        var answered = DateTimeOffset.UtcNow;
        await Stage.WaitForAsync(campaign.Id, view => view.InFlight == 0 && view.Books.InFlight == 0, "nothing is in flight after the pause");
        await Task.Delay(TimeSpan.FromSeconds(1)); // time in which something could go wrong
        Assert.Equal(0, Stage.Meta.Ledger.Read().Count(record => DateTimeOffset.UnixEpoch.AddMicroseconds(record.ArrivalUnixMicros) > answered.AddSeconds(1)));

        await Stage.Api.CommandAsync(campaign.Id, "resume");
        await Stage.WaitUntilCompletedAsync(campaign.Id);
        Assert.Equal(6000, (await Stage.ReckonAsync(campaign.Id)).Books.Accepted);
    }
}

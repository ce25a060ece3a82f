using OrleansBsp.Simulator.Fates;
using OrleansBsp.Simulator.Faults;
using Xunit.Abstractions;

namespace OrleansBsp.Server.Tests.Scenarios;

/// <summary>What holds however released messages travel to who posts them. Each way of <c>ICampaignDispatcher</c> passes all of it.</summary>
public abstract class DispatchTests(ITestOutputHelper output) : ScenarioTests(output)
{
    [Fact]
    public async Task A_campaign_ends_with_books_that_are_what_happened_at_Meta()
    {
        Stage.Meta.Behaviour.Statuses = StatusProfile.Messy;
        var campaign = await Stage.LaunchAsync(Audience.Of(3000));
        await Stage.WaitUntilCompletedAsync(campaign.Id);

        Assert.Equal(3000, (await Stage.ReckonAsync(campaign.Id)).Books.Accepted);
        Tell($"most in a second: {Stage.MostArrivedPerSecond(Stage.Number1000)}");
        Assert.InRange(Stage.MostArrivedPerSecond(Stage.Number1000), 1, 1000);
    }

    [Fact]
    public async Task After_a_pause_nothing_is_sent_until_the_resume()
    {
        var campaign = await Stage.LaunchAsync(Audience.Of(4000));
        await Stage.WaitForAcceptedAsync(1200);
        await Stage.Api.CommandAsync(campaign.Id, "pause");
        var answered = DateTimeOffset.UtcNow;
        await Stage.WaitForAsync(campaign.Id, view => view.InFlight == 0 && view.Books.InFlight == 0, "nothing is in flight after the pause");
        await Task.Delay(TimeSpan.FromSeconds(2)); // time in which something could go wrong

        var arrivals = Stage.Meta.Ledger.Read().Select(record => DateTimeOffset.UnixEpoch.AddMicroseconds(record.ArrivalUnixMicros)).ToList();
        Tell($"the last arrived {(arrivals.Max() - answered).TotalMilliseconds:0} ms after the answer to the pause");
        Assert.DoesNotContain(arrivals, arrival => arrival > answered.AddSeconds(1));

        await Stage.Api.CommandAsync(campaign.Id, "resume");
        await Stage.WaitUntilCompletedAsync(campaign.Id);
        Assert.Equal(4000, (await Stage.ReckonAsync(campaign.Id)).Books.Accepted);
    }

    [Fact]
    public async Task What_is_about_more_than_its_message_reaches_who_must_act()
    {
        // 132015: the template is paused. Everybody on the way is kept for later.
        var campaign = await Stage.LaunchAsync(Audience.Of(1000));
        await Stage.WaitForAcceptedAsync(300);
        Stage.Meta.Faults.Add(new FaultRule { Kind = FaultKind.Error, Code = 132015, Times = 1 });
        var paused = await Stage.WaitForAsync(campaign.Id, view => view.State == "paused", "the campaign is paused");
        Assert.Contains("132015", paused.StateReason);

        await Stage.Api.CommandAsync(campaign.Id, "resume");
        Stage.Meta.Faults.Add(new FaultRule { Kind = FaultKind.Error, Code = 130429, Times = 1 });
        await Wait.UntilAsync(async () =>
        {
            await Stage.PassRetryTimeAsync(campaign.Id);
            return (await Stage.Api.CampaignAsync(campaign.Id)).State == "completed";
        }, "the campaign is completed", Wait.Long);
        Assert.Equal(1000, (await Stage.ReckonAsync(campaign.Id)).Books.Accepted);
    }

    [Fact]
    public async Task Answers_that_never_come_make_messages_uncertain_and_their_statuses_settle_them()
    {
        Stage.Meta.Faults.Add(new FaultRule { Kind = FaultKind.HangAfterAccept, Times = 10 });
        Stage.Meta.Faults.Add(new FaultRule { Kind = FaultKind.HangBeforeAccept, Times = 10 });
        var campaign = await Stage.LaunchAsync(Audience.Of(600));
        await Stage.WaitUntilCompletedAsync(campaign.Id);

        var books = (await Stage.ReckonAsync(campaign.Id)).Books;
        Assert.Equal((590, 10), (books.Accepted, books.Unknown));
    }
}

/// <summary>Each process sends what it releases.</summary>
[Collection(AloneCollection.Name)]
public sealed class InProcessDispatchTests(ITestOutputHelper output) : DispatchTests(output);

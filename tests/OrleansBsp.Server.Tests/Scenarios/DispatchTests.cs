using System.Globalization;
using System.Text;
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
        var audience = Audience.Of(1000);
        Stage.Meta.Faults.Add(new FaultRule { Kind = FaultKind.Error, Code = 132015, Times = 1, RecipientsSuffix = audience.Phones[500][1..] });
        var campaign = await Stage.LaunchAsync(audience);
        var paused = await Stage.WaitForAsync(campaign.Id, view => view.State == "paused", "the campaign is paused");
        Assert.Contains("132015", paused.StateReason);

        Stage.Meta.Faults.Add(new FaultRule { Kind = FaultKind.Error, Code = 130429, Times = 1 });
        await Stage.Api.CommandAsync(campaign.Id, "resume");
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

    [Fact]
    public async Task Every_value_reaches_Meta_as_it_was_written_and_one_that_cannot_be_is_refused_by_itself()
    {
        string[] names =
        [
            "A", "Asha", "आशा 🙂 👩‍👩‍👧", "\"quoted\" \\ back/slash", "<b>&amp;</b>", "O'Neil; drop table message --", "{\"json\":[1,2]}", "مرحبا", "${x} %s \\u0041", "e\u0301",
            .. new[] { 10, 100, 900 }.Select(length => new string('x', length)), new string('y', 2000),
        ];
        var draft = await Stage.DraftAsync(Audience.Of(names.Length));
        var csv = new StringBuilder("phone,name,offer\n");
        for (var index = 0; index < names.Length; index++) csv.Append(CultureInfo.InvariantCulture, $"+91987100{index:0000},\"{names[index].Replace("\"", "\"\"", StringComparison.Ordinal)}\",25%\n");
        await Stage.Api.UploadAsync(draft.Id, csv.ToString());
        await Stage.Api.LaunchAsync(draft.Id);
        await Stage.WaitUntilCompletedAsync(draft.Id);

        var books = (await Stage.ReckonAsync(draft.Id)).Books;
        Assert.Equal((names.Length - 1, 1), (books.Accepted, books.Refused));
        Assert.Equal(
            names[..^1].Select(name => $"Hi {name}, our Diwali sale is on: enjoy 25% off everything until Sunday."),
            Stage.LedgerOf(draft.Id).OrderBy(accepted => accepted.Key).Select(accepted => accepted.Single().Body));
        var refused = (await Stage.Api.RecipientAsync(draft.Id, names.Length)).Recipient;
        Assert.Equal("refused", refused.State);
        Assert.Contains("characters", refused.Reason);
    }

    [Fact]
    public async Task Answers_that_come_later_than_a_queue_gives_a_message_to_another_do_not_repeat_it()
    {
        Stage.Meta.Faults.Add(new FaultRule { Kind = FaultKind.Latency, MinMs = 3000, MaxMs = 3500, Times = 40 });
        var campaign = await Stage.LaunchAsync(Audience.Of(100));
        await CompletedWithoutWaitingAsync(campaign.Id);

        Assert.Equal(100, (await Stage.ReckonAsync(campaign.Id)).Books.Accepted);
        Assert.Equal(40, Stage.Meta.Faults.Rules.Single().Struck);
    }

    [Fact]
    public async Task Campaigns_beside_each_other_get_their_own_outcomes_and_one_that_is_cancelled_does_not_stop_the_other()
    {
        var cancelled = await Stage.LaunchAsync(Audience.Of(5000));
        var other = await Stage.LaunchAsync(Audience.Of(200, start: 1).RefusedOnce(131056, 5).Refused(131026, 10), Stage.Number80);
        await Stage.WaitForAcceptedAsync(1000);
        await Stage.Api.CommandAsync(cancelled.Id, "cancel");
        var answered = DateTimeOffset.UtcNow;
        await CompletedWithoutWaitingAsync(other.Id);
        await Stage.WaitForAsync(cancelled.Id, view => view.Books is { InFlight: 0, Retrying: 0 }, "everybody is explained");

        var books = (await Stage.ReckonAsync(cancelled.Id)).Books;
        Assert.Equal((5000, 0), (books.Accepted + books.Cancelled, books.Unknown));
        Assert.True(books.Cancelled > 0);
        Assert.DoesNotContain(Stage.LedgerOf(cancelled.Id).SelectMany(accepted => accepted), record => DateTimeOffset.UnixEpoch.AddMicroseconds(record.ArrivalUnixMicros) > answered.AddSeconds(1));
        books = (await Stage.ReckonAsync(other.Id)).Books;
        Assert.Equal((205, 10), (books.Accepted, books.Refused));
    }

    [Fact]
    public async Task One_of_two_processes_is_killed_and_nobody_is_lost_or_written_to_twice()
    {
        await using var other = await Stage.Server.StartBesideAsync();
        var campaign = await Stage.LaunchAsync(Audience.Of(6000));
        await Stage.WaitForAcceptedAsync(2500);
        Tell($"most in a second of two processes: {Stage.MostArrivedPerSecond(Stage.Number1000)}");
        await other.KillAsync();
        await CompletedWithoutWaitingAsync(campaign.Id);

        var books = (await Stage.ReckonAsync(campaign.Id)).Books;
        Tell($"unknown after the kill: {books.Unknown}; most in a second: {Stage.MostArrivedPerSecond(Stage.Number1000)}");
        Assert.Equal(6000, books.Accepted + books.Unknown);
        Assert.Equal(Stage.Meta.Ledger.Count, books.Accepted);
        Assert.InRange(books.Unknown, 0, 1000);
    }

    [Fact]
    public async Task Processes_that_stop_in_order_leave_nothing_uncertain()
    {
        await using var other = await Stage.Server.StartBesideAsync();
        var campaign = await Stage.LaunchAsync(Audience.Of(5000));
        await Stage.WaitForAcceptedAsync(1200);
        await other.StopAsync(); // exit code 0, within 25 s
        await Stage.WaitForAcceptedAsync(Stage.Meta.Ledger.Count + 500);
        await Stage.Server.StopAsync();
        await Stage.Server.StartAgainAsync();
        await CompletedWithoutWaitingAsync(campaign.Id);

        var books = (await Stage.ReckonAsync(campaign.Id)).Books;
        Assert.Equal((5000, 0, 0), (books.Accepted, books.Uncertain, books.Unknown));
        Tell($"most in a second: {Stage.MostArrivedPerSecond(Stage.Number1000)}");
    }

    [Fact]
    public async Task A_process_that_is_alone_is_killed_and_what_it_left_is_sent_once_or_not_at_all()
    {
        var campaign = await Stage.LaunchAsync(Audience.Of(5000));
        for (var kill = 1; kill <= 2; kill++)
        {
            await Stage.WaitForAcceptedAsync(kill * 1200);
            await Stage.Server.KillAsync();
            await Stage.Server.StartAgainAsync();
        }

        await CompletedWithoutWaitingAsync(campaign.Id);
        var books = (await Stage.ReckonAsync(campaign.Id)).Books;
        Tell($"unknown after two kills: {books.Unknown}");
        Assert.Equal(5000, books.Accepted + books.Unknown);
        Assert.InRange(books.Unknown, 0, 2 * 300); // what was on its way to Meta; the rest is released anew
        Assert.Equal(Stage.Meta.Ledger.Count, books.Accepted);
    }

    // Waiting times of messages that go back grow to minutes; nobody here has to wait for them.
    protected Task CompletedWithoutWaitingAsync(string campaign) => Wait.UntilAsync(async () =>
    {
        await Stage.PassRetryTimeAsync(campaign);
        return (await Stage.Api.CampaignAsync(campaign)).State == "completed";
    }, "the campaign is completed", Wait.Long);
}

/// <summary>Each process sends what it releases.</summary>
[Collection(AloneCollection.Name)]
public sealed class InProcessDispatchTests(ITestOutputHelper output) : DispatchTests(output);

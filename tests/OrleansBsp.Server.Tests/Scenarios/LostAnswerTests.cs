using OrleansBsp.Simulator.Fates;
using Xunit.Abstractions;

namespace OrleansBsp.Server.Tests.Scenarios;

/// <summary>Sends whose answer never comes, or cannot be understood: Meta may have taken the message, so it is not sent again.</summary>
public sealed class LostAnswerTests(ITestOutputHelper output) : ScenarioTests(output)
{
    private static readonly TimeSpan StatusDelay = TimeSpan.FromHours(1);

    // The window never ends by itself here: each test lets it pass when it has seen what it wants to see in it.
    protected override Task<Stage> SetStageAsync() => Stage.SetAsync(cable: true, settings: [("Campaigns__UncertainWindowSeconds", "600")]);

    [Fact]
    public async Task Messages_without_an_answer_are_uncertain_until_their_status_settles_them()
    {
        HoldStatusesBack();
        var taken = (int[])[700011, 700012, 700015, 700017, 700018];     // hang, reset, 500, truncated, HTML: all accepted
        var notTaken = (int[])[700013, 700014, 700016];                  // the same, not accepted; nobody here can know
        var audience = Audience.Of(300);
        foreach (var digits in taken.Concat(notTaken)) audience.Special(digits, 4).Plain(100);

        var campaign = await Stage.LaunchAsync(audience);
        await Stage.WaitForAsync(campaign.Id, view => view.Books is { Uncertain: 32, NotReleased: 0, InFlight: 0 }, "32 messages are uncertain");
        Stage.Meta.AdvanceClock(StatusDelay);
        await LetTheWindowPassAsync(campaign.Id, uncertain: 12);

        var books = (await Stage.ReckonAsync(campaign.Id)).Books;
        Assert.Equal((12, audience.Phones.Count - 12), (books.Unknown, books.Accepted));
        var hung = await Stage.Api.RecipientAsync(campaign.Id, 301);
        Assert.Equal(["uncertain", "sent", "delivered", "read"], hung.Timeline.Select(entry => entry.What));
        Assert.Equal("no answer within 5 s", hung.Timeline[0].Detail);
        Assert.Equal(1, hung.Recipient.Attempt);
    }

    [Fact]
    public async Task A_checkpoint_that_has_moved_without_its_owner_leaves_nobody_unexplained()
    {
        var campaign = await Stage.LaunchAsync(Audience.Of(1500), maxPerSecond: 300);
        await Stage.WaitForAcceptedAsync(300);
        await Stage.Database.CreateCommand("update campaign_run set released_through = released_through + 7 where state = 'running'").ExecuteNonQueryAsync();
        await LetTheWindowPassAsync(campaign.Id, uncertain: 7);

        await Stage.WaitUntilCompletedAsync(campaign.Id);
        var books = (await Stage.ReckonAsync(campaign.Id)).Books;
        Assert.Equal((7, 1493), (books.Unknown, books.Accepted));
    }

    [Fact]
    public async Task A_status_that_comes_after_the_window_still_settles_an_unknown_message()
    {
        HoldStatusesBack();
        var campaign = await Stage.LaunchAsync(Audience.Of(50).Special(700012, 3));
        await LetTheWindowPassAsync(campaign.Id, uncertain: 3);
        Assert.Equal(3, (await Stage.Api.CampaignAsync(campaign.Id)).Books.Unknown);

        Stage.Meta.AdvanceClock(StatusDelay);
        var books = (await Stage.ReckonAsync(campaign.Id)).Books;
        Assert.Equal((0, 53), (books.Unknown, books.Accepted));
    }

    [Fact]
    public async Task A_status_before_its_sends_own_answer_settles_it()
    {
        Stage.Meta.Behaviour.Statuses = StatusProfile.Instant with { EarlyProbability = 0.5 };
        var campaign = await Stage.LaunchAsync(Audience.Of(300).Special(700009, 50));
        await Stage.WaitUntilCompletedAsync(campaign.Id);
        var books = (await Stage.ReckonAsync(campaign.Id)).Books;
        Assert.Equal((350, 350), (books.Accepted, books.Read));
        var early = await Stage.Api.RecipientAsync(campaign.Id, 301);
        Assert.Equal(["accepted", "delivered", "read", "sent"], early.Timeline.Select(entry => entry.What).Order());
    }

    [Fact]
    public async Task Utility_messages_are_sent_once_more_if_the_operator_chose_so()
    {
        var campaign = await Stage.LaunchAsync(Audience.Of(50).Special(700014, 5), template: "store_hours", resendUncertain: true);
        await LetTheWindowPassAsync(campaign.Id, uncertain: 5);
        var books = (await Stage.ReckonAsync(campaign.Id)).Books;
        Assert.Equal((55, 0), (books.Accepted, books.Unknown));
        Assert.Equal(2, (await Stage.Api.RecipientAsync(campaign.Id, 51)).Recipient.Attempt);
    }

    [Fact]
    public async Task Nothing_is_lost_or_sent_twice_while_Meta_cannot_be_reached()
    {
        var campaign = await Stage.LaunchAsync(Audience.Of(2500), maxPerSecond: 300);
        await Stage.WaitForAcceptedAsync(500);
        await Stage.Cable!.CutAsync();
        await Stage.WaitForAsync(campaign.Id, view => view.LimitedBy == "Meta does not answer", "the campaign says that Meta does not answer");
        Stage.Cable.Mend();

        await Stage.WaitForAsync(campaign.Id, view => view.Books is { NotReleased: 0, InFlight: 0, Retrying: 0 }, "what found no line was repeated", Wait.Long);
        await LetTheWindowPassAsync(campaign.Id);
        var books = (await Stage.ReckonAsync(campaign.Id)).Books;
        // What was on the line when it was cut may have been lost with it.
        Assert.Equal((0, 2500), (books.Refused, books.Accepted + books.Unknown));
        Assert.InRange(books.Unknown, 0, 100);
        Tell($"unknown after the cut: {books.Unknown}");
    }

    /// <param name="uncertain">So many messages wait for its end.</param>
    private async Task LetTheWindowPassAsync(string campaign, int? uncertain = null)
    {
        await Stage.WaitUntilWebhooksAppliedAsync();
        if (uncertain is { } count)
            await Stage.WaitForAsync(campaign, view => view.State == "running" && view.Books is { NotReleased: 0, InFlight: 0 } && view.Books.Uncertain == count, $"the campaign waits for {count}");
        await Stage.PassUncertainWindowAsync(campaign);
        await Stage.WaitUntilCompletedAsync(campaign);
    }

    private void HoldStatusesBack() => Stage.Meta.Behaviour.Statuses = StatusProfile.Instant with
    {
        SentMinMs = (int)StatusDelay.TotalMilliseconds, SentMaxMs = (int)StatusDelay.TotalMilliseconds,
    };
}

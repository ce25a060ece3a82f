using Xunit.Abstractions;

namespace OrleansBsp.Server.Tests.Scenarios;

/// <summary>Launch, schedule, cancel: what they do, how often they may be asked, and what is refused. Pause and resume: <see cref="PauseTests"/>.</summary>
public sealed class LifecycleTests(ITestOutputHelper output) : ScenarioTests(output)
{
    [Fact]
    public async Task A_cancelled_campaign_explains_everyone_whom_it_does_not_reach()
    {
        // Some wait for another attempt when the campaign is cancelled.
        var campaign = await Stage.LaunchAsync(Audience.Of(100).RefusedOnce(131057, 20).Plain(5000), maxPerSecond: 500);
        await Stage.WaitForAcceptedAsync(1000);
        Assert.Equal("cancelled", (await Stage.Api.CommandAsync(campaign.Id, "cancel")).State);
        Assert.Equal("cancelled", (await Stage.Api.CommandAsync(campaign.Id, "cancel")).State);
        await Stage.WaitForAsync(campaign.Id, view => view.Books is { InFlight: 0, Retrying: 0 }, "everybody is explained");

        var books = (await Stage.ReckonAsync(campaign.Id)).Books;
        Assert.Equal(5120, books.Accepted + books.Cancelled);
        Assert.Equal((0, 0), (books.NotReleased, books.Unknown));
        var last = await Stage.Api.RecipientAsync(campaign.Id, 5120);
        Assert.Equal(("cancelled", 0), (last.Recipient.State, last.Recipient.Attempt));
        var waited = await Stage.Api.RecipientAsync(campaign.Id, 101);
        Assert.Equal(("cancelled", "the campaign was cancelled"), (waited.Recipient.State, waited.Recipient.Reason));
        await Stage.RefusesAsync(campaign.Id, "resume", $"Campaign {campaign.Id} is cancelled and cannot resume: only a paused campaign can be resumed.");
    }

    [Fact]
    public async Task A_paused_campaign_can_be_cancelled_and_a_draft_cannot_be_paused_or_resumed()
    {
        var draft = await Stage.DraftAsync(Audience.Of(500), maxPerSecond: 20);
        await Stage.RefusesAsync(draft.Id, "pause", $"Campaign {draft.Id} is draft and cannot pause: only a scheduled or running campaign can be paused.");
        await Stage.RefusesAsync(draft.Id, "resume", $"Campaign {draft.Id} is draft and cannot resume: only a paused campaign can be resumed.");
        await Stage.Api.LaunchAsync(draft.Id);
        Assert.Equal("running", (await Stage.Api.LaunchAsync(draft.Id)).State);
        await Stage.Api.CommandAsync(draft.Id, "pause");
        Assert.Equal("cancelled", (await Stage.Api.CommandAsync(draft.Id, "cancel")).State);
        await Stage.WaitForAsync(draft.Id, view => view.Books.InFlight == 0, "nothing is in flight");
        var books = (await Stage.ReckonAsync(draft.Id)).Books;
        Assert.Equal(500, books.Accepted + books.Cancelled);
    }

    [Fact]
    public async Task A_schedule_starts_at_its_time_and_not_before()
    {
        var draft = await Stage.DraftAsync(Audience.Of(300));
        var startAt = DateTime.UtcNow.AddSeconds(4);
        var scheduled = await Stage.Api.LaunchAsync(draft.Id, new { startAt });
        Assert.Equal("scheduled", scheduled.State);
        Assert.Equal(startAt, scheduled.StartAt!.Value.ToUniversalTime(), TimeSpan.FromMilliseconds(1));
        await Stage.WaitUntilCompletedAsync(draft.Id);
        await Stage.ReckonAsync(draft.Id);
        var first = Stage.Meta.Ledger.Read().Min(record => record.ArrivalUnixMicros);
        Assert.InRange(DateTimeOffset.UnixEpoch.AddMicroseconds(first).UtcDateTime - startAt, TimeSpan.Zero, TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task A_schedule_that_was_missed_by_more_than_its_window_waits_and_asks()
    {
        var missed = await Stage.DraftAsync(Audience.Of(100));
        var late = await Stage.DraftAsync(Audience.Of(100, start: 1));
        var startAt = DateTime.UtcNow.AddSeconds(10);
        await Stage.Api.LaunchAsync(missed.Id, new { startAt, startWindowMinutes = 1 });
        await Stage.Api.LaunchAsync(late.Id, new { startAt });
        await Stage.Server.KillAsync();
        // The outage lasts longer than the window: its two ends are moved into the past.
        await using (var pass = Stage.Database.CreateCommand("update campaign_run set start_at = start_at - interval '1 hour', start_before = start_before - interval '1 hour'"))
            await pass.ExecuteNonQueryAsync();
        await Stage.Server.StartAgainAsync();

        var asks = await Stage.WaitForAsync(missed.Id, view => view.State == "paused", "the campaign that missed its window is paused");
        Assert.Equal("missed its start window; resume to send it now", asks.StateReason);
        Assert.Equal(100, asks.Books.NotReleased);
        await Stage.WaitUntilCompletedAsync(late.Id); // without a window it starts late
        await Stage.Api.CommandAsync(missed.Id, "resume");
        await Stage.WaitUntilCompletedAsync(missed.Id);
        await Stage.ReckonAsync(late.Id);
        Assert.Equal(100, (await Stage.ReckonAsync(missed.Id)).Books.Accepted);
    }
}

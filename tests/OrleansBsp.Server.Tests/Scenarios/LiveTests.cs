using System.Diagnostics;
using System.Net.ServerSentEvents;
using System.Text.Json;
using Xunit.Abstractions;

namespace OrleansBsp.Server.Tests.Scenarios;

/// <summary>What a screen sees of a running campaign, and what readers of the event log see of it.</summary>
public sealed class LiveTests(ITestOutputHelper output) : ScenarioTests(output)
{
    [Fact]
    public async Task A_campaign_can_be_watched_from_launch_to_end_at_two_views_a_second()
    {
        var draft = await Stage.DraftAsync(Audience.Of(1500), maxPerSecond: 300);
        using var limit = new CancellationTokenSource(Wait.Long);
        using var answer = await Stage.Api.Http.GetAsync($"api/v1/campaigns/{draft.Id}/live", HttpCompletionOption.ResponseHeadersRead, limit.Token);
        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType?.MediaType);
        var watched = Stopwatch.GetTimestamp(); // views come from here on, also while the launch is answered
        await Stage.Api.LaunchAsync(draft.Id);

        var views = new List<CampaignView>();
        await foreach (var item in SseParser.Create(await answer.Content.ReadAsStreamAsync(limit.Token)).EnumerateAsync(limit.Token))
        {
            Assert.Equal("campaign", item.EventType);
            views.Add(JsonSerializer.Deserialize<CampaignView>(item.Data, ApiClient.Json)!);
            if (views[^1] is { State: "completed", Books.Read: > 900 }) break;
        }

        Assert.InRange(views.Count, 5, (2 * Stopwatch.GetElapsedTime(watched).TotalSeconds) + 2);
        Assert.All(views, view => Assert.True(view.Books.Balance, $"The books do not balance: {view.Books}"));
        Assert.Contains(views, view => view is { State: "running", SendingPerSecond: > 0, Books.NotReleased: > 0 });
        Assert.Equal(views.Select(view => view.Books.Accepted).Order(), views.Select(view => view.Books.Accepted));
        await Stage.ReckonAsync(draft.Id);
    }

    [Fact]
    public async Task The_event_log_tells_each_messages_way_once()
    {
        var campaign = await Stage.LaunchAsync(Audience.Of(500).FailedLater(131026, 5).Refused(131026, 5).RefusedOnce(131056, 5));
        await Stage.WaitUntilCompletedAsync(campaign.Id);
        var books = (await Stage.ReckonAsync(campaign.Id)).Books;

        var told = await Reckoning.ReadTransitionsAsync(Stage, campaign.Id);
        Assert.Equal(515, told.Count);
        Assert.Equal(
            (books.Read, books.Delivered, books.Failed, books.Refused),
            (Ended("read"), Ended("delivered"), Ended("failed"), Ended("refused")));
        Assert.All(told.Values, states => Assert.Equal(states.Distinct(), states)); // nothing is told twice
        Assert.All(Enumerable.Range(511, 5), position => Assert.Equal("retrying", told[position][0]));

        int Ended(string state) => told.Values.Count(states => states[^1] == state);
    }
}

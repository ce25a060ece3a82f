using System.Net;
using OrleansBsp.Server.Tests.Scenarios;
using OrleansBsp.Simulator.Fates;
using Xunit.Abstractions;

namespace OrleansBsp.Server.Tests.Telemetry;

/// <summary><c>GET /metrics</c> of the real server: who may read it, and what a small campaign leaves in it.</summary>
public sealed class MetricsTests(ITestOutputHelper output) : ScenarioTests(output)
{
    private static readonly string[] Empty =
    [
        "bsp_campaign_record_waiting", "bsp_campaign_record_oldest_seconds", "bsp_campaign_inflight", "bsp_inbox_waiting", "bsp_inbox_oldest_seconds", "bsp_inbox_append_waiting_bytes",
        "bsp_inbox_append_oldest_seconds", "bsp_number_lane_waiting", "bsp_number_lane_oldest_seconds", "bsp_timers_waiting", "bsp_timers_overdue_seconds",
    ];

    private readonly int _ownPort = Ports.Next();

    protected override Task<Stage> SetStageAsync() => Stage.SetAsync(settings: [("Telemetry__MetricsUrl", $"http://127.0.0.1:{_ownPort}")]);

    [Fact]
    public async Task A_small_campaign_is_seen_from_its_release_to_its_receipts()
    {
        Stage.Meta.Behaviour.Statuses = StatusProfile.Instant;
        var campaign = await Stage.LaunchAsync(Audience.Of(200).Refused(131026, 5));
        await Stage.WaitUntilCompletedAsync(campaign.Id);
        await Stage.WaitForAsync(campaign.Id, view => view.Books.Read == 200, "all are read");

        var metrics = await Wait.UntilAsync(ReadAsync, IsDone, "all is recorded, and nothing waits");
        Tell($"{metrics}");
        Assert.Equal(205, metrics.Value("bsp_campaign_release_size_sum"));
        Assert.Equal(205, metrics.Value("bsp_number_started_total", ("number", Stage.Number1000)));
        Assert.Equal(200, metrics.Value("bsp_graph_send_duration_seconds_count", ("outcome", "accepted")));
        Assert.Equal(5, metrics.Value("bsp_graph_send_duration_seconds_count", ("outcome", "refuseRecipient")));
        Assert.InRange(metrics.Value("bsp_campaign_reached_total", ("state", "accepted")), 1, 200); // of some the status is faster than the answer
        Assert.Equal(200, metrics.Value("bsp_campaign_reached_total", ("state", "read")));
        Assert.Equal(5, metrics.Value("bsp_campaign_reached_total", ("state", "refused")));
        Assert.InRange(metrics.Value("bsp_campaign_record_size_sum"), 805, 2000);
        Assert.InRange(metrics.Value("bsp_event_append_size_sum"), 605, 2000);
        Assert.InRange(metrics.Value("bsp_campaign_record_duration_seconds_sum"), 0.001, 30);
        Assert.InRange(metrics.Value("bsp_webhook_ack_duration_seconds_count", ("status", "200")), 1, 1000);
        Assert.Equal(metrics.Value("bsp_inbox_append_size_sum"), metrics.Value("bsp_inbox_apply_size_sum"));
        Assert.InRange(metrics.Value("bsp_grain_call_duration_seconds_count", ("grain", "PhoneNumberGrain"), ("method", "AskPermits")), 1, 1000);
        foreach (var (grain, method) in ((string, string)[])[("PhoneNumberGrain", "AskPermits"), ("CampaignGrain", "Launch")])
        {
            double Of(string name) => metrics.Value(name, ("grain", grain), ("method", method));
            Assert.InRange(Of("bsp_grain_turn_duration_seconds_count"), Of("bsp_grain_call_duration_seconds_count"), 1000);
            Assert.InRange(Of("bsp_grain_turn_duration_seconds_sum"), 0, Of("bsp_grain_call_duration_seconds_sum")); // the call is its first turn and all that follows
        }

        Assert.Equal(1, metrics.Value("orleans_grains", ("grain_type", "campaign")));
        Assert.Equal(1000, metrics.Value("bsp_number_limit_per_second", ("number", Stage.Number1000)));
        Assert.Equal(1, metrics.Value("bsp_number_factor", ("number", Stage.Number1000)));
        foreach (var empty in Empty) Assert.Equal(0, metrics.Value(empty));
        Assert.InRange(metrics.Value("bsp_database_unread_seconds"), 0, 60);
        foreach (var others in (string[])["orleans_", "db_client_", "dotnet_gc_", "http_server_"])
            Assert.Contains(metrics.Names, name => name.StartsWith(others, StringComparison.Ordinal));
        Assert.Contains("service_name=\"orleansbsp\"", metrics.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Password", metrics.Text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("919870", metrics.Text, StringComparison.Ordinal); // of everybody in the audience

        // What is seen of the campaign is committed; the measures are of a moment later.
        static bool IsDone(Metrics seen) =>
            seen.Find("bsp_inbox_append_size_sum") == seen.Find("bsp_inbox_apply_size_sum") && seen.Find("bsp_campaign_record_size_sum") >= 805
            && Array.TrueForAll(Empty, empty => seen.Find(empty) == 0);
    }

    [Fact]
    public async Task What_limits_a_number_and_its_campaign_is_a_metric()
    {
        Stage.Meta.World.FindNumber(Stage.Number1000)!.MessagesPerSecond = 100; // less than the server was told
        await Stage.LaunchAsync(Audience.Of(2000));
        var metrics = await Wait.UntilAsync(ReadAsync, seen => seen.Find("bsp_number_limited", ("number", Stage.Number1000), ("by", "throttled")) == 1
            && seen.Find("bsp_campaign_limited", ("number", Stage.Number1000), ("by", "throttled")) == 1, "the number and the campaign are told to be throttled");
        Assert.InRange(metrics.Value("bsp_number_factor"), 0.05, 0.99);
        Assert.InRange(metrics.Value("bsp_number_rate_per_second"), 1, 999);
        Assert.InRange(metrics.Value("bsp_number_throttled_total", ("number", Stage.Number1000)), 1, 1000);

        await Stage.Api.ConfigureNumberAsync(Stage.Number1000, new { state = "stopped" });
        await Wait.UntilAsync(ReadAsync, seen => seen.Find("bsp_campaign_limited", ("number", Stage.Number1000), ("by", "stopped")) == 1, "the campaign is told to be stopped");
    }

    [Fact]
    public async Task The_usual_address_asks_for_a_key_and_the_scrapers_address_serves_nothing_else()
    {
        using var stranger = new HttpClient();
        using (var refused = await stranger.GetAsync(new Uri(Stage.Server.Url, "metrics"))) Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        using (var known = await Stage.Api.Http.GetAsync("metrics")) Assert.Equal(HttpStatusCode.OK, known.StatusCode);

        var own = new Uri($"http://127.0.0.1:{_ownPort}/");
        using (var scraped = await stranger.GetAsync(new Uri(own, "metrics"))) Assert.Equal((HttpStatusCode.OK, "text/plain"), (scraped.StatusCode, scraped.Content.Headers.ContentType?.MediaType));
        foreach (var path in (string[])["", "api/v1/campaigns", "webhooks/meta", "health/ready", "openapi/v1.json"])
            using (var nothing = await stranger.GetAsync(new Uri(own, path))) Assert.Equal(HttpStatusCode.NotFound, nothing.StatusCode);

        // A Host header does not make one address the other.
        using var disguised = new HttpRequestMessage(HttpMethod.Get, new Uri(Stage.Server.Url, "metrics")) { Headers = { Host = $"127.0.0.1:{_ownPort}" } };
        using (var refused = await stranger.SendAsync(disguised)) Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
    }

    private async Task<Metrics> ReadAsync() => new(await Stage.Api.Http.GetStringAsync("metrics"));
}

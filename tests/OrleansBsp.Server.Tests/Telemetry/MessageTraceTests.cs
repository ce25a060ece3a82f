using System.Diagnostics;
using Microsoft.Extensions.Options;
using OpenTelemetry;
using OpenTelemetry.Trace;
using OrleansBsp.Core.Messages;
using OrleansBsp.Server.Queues;
using OrleansBsp.Server.Telemetry;
using OrleansBsp.Server.Tests.Cluster;
using OrleansBsp.Server.Tests.Scenarios;
using OrleansBsp.Simulator;
using OrleansBsp.Simulator.Accounts;
using OrleansBsp.Simulator.Fates;

namespace OrleansBsp.Server.Tests.Telemetry;

/// <summary>One trace follows a message from its release to its last receipt, and nothing is kept for it meanwhile.</summary>
public sealed class MessageTraceTests
{
    [Theory, InlineData(QueueKind.InProcess), InlineData(QueueKind.Sqs)]
    public async Task One_trace_follows_a_sampled_message_from_release_to_read_and_others_have_none(QueueKind by)
    {
        await using var sqs = by == QueueKind.Sqs ? await SqsServer.StartAsync() : null;
        const int people = 40;
        using var exporter = new Memory();
        using var provider = Sdk.CreateTracerProviderBuilder().AddSource(MessageTraces.SourceName)
            .SetSampler(new ParentBasedSampler(new AlwaysOffSampler())).AddProcessor(new SimpleActivityExportProcessor(exporter)).Build();
        await using var meta = await SimulatorHost.StartAsync(new SimulatorOptions { Url = "http://127.0.0.1:0", Http2Url = "http://127.0.0.1:0", AppSecret = TestServer.AppSecret });
        await using var server = await TestServer.StartAsync(withAccount: false, settings:
        [
            ("Meta:GraphBaseUrl", $"{meta.Http2Url}v26.0/"), ("Meta:Http2PriorKnowledge", "true"), ("Telemetry:TraceRatio", "0.3"), ("Queue:Kind", $"{by}"),
            .. sqs is null ? [] : SqsServer.Settings(sqs.Options()),
        ]);
        meta.Behaviour.Statuses = StatusProfile.Instant;
        meta.WebhookUrl = new Uri(server.Address, "webhooks/meta").ToString();
        using var api = new ApiClient(server.Address, server.DataFolder);
        await api.AddWabaAsync(DefaultWorld.WabaId, DefaultWorld.AccessToken);
        var campaign = await api.CreateCampaignAsync(new { name = "Traced", phoneNumberId = Stage.Number1000, template = new { name = "store_hours", language = "en_US" }, defaultCountry = "IN" });
        await api.UploadAsync(campaign.Id, Audience.Of(people).Csv());
        await api.LaunchAsync(campaign.Id);
        await Wait.UntilAsync(() => api.CampaignAsync(campaign.Id), view => view.Books.Read == people, "all are read");

        var key = await server.ReadAsync<int>("select token_key from campaign");
        var traces = new MessageTraces(Options.Create(new TelemetryOptions { TraceRatio = 0.3 }));
        var all = new MessageTraces(Options.Create(new TelemetryOptions { TraceRatio = 1 }));
        var traced = 0;
        for (var position = 1; position <= people; position++)
        {
            var token = MessageToken.ForCampaign(Stage.Id(campaign.Id), position, 1, key);
            var spans = exporter.Of(all.Of(token)!.Value.Id);
            if (traces.Of(token) is null)
            {
                Assert.Empty(spans);
                continue;
            }

            traced++;
            // What is committed is traced a moment later; and the receipts may be faster than the answer.
            spans = await Eventually.SeesAsync(
                () => Task.FromResult(exporter.Of(all.Of(token)!.Value.Id)), seen => LastSteps(seen).Count() == 4 && LastSteps(seen).First() == "message record" && Receipts(seen).Contains("read"), "its last attempt has all steps, and it has its last receipt");
            Assert.Equal(["message record", "message post", "message release", "message permit"], LastSteps(spans));
            Assert.Contains("read", Receipts(spans));
            Assert.Equal("accepted", spans.Where(span => span.DisplayName == "message post").MaxBy(span => span.StartTimeUtc)!.GetTagItem("bsp.outcome"));
            Assert.Single(spans.Select(span => span.ParentSpanId).Distinct());
            Assert.All(spans, span => Assert.DoesNotContain(span.TagObjects, tag => $"{tag.Value}".Contains("919870", StringComparison.Ordinal)));
        }

        Assert.InRange(traced, 3, 25);
        Assert.Equal(sqs is not null, await server.ReadAsync<int>("select count(*)::int from send_claim") >= people); // it went the way it was to go

        // An order that comes too late is released anew, in the same trace.
        static IEnumerable<string> LastSteps(List<Activity> spans) =>
            spans.Where(span => span.DisplayName != "message receipt").OrderByDescending(span => span.StartTimeUtc).DistinctBy(span => span.DisplayName).Select(span => span.DisplayName);

        static IEnumerable<object?> Receipts(List<Activity> spans) => spans.Where(span => span.DisplayName == "message receipt").Select(span => span.GetTagItem("bsp.what"));
    }

    [Fact]
    public void Attempts_of_a_message_share_a_trace_and_other_messages_do_not()
    {
        var traces = new MessageTraces(Options.Create(new TelemetryOptions { TraceRatio = 1 }));
        MessageToken[] tokens = [MessageToken.ForCampaign(1001, 7, 1, 5), MessageToken.ForCampaign(1001, 8, 1, 5), MessageToken.ForCampaign(1002, 7, 1, 5), MessageToken.ForCampaign(1001, 7, 1, 6), MessageToken.ForSingle(1001, 1, 5)];
        Assert.Equal(tokens.Length, tokens.Select(token => traces.Of(token)!.Value.Id).Distinct().Count());
        Assert.Equal(traces.Of(tokens[0])!.Value.Id, traces.Of(tokens[0] with { Attempt = 3 })!.Value.Id);
    }

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(0.001, 60, 140)]
    [InlineData(0.1, 9_500, 10_500)]
    [InlineData(1, 100_000, 100_000)]
    public void The_share_of_messages_with_a_trace_is_as_asked_for(double ratio, int least, int most)
    {
        var traces = new MessageTraces(Options.Create(new TelemetryOptions { TraceRatio = ratio }));
        Assert.InRange(Enumerable.Range(1, 100_000).Count(position => traces.Of(MessageToken.ForCampaign(1001, position, 1, 42)) is not null), least, most);
    }

    private sealed class Memory : BaseExporter<Activity>
    {
        private readonly List<Activity> _spans = [];

        public List<Activity> Of(ActivityTraceId trace)
        {
            lock (_spans) return [.. _spans.Where(span => span.TraceId == trace)];
        }

        public override ExportResult Export(in Batch<Activity> batch)
        {
            lock (_spans)
                foreach (var span in batch) _spans.Add(span);
            return ExportResult.Success;
        }
    }
}

using System.Text;
using System.Text.Json.Nodes;
using OrleansBsp.Simulator.Fates;

namespace OrleansBsp.Simulator.Tests.Webhooks;

public sealed class DeliveryTests
{
    [Fact]
    public async Task What_is_not_answered_with_200_comes_again_with_the_same_bytes_and_counts_once()
    {
        await using var rig = await Rig.StartAsync();
        rig.Receiver.Answer = n => n switch { 0 => 500, 1 => 201, 2 => 401, _ => 200 };

        await rig.SendAsync(Rig.Template("+61400700003"));
        await rig.DeliveredAsync();

        Assert.Equal(4, rig.Receiver.All.Count);
        Assert.Single(rig.Receiver.All.Select(one => one.Body).Distinct());
        Assert.Equal((1, 3), (rig.Simulator.WebhookFigures.Delivered, rig.Simulator.WebhookFigures.Failed));
        Assert.Equal(1, rig.Simulator.Ledger.Summarize().States[MessageState.Sent]);
    }

    [Fact]
    public async Task A_status_that_was_never_acknowledged_is_not_part_of_the_truth_and_is_given_up_after_seven_days()
    {
        await using var rig = await Rig.StartAsync(options => options.Webhooks = options.Webhooks with { RetryBaseMs = 3_600_000 });
        rig.Receiver.Answer = _ => 503;
        await rig.SendAsync(Rig.Template("+61400700003"));
        for (var hours = 0; rig.Simulator.WebhookFigures.GivenUp == 0; hours++)
        {
            Assert.True(hours < 400, "The webhook was not given up.");
            var failed = rig.Simulator.WebhookFigures.Failed;
            await Until(() => rig.Simulator.WebhookFigures is { Outstanding: 0 } || (rig.Simulator.WebhookFigures.Failed > 0 && rig.Simulator.WebhookFigures.Scheduled > 0));
            rig.Simulator.AdvanceClock(TimeSpan.FromHours(1));
            await Until(() => rig.Simulator.WebhookFigures.Failed > failed || rig.Simulator.WebhookFigures.GivenUp > 0);
        }

        Assert.InRange(rig.Receiver.All.Count, 160, 172);
        Assert.Equal(1, rig.Simulator.Ledger.Summarize().States[MessageState.Accepted]);
    }

    [Fact]
    public async Task Batches_are_bounded_and_group_numbers_into_changes()
    {
        await using var rig = await Rig.StartAsync(options => options.Webhooks = options.Webhooks with { MaxUpdates = 20, MaxWaitMs = 40, Concurrency = 4 });

        await Task.WhenAll(Enumerable.Range(0, 60).Select(i => rig.SendAsync(Rig.Template($"+6149157{i:0000}"), i % 2 == 0 ? Rig.Number : Rig.HighNumber)));
        await rig.DeliveredAsync();

        Assert.All(rig.Receiver.All, one => Assert.InRange(one.Statuses.Count(), 1, 20));
        Assert.Equal(180, rig.Receiver.Statuses.Count);
        Assert.True(rig.Receiver.All.Count <= 60, $"{rig.Receiver.All.Count} webhooks for 180 statuses.");
        Assert.Contains(rig.Receiver.All, one => one.Values.Count() == 2 && one.Json["entry"]!.AsArray().Count == 1);
        Assert.All(rig.Receiver.All, one => Assert.All(one.Values, value => Assert.Distinct(value["contacts"]!.AsArray().Select(contact => contact!.ToJsonString()))));
    }

    [Fact]
    public async Task Raw_bytes_are_signed_as_they_are_and_the_receivers_answer_is_told()
    {
        await using var rig = await Rig.StartAsync();
        rig.Receiver.Answer = n => n == 0 ? 200 : 401;
        const string garbage = "{ not json";

        Assert.Equal(200, await rig.Simulator.SendRawWebhook(Encoding.UTF8.GetBytes(garbage)));
        Assert.Equal(401, (int)(await rig.ControlAsync("webhook?signature=bad", garbage))["status"]!);

        Assert.All(rig.Receiver.All, one => Assert.Equal(garbage, one.Body));
        Assert.Equal("sha256=" + new string('0', 64), rig.Receiver.All[1].Signature);
    }

    [Fact]
    public async Task The_callback_is_verified_with_the_token()
    {
        await using var rig = await Rig.StartAsync();

        Assert.True(await rig.Simulator.VerifyWebhook());
        rig.Receiver.VerifyToken = "another";
        Assert.False((bool)(await rig.ControlAsync("webhook/verify"))["verified"]!);
    }

    [Fact]
    public async Task Waiting_can_leave_out_the_future_and_the_clock_brings_it()
    {
        await using var rig = await Rig.StartAsync(options => options.Statuses = StatusProfile.Instant with { ReadMinMs = 3_600_000, ReadMaxMs = 3_600_000 });
        await rig.SendAsync(Rig.Template("+61491570006"));

        await Until(() => rig.Receiver.Statuses.Count == 2);
        Assert.True(await rig.Simulator.WaitForWebhooksDelivered(Rig.Patience, alsoFuture: false));
        Assert.False(await rig.Simulator.WaitForWebhooksDelivered(TimeSpan.FromMilliseconds(20)));

        rig.Simulator.AdvanceClock(TimeSpan.FromHours(2));
        await rig.DeliveredAsync();
        Assert.Equal(3, rig.Receiver.Statuses.Count);
        var idle = await rig.GetAsync("/control/idle");
        Assert.True((bool)idle["idle"]!);
    }

    [Fact]
    public async Task A_reset_forgets_what_was_scheduled_and_what_waits_for_a_retry()
    {
        await using var rig = await Rig.StartAsync(options => options.Webhooks = options.Webhooks with { RetryBaseMs = 3_600_000 });
        rig.Receiver.Answer = _ => 500;
        await rig.SendAsync(Rig.Template("+61491570006"));
        await Until(() => rig.Simulator.WebhookFigures.Failed > 0);

        rig.Simulator.Reset();
        await rig.DeliveredAsync();

        Assert.Equal(0, rig.Simulator.Ledger.Count);
        Assert.Equal(0, rig.Simulator.WebhookFigures.Outstanding);
        rig.Receiver.Answer = _ => 200;
        await rig.SendAsync(Rig.Template("+61491570006"));
        await rig.DeliveredAsync();
        Assert.Equal(1, rig.Simulator.Ledger.Summarize().States[MessageState.Read]);
    }

    [Fact]
    public async Task Figures_tell_latency_and_counts()
    {
        await using var rig = await Rig.StartAsync();
        await rig.SendAsync(Rig.Template("+61491570006"));
        await rig.DeliveredAsync();

        JsonNode figures = await rig.GetAsync("/control/webhook/stats");

        Assert.Equal(3, (int)figures["updates"]!);
        Assert.True((double)figures["p99Ms"]! > 0);
    }

    private static async Task Until(Func<bool> fact)
    {
        using var patience = new CancellationTokenSource(Rig.Patience);
        while (!fact())
        {
            await Task.Delay(1, patience.Token);
        }
    }
}

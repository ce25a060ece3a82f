using System.Net;
using System.Text.Json.Nodes;
using Npgsql;
using OrleansBsp.Server.Campaigns.Sending;
using OrleansBsp.Server.Queues;
using OrleansBsp.Server.Tests.Queues;
using Xunit.Abstractions;

namespace OrleansBsp.Server.Tests.Scenarios;

/// <summary>Released messages go through SQS, and any process sends them.</summary>
[Collection(AloneCollection.Name)]
public sealed class SqsDispatchTests(ITestOutputHelper output) : DispatchTests(output), IAsyncLifetime
{
    private SqsServer _sqs = null!;
    private Cable _cable = null!;
    private SqsOptions _options = null!;

    protected override async Task<Stage> SetStageAsync()
    {
        _sqs = await SqsServer.StartAsync();
        _cable = new Cable(_sqs.Url);
        _options = _sqs.Options(_cable.Url, visibilitySeconds: 5, receivers: 4, maxReceiveCount: 1000);
        return await Stage.SetAsync(settings:
        [
            .. SqsServer.Settings(_options).Select(setting => (setting.Key.Replace(":", "__", StringComparison.Ordinal), setting.Value)),
            ("Queue__Kind", "Sqs"), ("Campaigns__OutcomeWithinSeconds", "8"),
        ]);
    }

    async Task IAsyncLifetime.DisposeAsync()
    {
        await DisposeAsync();
        await _cable.DisposeAsync();
        await _sqs.DisposeAsync();
    }

    [Fact]
    public async Task Orders_that_the_queue_delivers_twice_are_sent_once()
    {
        var campaign = await Stage.LaunchAsync(Audience.Of(1500), maxPerSecond: 300);
        await EachOrderTwiceAsync(campaign.Id);

        var books = (await Stage.ReckonAsync(campaign.Id)).Books;
        Assert.Equal(1500, books.Accepted);
        Assert.DoesNotContain(Stage.LedgerOf(campaign.Id), accepted => accepted.Count() > 1);
    }

    [Fact]
    public async Task Orders_that_were_dead_letters_are_redriven_and_nobody_gets_anything_twice()
    {
        var audience = Audience.Of(1500);
        var campaign = await Stage.LaunchAsync(audience, maxPerSecond: 300);
        using var queues = SqsServer.Queues(_options);
        var queue = await queues.GetAsync(SendWorker.Queue, CancellationToken.None);
        var (dead, shown) = (0, new List<JsonNode>());
        while ((await Stage.Api.CampaignAsync(campaign.Id)).State != "completed")
        {
            // Every other one becomes a dead letter instead of being sent; of the others a copy does, and is redriven beside them, or after them.
            var received = await queue.ReceiveAsync(CancellationToken.None);
            if (received.Count > 0)
            {
                await queue.Dead!.SendAsync([.. received.Select(order => order.Body)], CancellationToken.None);
                await queue.SendAsync([.. received.Where((_, index) => index % 2 == 0).Select(order => order.Body)], CancellationToken.None);
                await queue.DeleteAsync(received);
                dead += received.Count;
            }

            if (dead > 100 && shown.Count == 0) shown = [.. (await Stage.Api.GetAsync<JsonNode>("queues/sends/dead-letters?limit=100"))["items"]!.AsArray().Select(letter => letter!)];
            if (Random.Shared.Next(20) == 0) await RedriveAsync();
            await Stage.PassRetryTimeAsync(campaign.Id);
        }

        while (await RedriveAsync() > 0)
        {
        }

        await Wait.UntilAsync(() => queue.StandingAsync(CancellationToken.None), standing => standing is { Waiting: 0, InHand: 0, DeadLetters: 0 }, "all orders are done with");
        Tell($"{dead} orders were dead letters");
        Assert.True(dead > 100);
        Assert.Equal(1500, (await Stage.ReckonAsync(campaign.Id)).Books.Accepted);

        Assert.All(shown, letter => Assert.Equal((campaign.Id, Stage.Number1000), ((string?)letter["names"]!["campaignId"], (string?)letter["names"]!["phoneNumberId"])));
        Assert.All(shown, letter => Assert.InRange((int)letter["names"]!["position"]!, 1, 1500));
        Assert.All(shown, letter => Assert.InRange((int)letter["names"]!["attempt"]!, 1, 20));
        var text = string.Concat(shown.Select(letter => letter.ToJsonString()));
        Assert.DoesNotContain(audience.Phones, phone => text.Contains(phone[1..], StringComparison.Ordinal));
        Assert.DoesNotContain("Person", text, StringComparison.Ordinal);

        await queue.Dead!.SendAsync(["not an order"], CancellationToken.None);
        var alien = (string)(await Stage.Api.GetAsync<JsonNode>("queues/sends/dead-letters"))["items"]![0]!["id"]!;
        using var deleted = await Stage.Api.Http.DeleteAsync($"api/v1/queues/sends/dead-letters/{alien}?reason=of%20another%20version");
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        await Wait.UntilAsync(() => Stage.Server.Log.Any(line => line.Contains($"dead letter {alien} (unknown) deleted for good by key:", StringComparison.Ordinal) && line.EndsWith(": of another version", StringComparison.Ordinal)), "the log says who and why");
        Assert.Contains(Stage.Server.Log, line => line.Contains("dead letters moved back by key:", StringComparison.Ordinal));

        async Task<int> RedriveAsync() => (int)(await Stage.Api.PostAsync<JsonNode>("queues/sends/dead-letters/redrive", null))["moved"]!;
    }

    [Fact]
    public async Task While_the_queue_is_away_releases_stop_and_go_on_by_themselves_and_nobody_is_lost()
    {
        var campaign = await Stage.LaunchAsync(Audience.Of(4000));
        await Stage.WaitForAcceptedAsync(1000);
        await _cable.CutAsync();
        await Stage.WaitForAsync(campaign.Id, view => view.LimitedBy == "the queue does not answer", "the campaign says what it waits for");
        var released = (await Stage.Api.CampaignAsync(campaign.Id)).Books.NotReleased;
        await Task.Delay(TimeSpan.FromSeconds(3));
        Assert.Equal(released, (await Stage.Api.CampaignAsync(campaign.Id)).Books.NotReleased);
        _cable.Mend();

        await CompletedWithoutWaitingAsync(campaign.Id);
        Assert.Equal(4000, (await Stage.ReckonAsync(campaign.Id)).Books.Accepted);
        Tell($"most in a second: {Stage.MostArrivedPerSecond(Stage.Number1000)}");
        Assert.InRange(Stage.MostArrivedPerSecond(Stage.Number1000), 1, 1000);
    }

    [Fact]
    public async Task Orders_are_deleted_only_when_what_became_of_them_is_committed()
    {
        const int Recipients = 4000;
        using var queues = SqsServer.Queues(_options);
        var queue = await queues.GetAsync(SendWorker.Queue, CancellationToken.None);
        var campaign = await Stage.LaunchAsync(Audience.Of(Recipients));
        await Stage.WaitForAcceptedAsync(500);
        await using (var connection = await Stage.Database.OpenConnectionAsync())
        await using (await connection.BeginTransactionAsync())
        {
            await using var locks = new NpgsqlCommand("select from campaign_run where campaign_id = $1 for update", connection) { Parameters = { new NpgsqlParameter<long> { TypedValue = Stage.Id(campaign.Id) } } };
            await locks.ExecuteNonQueryAsync(); // nothing of the campaign can be recorded, and what is released goes on
            var recorded = await RecordedAsync(campaign.Id);
            await Stage.WaitForAcceptedAsync(recorded + 1);
            var released = Recipients - (await Stage.Api.CampaignAsync(campaign.Id)).Books.NotReleased;
            await Wait.UntilAsync(() => queue.StandingAsync(CancellationToken.None), seen => seen.Waiting + seen.InHand >= released - recorded, "what is released is on the queue");
            await Task.Delay(TimeSpan.FromSeconds(1)); // what was answered would be deleted
            var standing = await queue.StandingAsync(CancellationToken.None);
            Tell($"{released} released, {recorded} recorded, {Stage.Meta.Ledger.Count} accepted, {standing}");
            Assert.InRange(standing.Waiting + standing.InHand, released - recorded, Recipients);
            Assert.Equal(recorded, await RecordedAsync(campaign.Id));
        }

        await Wait.UntilAsync(() => queue.StandingAsync(CancellationToken.None), standing => standing is { Waiting: 0, InHand: 0 }, "all orders are deleted");
        await CompletedWithoutWaitingAsync(campaign.Id);
        Assert.Equal(Recipients, (await Stage.ReckonAsync(campaign.Id)).Books.Accepted);
    }

    [Fact]
    public async Task Orders_of_accounts_that_this_process_cannot_send_for_hold_up_nobody_else()
    {
        const int Recipients = 1500;
        await using (var unreadable = Stage.Database.CreateCommand("insert into waba (id, name, access_token, time_zone, currency) values ('unreadable', '', $1, 'UTC', 'USD')"))
        {
            unreadable.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = new byte[60] });
            await unreadable.ExecuteNonQueryAsync();
        }

        using var queues = SqsServer.Queues(_options);
        var queue = await queues.GetAsync(SendWorker.Queue, CancellationToken.None);
        var campaign = await Stage.LaunchAsync(Audience.Of(Recipients), maxPerSecond: 300);
        var strangers = 0;
        await Wait.UntilAsync(
            async () =>
            {
                var waba = strangers % 2 == 0 ? "unreadable" : "unknown";
                var stranger = new SendOrder(SendOrder.Current, long.MaxValue, 1, strangers + 1, 1, Stage.Number1000, waba, 919812345678, 1000, DateTime.UtcNow.AddSeconds(1), 1, "{}");
                await queue.SendAsync([stranger.ToText()], CancellationToken.None);
                strangers++;
                await Stage.PassRetryTimeAsync(campaign.Id);
                return (await Stage.Api.CampaignAsync(campaign.Id)).State == "completed";
            }, "the campaign is completed", Wait.Long);

        Assert.Equal(Recipients, (await Stage.ReckonAsync(campaign.Id)).Books.Accepted);
        Assert.DoesNotContain(Stage.Server.Log, line => line.Contains("messages failed, they come again", StringComparison.Ordinal));
        Assert.Contains(Stage.Server.Log, line => line.Contains("orders for the WhatsApp Business Account unknown, which is not ours", StringComparison.Ordinal));
        Assert.Single(Stage.Server.Log, line => line.Contains("The stored access token of WhatsApp Business Account unreadable", StringComparison.Ordinal));
        await Wait.UntilAsync(
            () => queue.StandingAsync(CancellationToken.None), standing => standing.Waiting + standing.InHand == strangers && standing.DeadLetters == 0, $"all {strangers} are there still, for a process that can");
    }

    /// <summary>Of how many people it is committed what became of their orders.</summary>
    private async Task<int> RecordedAsync(string campaign)
    {
        await using var command = Stage.Database.CreateCommand("select count(*)::int from (select position from message where campaign_id = $1 union select position from pending where campaign_id = $1) recorded");
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = Stage.Id(campaign) });
        return (int)(await command.ExecuteScalarAsync())!;
    }

    // A second consumer takes orders from the queue and puts each of them back twice.
    private async Task EachOrderTwiceAsync(string campaign)
    {
        using var queues = SqsServer.Queues(_options);
        var queue = await queues.GetAsync(SendWorker.Queue, CancellationToken.None);
        var (copied, again) = (0, new HashSet<string>());
        while ((await Stage.Api.CampaignAsync(campaign)).State != "completed")
        {
            var received = await queue.ReceiveAsync(CancellationToken.None);
            if (received.Count == 0) continue;
            var twice = received.SelectMany(message => again.Add(message.Body) ? new[] { message.Body, message.Body } : [message.Body]).Chunk(10);
            foreach (var part in twice) await queue.SendAsync(part, CancellationToken.None);
            await queue.DeleteAsync(received);
            copied += received.Count;
            await Stage.PassRetryTimeAsync(campaign);
        }

        Tell($"{copied} orders were put back twice");
        Assert.True(copied > 100);
    }
}

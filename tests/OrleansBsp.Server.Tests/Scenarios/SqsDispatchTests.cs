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
        _options = _sqs.Options(_cable.Url, visibilitySeconds: 4, receivers: 4, maxReceiveCount: 1000);
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
    public async Task Two_processes_send_one_campaign_and_one_of_them_is_killed()
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
    public async Task The_owner_stops_in_order_and_nothing_becomes_uncertain()
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
    public async Task The_owner_is_killed_and_orders_that_it_left_are_sent_once_or_not_at_all()
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
        Assert.InRange(books.Unknown, 0, 2 * 300); // what was claimed; the rest comes again and is released anew
        Assert.Equal(Stage.Meta.Ledger.Count, books.Accepted);
    }

    // Waiting times of messages that go back grow to minutes; nobody here has to wait for them.
    private Task CompletedWithoutWaitingAsync(string campaign) => Wait.UntilAsync(async () =>
    {
        await Stage.PassRetryTimeAsync(campaign);
        return (await Stage.Api.CampaignAsync(campaign)).State == "completed";
    }, "the campaign is completed", Wait.Long);

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

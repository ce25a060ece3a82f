using OrleansBsp.Server.Campaigns.Sending;
using OrleansBsp.Server.Queues;
using OrleansBsp.Simulator.Accounts;
using Xunit.Abstractions;

namespace OrleansBsp.Server.Tests.Scenarios;

/// <summary>The same by way of SQS, which has forgotten nothing: orders that were sent, and whose claims are lost, come again.</summary>
public sealed class RestoreByQueueTests(ITestOutputHelper output) : RestoreTests(output)
{
    private readonly List<SendOrder> _sent = [];

    protected override Task<Stage> SetStageAsync() => Stage.SetAsync(ownPostgres: true, sqs: true);

    protected override async Task BeforeTheLossAsync(string campaign)
    {
        await using var command = Stage.Database.CreateCommand(
            "select m.campaign_id, c.token_key, m.position, m.accepted_at from message m join campaign c on c.id = m.campaign_id where m.attempt = 1 and m.accepted_at is not null order by m.position desc limit 50");
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            _sent.Add(new SendOrder(
                SendOrder.Current, reader.GetInt64(0), reader.GetInt32(1), reader.GetInt32(2), 1, Stage.Number1000, DefaultWorld.WabaId, 919812345678, 1000, reader.GetDateTime(3), 1, "{}"));
        }

        Assert.Equal(50, _sent.Count);
    }

    protected override async Task BeforeTheStartAsync()
    {
        using var queues = SqsServer.Queues(Stage.Queues!);
        var queue = await queues.GetAsync(SendWorker.Queue, CancellationToken.None);
        foreach (var ten in _sent.Chunk(SqsQueue.MaxBatch)) await queue.SendAsync([.. ten.Select(order => order.ToText())], CancellationToken.None);
    }

    protected override async Task AfterTheStartAsync()
    {
        using var queues = SqsServer.Queues(Stage.Queues!);
        var queue = await queues.GetAsync(SendWorker.Queue, CancellationToken.None);
        await Wait.UntilAsync(() => queue.StandingAsync(CancellationToken.None), standing => standing is { Waiting: 0, InHand: 0 }, "all orders are done with");
    }
}

using Npgsql;
using OrleansBsp.Server.Campaigns.Sending;
using OrleansBsp.Server.Queues;
using OrleansBsp.Simulator.Accounts;
using Xunit.Abstractions;

namespace OrleansBsp.Server.Tests.Scenarios;

/// <summary>The same by way of SQS, which has forgotten nothing: orders that were sent come again. The claims of some are lost; of others it is stored that nobody sends them, as of an attempt that was repeated.</summary>
public sealed class RestoreByQueueTests(ITestOutputHelper output) : RestoreTests(output)
{
    private readonly List<SendOrder> _sent = [];

    protected override Task<Stage> SetStageAsync() => Stage.SetAsync(ownPostgres: true, sqs: true);

    // Not the last ones: their statuses still come, and settle them.
    protected override async Task BeforeTheLossAsync(string campaign)
    {
        await using var command = Stage.Database.CreateCommand(
            "select m.campaign_id, c.token_key, m.position, m.accepted_at from message m join campaign c on c.id = m.campaign_id where m.attempt = 1 and m.accepted_at is not null order by m.position desc limit 50 offset 250");
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            _sent.Add(new SendOrder(
                SendOrder.Current, reader.GetInt64(0), reader.GetInt32(1), reader.GetInt32(2), 1, Stage.Number1000, DefaultWorld.WabaId, 919812345678, 1000, reader.GetDateTime(3), 1, "{}"));
        }

        Assert.Equal(50, _sent.Count);
        await using var earlier = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(Stage.Postgres!.ConnectionString) { Database = "earlier", Pooling = false }.ConnectionString);
        await earlier.OpenAsync();
        foreach (var order in _sent.Take(25))
        {
            await using var claim = new NpgsqlCommand("insert into send_claim (day, campaign_id, position, attempt, claimer, may_send) values (($1 at time zone 'utc')::date, $2, $3, 1, $4, false)", earlier)
            {
                Parameters = { new() { Value = order.Moment }, new() { Value = order.Campaign }, new() { Value = order.Position }, new() { Value = Guid.NewGuid() } },
            };
            await claim.ExecuteNonQueryAsync();
        }
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

using System.Text;
using Dapper;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using OrleansBsp.Server.Storage;
using OrleansBsp.Server.Tests.Storage;
using OrleansBsp.Server.Webhooks;

namespace OrleansBsp.Server.Tests.Webhooks;

/// <summary>The group commit of the inbox: whoever is told "stored" is stored, and nobody is told otherwise.</summary>
public sealed class InboxAppenderTests : IAsyncLifetime
{
    private string _connectionString = "";

    public async Task InitializeAsync() => _connectionString = await PostgresServer.CreateDatabaseAsync();

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task Every_append_is_committed_when_its_task_completes_and_offsets_are_dense()
    {
        await using var database = Connect();
        await using (var appender = Appender(database))
        {
            await Task.WhenAll(Enumerable.Range(0, 1000).Select(async index =>
            {
                var body = Encoding.UTF8.GetBytes($"body {index}");
                await appender.AppendAsync(body);
                await using var look = await database.Main.OpenConnectionAsync();
                Assert.Equal(1, await look.ExecuteScalarAsync<int>("select count(*)::int from inbox where body = @body", new { body }));
            }));
        }

        await DenseAsync(1000);
    }

    [Fact]
    public async Task Dispose_stores_what_waits()
    {
        await using var database = Connect();
        var appender = Appender(database);
        var appended = Enumerable.Range(0, 5000).Select(index => appender.AppendAsync(Encoding.UTF8.GetBytes($"body {index}"))).ToList();

        await appender.DisposeAsync();

        Assert.All(appended, task => Assert.True(task.IsCompletedSuccessfully));
        await DenseAsync(5000);
    }

    [Fact]
    public async Task A_failing_database_fails_everybody_who_waits_and_the_next_goes_through()
    {
        await using var database = Connect();
        await using var appender = Appender(database);
        await ExecuteAsync("alter table inbox_head rename to inbox_head_away");
        var failed = await Task.WhenAll(Enumerable.Range(0, 100).Select(async _ => await Record.ExceptionAsync(() => appender.AppendAsync([1]))));
        Assert.All(failed, failure => Assert.IsAssignableFrom<NpgsqlException>(failure));

        await ExecuteAsync("alter table inbox_head_away rename to inbox_head");
        await appender.AppendAsync([2]);

        await DenseAsync(1);
    }

    [Fact]
    public async Task More_than_memory_should_hold_is_refused_and_what_waits_is_stored()
    {
        await using var database = Connect();
        await using var appender = Appender(database);
        await using var blocker = await database.Main.OpenConnectionAsync();
        await using var transaction = await blocker.BeginTransactionAsync();
        await blocker.ExecuteAsync("update inbox_head set last_offset = last_offset", transaction: transaction);

        var body = new byte[4 << 20];
        var appended = new List<Task>();
        var refusal = Record.Exception(() => { while (appended.Count < 100) appended.Add(appender.AppendAsync(body)); });
        await transaction.RollbackAsync();

        Assert.IsType<InboxFullException>(refusal);
        await Task.WhenAll(appended);
        await DenseAsync(appended.Count);
    }

    [Fact]
    public async Task A_write_whose_answer_is_lost_is_not_called_stored()
    {
        await using var link = new LossyLink(_connectionString);
        await using var database = new Database(link.ConnectionString, new DatabaseOptions());
        await using var appender = Appender(database);
        await appender.AppendAsync([1]);

        link.LoseNextAnswer();
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => appender.AppendAsync([2]));
        await appender.AppendAsync([2]); // Meta comes again

        Assert.Equal(1, link.Lost);
        await DenseAsync(3);
    }

    private Database Connect() => new(_connectionString, new DatabaseOptions());

    // Without a cluster to poke: poking only wakes early, and its failure is only logged.
    private static InboxAppender Appender(Database database) => new(database, null!, NullLogger<InboxAppender>.Instance);

    private async Task DenseAsync(int expected)
    {
        await using var connection = new NpgsqlConnection(_connectionString);
        Assert.Equal(expected, await connection.ExecuteScalarAsync<int>("select count(*)::int from inbox"));
        Assert.Equal(expected, await connection.ExecuteScalarAsync<int>("select sum(last_offset)::int from inbox_head"));
        Assert.Equal(0, await connection.ExecuteScalarAsync<int>(
            """select count(*)::int from inbox_head h where h.last_offset <> (select count(distinct i."offset") from inbox i where i.shard = h.shard and i."offset" between 1 and h.last_offset)"""));
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(_connectionString);
        await connection.ExecuteAsync(sql);
    }
}

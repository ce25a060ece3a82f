using Dapper;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using OrleansBsp.Server.Storage;

namespace OrleansBsp.Server.Tests.Storage;

/// <summary>A process that hangs with locks held must not stop the others.</summary>
public sealed class HungSessionsTests : IAsyncLifetime
{
    private string _connectionString = "";
    private Database _database = null!;

    public async Task InitializeAsync()
    {
        _connectionString = await PostgresServer.CreateDatabaseAsync();
        _database = new Database(_connectionString, new DatabaseOptions());
        await using var connection = await _database.Main.OpenConnectionAsync();
        await connection.ExecuteAsync("create table thing (id int primary key, value int); insert into thing values (1, 0)");
    }

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Fact]
    public async Task A_transaction_whose_process_says_nothing_more_is_ended_and_who_waits_goes_on()
    {
        await using var hung = await OpenAsync(Database.Application);
        await hung.ExecuteAsync("begin; update thing set value = 1 where id = 1");

        await OthersGoOnAsync();

        var failure = await Assert.ThrowsAnyAsync<NpgsqlException>(() => hung.ExecuteAsync("commit"));
        Assert.True(Passing.Is(failure), "The process repeats what it wanted, as after a restart of the database.");
    }

    [Fact]
    public async Task A_pipeline_whose_end_never_comes_is_ended_too()
    {
        using var pipeline = new UnfinishedPipeline(_connectionString);
        await using var hung = await OpenAsync(Database.Application, pipeline.ConnectionString);
        pipeline.Stop();
        var unfinished = hung.ExecuteAsync("update thing set value = 1 where id = 1");

        await OthersGoOnAsync();

        Assert.True(Passing.Is(await Assert.ThrowsAnyAsync<NpgsqlException>(() => unfinished)));
    }

    [Fact]
    public async Task A_transaction_that_works_or_waits_for_a_lock_itself_is_left_alone()
    {
        await using var working = await OpenAsync(Database.Application);
        var work = working.ExecuteAsync("begin; update thing set value = 1 where id = 1; select pg_sleep(5); commit");
        var waiting = AddOneAsync();
        for (var look = 0; look < 4; look++)
        {
            await Task.Delay(TimeSpan.FromSeconds(1));
            Assert.Equal(0, await EndAsync());
        }

        await work;
        await waiting;
    }

    [Fact]
    public async Task Nobody_waits_so_a_silent_transaction_is_left_alone()
    {
        await using var silent = await OpenAsync(Database.Application);
        await silent.ExecuteAsync("begin; update thing set value = 1 where id = 1");
        await Task.Delay(HungSessions.Silence + HungSessions.Waiting);

        Assert.Equal(0, await EndAsync());
        await silent.ExecuteAsync("commit");
    }

    [Fact]
    public async Task A_session_that_is_not_ours_is_left_alone()
    {
        await using var operators = await OpenAsync("psql");
        await operators.ExecuteAsync("begin; update thing set value = 1 where id = 1");
        var waiting = AddOneAsync();
        await Task.Delay(HungSessions.Silence + HungSessions.Waiting);

        Assert.Equal(0, await EndAsync());
        await operators.ExecuteAsync("commit");
        await waiting;
    }

    private async Task OthersGoOnAsync()
    {
        await Wait.UntilAsync(async () => await TestDatabase.ReadAsync<long>(_connectionString, "select count(*) from pg_locks where relation = 'thing'::regclass and mode = 'RowExclusiveLock'", null) > 0, "the hung session holds its lock");
        var waiting = AddOneAsync();
        await Wait.UntilAsync(async () => await EndAsync() == 1, "the hung session is ended");
        await waiting;
        Assert.Equal(1, await TestDatabase.ReadAsync<int>(_connectionString, "select value from thing", null)); // what the hung one had done is gone
    }

    private Task<int> EndAsync() => new HungSessions(_database, NullLogger<HungSessions>.Instance).EndAsync(CancellationToken.None);

    private async Task AddOneAsync()
    {
        await using var connection = await OpenAsync(Database.Application);
        await connection.ExecuteAsync("update thing set value = value + 1 where id = 1");
    }

    private async Task<NpgsqlConnection> OpenAsync(string application, string? connectionString = null)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString ?? _connectionString) { ApplicationName = application, Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        return connection;
    }
}

using Dapper;
using Npgsql;
using OrleansBsp.Server.Storage;

namespace OrleansBsp.Server.Tests.Storage;

/// <summary>Old days of the logs are dropped, and never a webhook that has not been applied.</summary>
public sealed class PartitionKeeperTests : IAsyncLifetime
{
    private static readonly DatabaseOptions Retention = new();
    private NpgsqlConnection _connection = null!;

    public async Task InitializeAsync()
    {
        _connection = new NpgsqlConnection(await PostgresServer.CreateDatabaseAsync());
        await _connection.OpenAsync();
    }

    public async Task DisposeAsync() => await _connection.DisposeAsync();

    [Fact]
    public async Task Whole_days_past_their_retention_are_dropped()
    {
        foreach (var (parent, days) in new[] { ("inbox", Retention.InboxRetentionDays), ("event", Retention.EventRetentionDays) })
            foreach (var age in new[] { days - 1, days, days + 1, days + 30 })
                await AddDayAsync(parent, age);
        var before = await DaysAsync();

        await PartitionKeeper.DropOldAsync(_connection, Retention, CancellationToken.None);

        Assert.Equal(4, before - await DaysAsync());
    }

    [Fact]
    public async Task A_day_stays_until_every_shard_has_applied_its_webhooks_of_that_day()
    {
        await AddDayAsync("inbox", age: 40);
        await _connection.ExecuteAsync(
            """insert into inbox (day, shard, "offset", body) select current_date - 40, shard, "offset", 'body' from generate_series(0, 3) shard, generate_series(1, 3) "offset" """);

        await MoveCursorsAsync("where shard < 3", to: 3);
        await PartitionKeeper.DropOldAsync(_connection, Retention, CancellationToken.None);
        Assert.Equal(12, await _connection.ExecuteScalarAsync<int>("select count(*)::int from inbox"));

        await MoveCursorsAsync("where shard = 3", to: 2);
        await PartitionKeeper.DropOldAsync(_connection, Retention, CancellationToken.None);
        Assert.Equal(12, await _connection.ExecuteScalarAsync<int>("select count(*)::int from inbox"));

        await MoveCursorsAsync("where shard = 3", to: 3);
        await PartitionKeeper.DropOldAsync(_connection, Retention, CancellationToken.None);
        Assert.Equal(0, await _connection.ExecuteScalarAsync<int>("select count(*)::int from inbox"));
    }

    private Task AddDayAsync(string parent, int age) => _connection.ExecuteAsync("select ensure_day_partition(@parent, current_date - @age)", new { parent, age });

    private Task MoveCursorsAsync(string where, int to) => _connection.ExecuteAsync($"""update inbox_cursor set "offset" = @to {where}""", new { to });

    private Task<int> DaysAsync() => _connection.ExecuteScalarAsync<int>("select count(*)::int from pg_inherits where inhparent in ('inbox'::regclass, 'event'::regclass)");
}

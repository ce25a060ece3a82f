using Dapper;
using OrleansBsp.Server.Storage;
using OrleansBsp.Server.Tests.Storage;
using OrleansBsp.Server.Webhooks;

namespace OrleansBsp.Server.Tests.Webhooks;

/// <summary>The cursor of an inbox shard belongs to its newest activation and only goes forward.</summary>
public sealed class InboxStoreTests
{
    [Fact]
    public async Task A_superseded_activation_cannot_move_the_cursor()
    {
        await using var database = new Database(await PostgresServer.CreateDatabaseAsync(), new DatabaseOptions());
        var store = new InboxStore(database);
        var (old, start) = await store.TakeAsync(1, "old", CancellationToken.None);
        Assert.Equal(0, start);
        Assert.True(await store.MoveAsync(1, old, 5, CancellationToken.None));
        var (current, offset) = await store.TakeAsync(1, "new", CancellationToken.None);

        Assert.Equal((old + 1, 5), (current, offset));
        Assert.False(await store.MoveAsync(1, old, 9, CancellationToken.None));
        Assert.True(await store.MoveAsync(1, current, 7, CancellationToken.None));
        Assert.False(await store.MoveAsync(1, current, 6, CancellationToken.None));
        Assert.Equal(7, (await store.TakeAsync(1, "third", CancellationToken.None)).Offset);
        Assert.Equal(0, (await store.TakeAsync(2, "other shard", CancellationToken.None)).Offset);
    }

    [Fact]
    public async Task A_read_stops_at_its_count_and_about_its_size()
    {
        await using var database = new Database(await PostgresServer.CreateDatabaseAsync(), new DatabaseOptions());
        var store = new InboxStore(database);
        await using (var connection = await database.Main.OpenConnectionAsync())
            await connection.ExecuteAsync(InboxSql.Append, new { shard = (short)3, bodies = Enumerable.Range(0, 10).Select(_ => new byte[1000]).ToArray() });

        Assert.Equal([1, 2, 3], (await store.ReadAsync(3, 0, 3, int.MaxValue, CancellationToken.None)).Select(body => body.Offset));
        Assert.Equal([5, 6, 7], (await store.ReadAsync(3, 4, 100, 2500, CancellationToken.None)).Select(body => body.Offset));
        Assert.Equal([5], (await store.ReadAsync(3, 4, 100, 1, CancellationToken.None)).Select(body => body.Offset));
        Assert.Empty(await store.ReadAsync(3, 10, 100, 100, CancellationToken.None));
        Assert.Empty(await store.ReadAsync(0, 0, 100, 100, CancellationToken.None));
        Assert.Equal([0, 0, 0, 10], (await store.BacklogAsync(CancellationToken.None)).Select(shard => shard.Waiting));
    }
}

using System.Collections.Concurrent;
using System.Text;
using Dapper;
using Npgsql;
using OrleansBsp.Server.Events;
using OrleansBsp.Server.Storage;
using OrleansBsp.Server.Tests.Storage;
using OrleansBsp.Server.Webhooks;

namespace OrleansBsp.Server.Tests.Events;

/// <summary>
/// Cursors skip nothing: a reader who goes on behind the last offset it saw sees each committed row once and in order, although
/// writers take their time between statement and commit, and some think better of it.
/// </summary>
public sealed class CursorTests : IAsyncLifetime
{
    private const int Writers = 12;
    private const int TransactionsEach = 40;

    private string _connectionString = "";
    private Database _database = null!;

    public async Task InitializeAsync()
    {
        _connectionString = await PostgresServer.CreateDatabaseAsync();
        _database = new Database(_connectionString, new DatabaseOptions());
    }

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Fact]
    public async Task Readers_of_the_inbox_see_every_committed_body_once_and_in_order()
    {
        var store = new InboxStore(_database);
        await CheckAsync(
            InboxSql.Shards,
            (shard, marks) => new NpgsqlBatchCommand(InboxSql.Append)
            {
                Parameters = { new NpgsqlParameter<short>("shard", shard), new NpgsqlParameter<byte[][]>("bodies", [.. marks.Select(Encoding.UTF8.GetBytes)]) },
            },
            async (shard, after) => (await store.ReadAsync(shard, after, 7, 1 << 20, CancellationToken.None)).ConvertAll(body => (body.Offset, Encoding.UTF8.GetString(body.Body))),
            "inbox_head");
    }

    [Fact]
    public async Task Readers_of_the_event_log_see_every_committed_event_once_and_in_order()
    {
        var log = new EventLog(_database);
        var sources = Enumerable.Range(0, 1000).Select(index => $"campaign:{index}").GroupBy(EventLog.ShardOf).ToDictionary(group => group.Key, group => group.First());
        Assert.Equal(EventSql.Shards, sources.Count);
        await CheckAsync(
            EventSql.Shards,
            (shard, marks) => EventLog.Append(sources[shard], "test", marks.Length, Encoding.UTF8.GetBytes($"[\"{string.Join("\",\"", marks)}\"]")),
            async (shard, after) => (await log.ReadAsync(shard, after, 7, CancellationToken.None)).ConvertAll(batch => (batch.Offset, batch.Body.Trim('[', ']').Replace("\"", ""))),
            "event_head");
    }

    [Fact]
    public async Task With_a_plain_sequence_a_reader_would_skip()
    {
        await using var slow = await _database.Main.OpenConnectionAsync();
        await using var quick = await _database.Main.OpenConnectionAsync();
        await quick.ExecuteAsync("create table plain (n bigint generated always as identity primary key, mark text)");
        await using var transaction = await slow.BeginTransactionAsync();
        await slow.ExecuteAsync("insert into plain (mark) values ('slow')", transaction: transaction);
        await quick.ExecuteAsync("insert into plain (mark) values ('quick')");

        var cursor = 0L;
        var seen = new List<string>(await ReadAsync());
        await transaction.CommitAsync();
        seen.AddRange(await ReadAsync());

        Assert.Equal(["quick"], seen);

        async Task<List<string>> ReadAsync()
        {
            var rows = (await quick.QueryAsync<(long N, string Mark)>("select n, mark from plain where n > @cursor order by n", new { cursor })).ToList();
            if (rows.Count > 0) cursor = rows[^1].N;
            return [.. rows.Select(row => row.Mark)];
        }
    }

    private async Task CheckAsync(
        short shards, Func<short, string[], NpgsqlBatchCommand> append, Func<short, long, Task<List<(long Offset, string Marks)>>> read, string heads)
    {
        var committed = new ConcurrentBag<string>();
        var writing = Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(() => WriteAsync(writer, shards, append, committed))));
        var seen = await Task.WhenAll(Enumerable.Range(0, shards).Select(shard => Task.Run(() => ReadAsync((short)shard, read, writing))));
        await writing;

        Assert.Equal(committed.Order(), seen.SelectMany(marks => marks).Order());
        await using var connection = await _database.Main.OpenConnectionAsync();
        Assert.True(await connection.ExecuteScalarAsync<long>($"select sum(last_offset)::bigint from {heads}") > 0);
    }

    private async Task WriteAsync(int writer, short shards, Func<short, string[], NpgsqlBatchCommand> append, ConcurrentBag<string> committed)
    {
        var random = new Random(writer);
        for (var turn = 0; turn < TransactionsEach; turn++)
        {
            await using var connection = await _database.Main.OpenConnectionAsync();
            await using var transaction = await connection.BeginTransactionAsync();
            string[] marks = [.. Enumerable.Range(0, random.Next(1, 4)).Select(index => $"{writer}.{turn}.{index}")];
            await using var batch = new NpgsqlBatch(connection, transaction);
            batch.BatchCommands.Add(append((short)random.Next(shards), marks));
            await batch.ExecuteNonQueryAsync();
            // The moment in which a sequence's number would be out and the row not yet visible.
            await connection.ExecuteAsync("select pg_sleep(@seconds)", new { seconds = random.NextDouble() * 0.01 }, transaction);
            if (random.Next(5) == 0)
            {
                await transaction.RollbackAsync();
                continue;
            }

            await transaction.CommitAsync();
            foreach (var mark in marks) committed.Add(mark);
        }
    }

    /// <summary>Polls until nothing has come after the writers ended.</summary>
    private static async Task<List<string>> ReadAsync(short shard, Func<short, long, Task<List<(long Offset, string Marks)>>> read, Task writing)
    {
        var seen = new List<string>();
        for (var cursor = 0L; ;)
        {
            var isLast = writing.IsCompleted;
            var rows = await read(shard, cursor);
            foreach (var (offset, marks) in rows)
            {
                Assert.Equal(cursor + 1, offset);
                cursor = offset;
                seen.AddRange(marks.Split(',', StringSplitOptions.TrimEntries));
            }

            if (isLast && rows.Count == 0) return seen;
        }
    }
}

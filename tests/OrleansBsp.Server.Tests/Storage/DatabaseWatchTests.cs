using System.Collections.Concurrent;
using Dapper;
using Npgsql;
using OrleansBsp.Server.Storage;
using OrleansBsp.Testing;

namespace OrleansBsp.Server.Tests.Storage;

public sealed class DatabaseWatchTests
{
    [Fact]
    public async Task A_database_that_takes_no_writes_any_more_is_as_good_as_away()
    {
        var connectionString = await PostgresServer.CreateDatabaseAsync();
        await using var database = new Database(connectionString, new DatabaseOptions());
        await using var operators = await database.Main.OpenConnectionAsync();
        using var stop = new CancellationTokenSource();
        var reasons = new ConcurrentQueue<string>();
        var watch = new DatabaseWatch(database);
        var watching = new Thread(() => watch.Run(TimeSpan.FromSeconds(2), (_, reason) => reasons.Enqueue(reason), stop.Token)) { IsBackground = true };
        watching.Start();
        try
        {
            await Wait.UntilAsync(() => watch.AnsweringFor > TimeSpan.Zero, "the watch vouches for the database");

            await TakeWritesAsync(false);
            await Wait.UntilAsync(() => watch.AnsweringFor == TimeSpan.Zero && reasons.Any(reason => reason.Contains("takes no writes", StringComparison.Ordinal)), "the watch says why it does not");

            await TakeWritesAsync(true);
            await Wait.UntilAsync(() => watch.AnsweringFor > TimeSpan.Zero, "the watch vouches for it again");
        }
        finally
        {
            await stop.CancelAsync();
            watching.Join();
        }

        // As another primary takes its place: the sessions end, and who comes back finds it so.
        Task TakeWritesAsync(bool takes) => operators.ExecuteAsync($"""
            set default_transaction_read_only = off;
            alter database {operators.Database} set default_transaction_read_only = {(takes ? "off" : "on")};
            select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'orleansbsp-watch';
            """);
    }

    [Fact]
    public void A_write_to_a_database_that_takes_none_is_tried_again() =>
        Assert.True(Passing.Is(new PostgresException("cannot execute UPDATE in a read-only transaction", "ERROR", "ERROR", PostgresErrorCodes.ReadOnlySqlTransaction)));
}

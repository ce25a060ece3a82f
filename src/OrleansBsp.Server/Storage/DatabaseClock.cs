using Npgsql;

namespace OrleansBsp.Server.Storage;

/// <summary>
/// The database's time, as this process estimates it: what was read last over the quickest round trip, carried on by the monotonic clock. The clocks of machines
/// may be off by a minute; what is agreed on by way of the database is off by half a round trip.
/// </summary>
public sealed class DatabaseClock(Database database, TimeProvider clock) : BackgroundService
{
    private const string ReadSql = "select clock_timestamp()";
    private const int Kept = 8;

    // Clocks drift apart by some 50 µs in a second; a reading as old as that is worse than a slow one.
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan TooOld = TimeSpan.FromSeconds(45);

    private readonly Lock _lock = new();
    private readonly Queue<Reading> _readings = new();
    private readonly long _origin = clock.GetTimestamp();

    /// <summary>Null: nothing is known, because the database has not answered for a while.</summary>
    public DateTime? NowOrNull
    {
        get
        {
            var here = clock.GetElapsedTime(_origin);
            lock (_lock)
            {
                while (_readings.TryPeek(out var oldest) && here - oldest.Here > TooOld) _readings.Dequeue();
                return _readings.MinBy(reading => reading.RoundTrip) is { } best ? best.There + (here - best.Here) : null;
            }
        }
    }

    /// <summary>Reads the database's time once.</summary>
    public async Task ReadAsync(CancellationToken cancel)
    {
        await using var connection = await database.Control.OpenConnectionAsync(cancel); // not part of the round trip
        await using var command = new NpgsqlCommand(ReadSql, connection);
        var before = clock.GetElapsedTime(_origin);
        var there = (DateTime)(await command.ExecuteScalarAsync(cancel))!;
        var roundTrip = clock.GetElapsedTime(_origin) - before;
        lock (_lock)
        {
            _readings.Enqueue(new Reading(before + roundTrip / 2, there, roundTrip));
            if (_readings.Count > Kept) _readings.Dequeue();
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        for (var readings = 0; !stoppingToken.IsCancellationRequested; readings++)
        {
            try
            {
                await ReadAsync(stoppingToken);
            }
            catch (Exception failure) when (failure is NpgsqlException or TimeoutException or OperationCanceledException)
            {
                // What is known lasts for a while; whoever needs the time does without when it does not.
            }

            var pause = readings < Kept ? TimeSpan.FromMilliseconds(100) : Every * (0.9 + 0.2 * Random.Shared.NextDouble());
            await Task.Delay(pause, clock, stoppingToken).ContinueWith(static _ => { }, TaskScheduler.Default);
        }
    }

    private sealed record Reading(TimeSpan Here, DateTime There, TimeSpan RoundTrip);
}

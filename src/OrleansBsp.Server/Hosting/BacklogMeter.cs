using System.Diagnostics;
using System.Diagnostics.Metrics;
using OrleansBsp.Server.Storage;
using OrleansBsp.Server.Telemetry;
using OrleansBsp.Server.Webhooks;

namespace OrleansBsp.Server.Hosting;

/// <summary>
/// Measures of what waits in the database: the inbox by shard, and messages with a timer. Every silo reads them every few seconds and tells
/// the same, so that they are there whichever silo lives; take the maximum, not the sum. Processes without grains do not tell them.
/// </summary>
public sealed class BacklogMeter(InboxStore inbox, Database database, TimeProvider clock) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(5);
    private static readonly LiveSet<BacklogMeter> Meters = new();

    private volatile IReadOnlyList<InboxBacklog> _inbox = [];
    private volatile IReadOnlyList<TimerBacklog> _timers = [];
    private long _read = Stopwatch.GetTimestamp();

    static BacklogMeter()
    {
        var meter = Instruments.Meter;
        meter.CreateObservableGauge("bsp.inbox.waiting", () => Last()?._inbox.Select(shard => Of(shard.Waiting, shard)) ?? [], "{body}", "Webhooks stored and not applied");
        meter.CreateObservableGauge("bsp.inbox.oldest", () => Last()?._inbox.Select(shard => Of(shard.OldestSeconds ?? 0, shard)) ?? [], "s", "Age of the oldest webhook that is not applied");
        meter.CreateObservableGauge("bsp.timers.waiting", () => Last()?._timers.Select(timer => Of(timer.Waiting, timer)) ?? [], "{message}", "Messages that wait for another attempt, its answer, or word of an uncertain one");
        meter.CreateObservableGauge("bsp.timers.overdue", () => Last()?._timers.Select(timer => Of(timer.OverdueSeconds, timer)) ?? [], "s", "How long the oldest of them is overdue");
        meter.CreateObservableGauge("bsp.database.unread", () => Meters.Max(one => Stopwatch.GetElapsedTime(Volatile.Read(ref one._read)).TotalSeconds), "s", "Time since these could be read: grows while the database does not answer");
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Meters.Add(this);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await ReadAsync(stoppingToken);
            }
            catch (Exception)
            {
                // Who needs the database says so; here it shows as bsp.database.unread.
            }

            await Task.Delay(Every * (0.9 + 0.2 * Random.Shared.NextDouble()), clock, stoppingToken).ContinueWith(static _ => { }, TaskScheduler.Default);
        }

        Meters.Remove(this);
    }

    private async Task ReadAsync(CancellationToken stop)
    {
        _inbox = await inbox.BacklogAsync(stop);
        await using var connection = await database.Control.OpenConnectionAsync(stop);
        _timers = await TimerBacklog.ReadAsync(connection, stop);
        Volatile.Write(ref _read, Stopwatch.GetTimestamp());
    }

    private static BacklogMeter? Last() => Meters.FirstOrNull();

    private static Measurement<T> Of<T>(T value, InboxBacklog shard)
        where T : struct => new(value, new KeyValuePair<string, object?>("shard", shard.Shard));

    private static Measurement<T> Of<T>(T value, TimerBacklog timers)
        where T : struct => new(value, new("of", timers.Of), new("kind", timers.Kind.ToString()));
}

using System.Diagnostics;
using System.Diagnostics.Metrics;
using OrleansBsp.Server.Telemetry;

namespace OrleansBsp.Server.Queues;

/// <summary>
/// How the queues stand at SQS. Every silo asks twice a minute and tells the same, so that it is there whichever silo lives; take the maximum over processes, not the
/// sum. Only the age of the oldest is each silo's own: SQS tells it to CloudWatch alone, so it is the age of what this one has received (<see cref="QueueReading"/>).
/// </summary>
/// <remarks>Four requests a minute for a queue and its dead letters: of ten silos some 1.7 million a month for each queue, below a dollar.</remarks>
internal sealed class QueueMeter(IEnumerable<UsedQueue> used, IServiceProvider services, TimeProvider clock) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(30);
    private static readonly LiveSet<QueueMeter> Meters = new();

    private readonly IReadOnlyList<UsedQueue> _used = [.. used];
    private readonly TimeProvider _clock = clock;
    private volatile IReadOnlyList<QueueReading> _seen = [];
    private long _read = Stopwatch.GetTimestamp();

    static QueueMeter()
    {
        var meter = Instruments.Meter;
        meter.CreateObservableGauge("bsp.queue.waiting", () => Each((queue, _) => queue.Standing.Waiting), "{message}", "Messages that wait to be received, as SQS counts");
        meter.CreateObservableGauge("bsp.queue.taken", () => Each((queue, _) => queue.Standing.InHand), "{message}", "Messages that were received and not deleted yet, as SQS counts");
        meter.CreateObservableGauge("bsp.queue.dead", () => Each((queue, _) => queue.Standing.DeadLetters), "{message}", "Dead letters: messages that nobody could handle");
        meter.CreateObservableGauge("bsp.queue.oldest", () => Each((queue, clock) => queue.OldestSeconds(clock)), "s", "Age of the oldest message, as far as this process knows");
        meter.CreateObservableGauge("bsp.queue.unread", () => Meters.Max(one => Stopwatch.GetElapsedTime(Volatile.Read(ref one._read)).TotalSeconds), "s", "Time since these could be read: grows while SQS does not answer");
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (_used.Count == 0) return;
        var queues = services.GetRequiredService<SqsQueues>(); // not before: without queues there may be no region
        Meters.Add(this);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await ReadAsync(queues, stoppingToken);
            }
            catch (Exception)
            {
                // Who needs the queue says so; here it shows as bsp.queue.unread.
            }

            await Task.Delay(Every * (0.9 + 0.2 * Random.Shared.NextDouble()), _clock, stoppingToken).ContinueWith(static _ => { }, TaskScheduler.Default);
        }

        Meters.Remove(this);
    }

    private async Task ReadAsync(SqsQueues queues, CancellationToken stop)
    {
        var seen = new List<QueueReading>();
        foreach (var queue in _used)
        {
            var standing = await (await queues.GetAsync(queue.Name, stop)).StandingAsync(stop);
            seen.Add(QueueReading.Of(queue.Name, standing, _seen.FirstOrDefault(before => before.Name == queue.Name), _clock));
        }

        _seen = seen;
        Volatile.Write(ref _read, Stopwatch.GetTimestamp());
    }

    private static IEnumerable<Measurement<T>> Each<T>(Func<QueueReading, TimeProvider, T> of)
        where T : struct =>
        Meters.All.SelectMany(meter => meter._seen.Select(queue => new Measurement<T>(of(queue, meter._clock), new KeyValuePair<string, object?>("queue", queue.Name))));
}

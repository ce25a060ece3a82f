using System.Diagnostics;
using System.Diagnostics.Metrics;
using OrleansBsp.Server.Telemetry;

namespace OrleansBsp.Server.Queues;

/// <summary>Measures of the SQS queues: what this process sends, receives and deletes, and what it has in hand. How the queues stand themselves is <see cref="QueueMeter"/>'s.</summary>
internal static class QueueMetrics
{
    private static readonly BatchMeter Sending = new("bsp.queue.send", "message", "Messages in one request to a queue", "Duration of one request that puts messages into a queue");
    private static readonly BatchMeter Receiving = new("bsp.queue.receive", "message", "Messages that one receive brought; with none only its long poll has ended", "Duration of one receive, with its wait for the first message");
    private static readonly Histogram<double> Wait = Instruments.Duration("bsp.queue.wait.duration", "How long the oldest message of a receive had been in the queue");
    private static readonly Histogram<double> HandleTime = Instruments.Duration("bsp.queue.handle.duration", "From the receipt of a batch to the end of all that was done with it");
    private static readonly BatchMeter Deleting = new("bsp.queue.delete", "message", "Messages deleted in one request", "Duration of one request that deletes messages");
    private static readonly Counter<long> Failures = Instruments.Meter.CreateCounter<long>("bsp.queue.failures", "{request}", "Requests that the queue did not answer, or not as it should");
    private static readonly LiveSet<SqsSender> Senders = new();
    private static readonly LiveSet<SqsConsumer> Consumers = new();

    static QueueMetrics()
    {
        var meter = Instruments.Meter;
        meter.CreateObservableGauge("bsp.queue.unconfirmed", () => Senders.Each(sender => sender.Unconfirmed, Labels), "{message}", "Messages of this process that the queue has not confirmed");
        meter.CreateObservableGauge("bsp.queue.unconfirmed.oldest", () => Senders.Each(sender => sender.OldestAge.TotalSeconds, Labels), "s", "Age of the oldest of them");
        meter.CreateObservableGauge("bsp.queue.inhand", () => Consumers.Each(consumer => consumer.InHand, Labels), "{message}", "Messages that this process has received and not done with");
        meter.CreateObservableGauge("bsp.queue.inhand.oldest", () => Consumers.Each(consumer => consumer.OldestAge.TotalSeconds, Labels), "s", "How long it has had the oldest of them");
    }

    public static void Add(SqsSender sender) => Senders.Add(sender);

    public static void Remove(SqsSender sender) => Senders.Remove(sender);

    public static void Add(SqsConsumer consumer) => Consumers.Add(consumer);

    public static void Remove(SqsConsumer consumer) => Consumers.Remove(consumer);

    /// <param name="started">By <see cref="Stopwatch"/>.</param>
    public static void Sent(string queue, int size, long started) => Sending.Record(size, started, Label(queue));

    public static void Received(string queue, int size, long started) => Receiving.Record(size, started, Label(queue));

    /// <param name="age">Of the oldest message of a receive.</param>
    public static void Waited(string queue, TimeSpan age) => Wait.Record(Math.Max(0, age.TotalSeconds), Label(queue)); // the queue's clock is not ours

    public static void Deleted(string queue, int size, long started) => Deleting.Record(size, started, Label(queue));

    public static void Handled(string queue, long started) => HandleTime.Record(Stopwatch.GetElapsedTime(started).TotalSeconds, Label(queue));

    public static void Failed(string queue, string what) => Failures.Add(1, Label(queue), new("what", what));

    private static KeyValuePair<string, object?> Label(string queue) => new("queue", queue);

    private static KeyValuePair<string, object?>[] Labels(SqsSender sender) => [Label(sender.Name)];

    private static KeyValuePair<string, object?>[] Labels(SqsConsumer consumer) => [Label(consumer.Name)];
}

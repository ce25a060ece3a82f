using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansBsp.Server.Queues;
using OrleansBsp.Server.Tests.Cluster;
using OrleansBsp.Server.Tests.Scenarios;

namespace OrleansBsp.Server.Tests.Queues;

/// <summary>Sending, receiving, outages and dead letters against a real server that speaks SQS.</summary>
public sealed class SqsQueueTests(SharedSqsServer shared) : IClassFixture<SharedSqsServer>
{
    private static readonly CancellationToken Never = CancellationToken.None;

    [Fact]
    public async Task What_is_confirmed_is_received_and_what_is_deleted_does_not_come_again()
    {
        var options = shared.Server.Options();
        using var queues = SqsServer.Queues(options);
        var bodies = Enumerable.Range(0, 2345).Select(index => $"message {index} 🙂").ToList();
        await using (var sender = Sender(queues)) await Task.WhenAll(bodies.Select(body => sender.SendAsync(body, Never)));
        var queue = await queues.GetAsync("work", Never);
        Assert.Equal(bodies.Count, (await queue.StandingAsync(Never)).Waiting);

        var received = new ConcurrentBag<string>();
        await ConsumeAsync(queues, options, async (batch, _) =>
        {
            foreach (var message in batch.Messages) received.Add(message.Body);
            await batch.DeleteAsync(batch.Messages);
        }, () => received.Count >= bodies.Count);

        Assert.Equal(bodies.Order(StringComparer.Ordinal), received.Order(StringComparer.Ordinal));
        var standing = await queue.StandingAsync(Never);
        Assert.Equal((0L, 0L, 0L), (standing.Waiting, standing.InHand, standing.DeadLetters));
        Assert.InRange(standing.OldestSeconds!.Value, 0, 60);
    }

    [Fact]
    public async Task Processes_that_start_together_make_the_queue_together()
    {
        var options = shared.Server.Options();
        await Task.WhenAll(Enumerable.Range(0, 5).Select(async _ =>
        {
            using var queues = SqsServer.Queues(options);
            await (await queues.GetAsync("work", Never)).SendAsync(["here"], Never);
        }));
        using var look = SqsServer.Queues(options);
        Assert.Equal(5, (await (await look.GetAsync("work", Never)).StandingAsync(Never)).Waiting);
    }

    [Fact]
    public async Task What_nobody_handles_comes_again_and_becomes_a_dead_letter()
    {
        var options = shared.Server.Options(visibilitySeconds: 1, maxReceiveCount: 2);
        using var queues = SqsServer.Queues(options);
        var queue = await queues.GetAsync("work", Never);
        await queue.SendAsync(["poison", "good"], Never);
        var seen = new ConcurrentBag<string>();

        await ConsumeAsync(queues, options, async (batch, _) =>
        {
            foreach (var message in batch.Messages) seen.Add(message.Body);
            await batch.DeleteAsync([.. batch.Messages.Where(message => message.Body == "good")]);
            if (batch.Messages.Any(message => message.Body == "poison")) throw new InvalidOperationException("cannot handle it");
        }, () => queue.StandingAsync(Never).GetAwaiter().GetResult().DeadLetters == 1);

        Assert.Equal(2, seen.Count(body => body == "poison"));
        Assert.Equal(1, seen.Count(body => body == "good"));
        Assert.Equal(0, (await queue.StandingAsync(Never)).Waiting);
    }

    [Fact]
    public async Task Work_that_takes_long_keeps_its_messages()
    {
        var options = shared.Server.Options(visibilitySeconds: 2, maxReceiveCount: 100);
        using var queues = SqsServer.Queues(options);
        await (await queues.GetAsync("work", Never)).SendAsync(["slow"], Never);
        var received = 0;
        var done = false;

        await ConsumeAsync(queues, options, async (batch, _) =>
        {
            Interlocked.Increment(ref received);
            await Task.Delay(TimeSpan.FromSeconds(5), CancellationToken.None); // more than twice the time of visibility
            await batch.DeleteAsync(batch.Messages);
            done = true;
        }, () => done);

        Assert.Equal(1, received);
    }

    [Fact]
    public async Task While_sqs_is_away_messages_wait_or_are_given_up_and_none_is_lost()
    {
        var cable = new Cable(shared.Server.Url);
        await using var cut = cable;
        var options = shared.Server.Options(cable.Url);
        using var queues = SqsServer.Queues(options);
        await using var sender = Sender(queues);
        await sender.SendAsync("before", Never);

        await cable.CutAsync();
        var patient = Enumerable.Range(0, 300).Select(index => sender.SendAsync($"patient {index}", Never)).ToList();
        using var soon = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sender.SendAsync("given up", soon.Token));
        Assert.DoesNotContain(patient, task => task.IsCompleted);
        cable.Mend();
        await Task.WhenAll(patient);

        var received = new ConcurrentBag<string>();
        await ConsumeAsync(queues, options, async (batch, _) =>
        {
            foreach (var message in batch.Messages) received.Add(message.Body);
            await batch.DeleteAsync(batch.Messages);
        }, () => received.Distinct().Count(body => body != "given up") >= 301);
        Assert.Equal(["before", .. Enumerable.Range(0, 300).Select(index => $"patient {index}")], received.Distinct().Where(body => body != "given up").OrderBy(Place));

        // Given up is not taken back: a request that was on its way at that moment may have arrived.
        static int Place(string body) => body == "before" ? -1 : int.Parse(body["patient ".Length..], System.Globalization.CultureInfo.InvariantCulture);
    }

    [Fact]
    public async Task A_message_that_sqs_never_takes_is_refused_and_its_neighbours_go()
    {
        using var queues = SqsServer.Queues(shared.Server.Options());
        await using var sender = Sender(queues);
        var sent = new[] { "good", "", "good" }.Select(body => Record.ExceptionAsync(() => sender.SendAsync(body, Never))).ToList();

        var failures = await Task.WhenAll(sent);

        Assert.IsType<QueueRefusedException>(failures[1]);
        Assert.Null(failures[0]);
        Assert.Null(failures[2]);
    }

    [Fact]
    public async Task More_than_memory_should_hold_is_refused()
    {
        var options = shared.Server.Options(new Uri("http://127.0.0.1:9/"));
        using var queues = SqsServer.Queues(options);
        await using var sender = Sender(queues);
        var body = new string('x', SqsQueue.MaxBytes - 1);
        using var stop = new CancellationTokenSource();

        var refusal = Record.Exception(() => { for (var sent = 0; sent < 300; sent++) _ = sender.SendAsync(body, stop.Token).ContinueWith(task => task.Exception, TaskScheduler.Default); });

        Assert.IsType<QueueFullException>(refusal);
        await stop.CancelAsync();
    }

    private static SqsSender Sender(SqsQueues queues) => new(queues, "work", NullLogger<SqsSender>.Instance);

    private static async Task ConsumeAsync(SqsQueues queues, SqsOptions options, Func<SqsBatch, CancellationToken, Task> handle, Func<bool> until)
    {
        using var stop = new CancellationTokenSource();
        var consumer = new SqsConsumer(queues, "work", options, 20, TimeProvider.System, handle, NullLogger.Instance);
        var running = consumer.RunAsync(stop.Token);
        await Eventually.IsTrueAsync(until, "everything is received");
        await stop.CancelAsync();
        await running;
        Assert.Equal(0, consumer.InHand);
    }
}

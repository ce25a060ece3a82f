using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansBsp.Server.Queues;
using OrleansBsp.Server.Tests.Cluster;
using OrleansBsp.Server.Tests.Scenarios;

namespace OrleansBsp.Server.Tests.Queues;

/// <summary>
/// What a queue promises, against a real server that speaks SQS: each message comes at least once, in any order, stays with who has received it for as long as he works, comes again if he
/// does not delete it, and is a dead letter in the end. There is no such queue within a process: see <c>ICampaignDispatcher</c> and <c>IWebhookIntake</c>.
/// </summary>
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
    public async Task Bodies_of_every_size_and_character_come_as_they_were_sent()
    {
        var options = shared.Server.Options();
        using var queues = SqsServer.Queues(options);
        int[] sizes = [1, 2, 99, 1_000, 10_000, 100_000, 262_144, 500_000, SqsQueue.MaxBytes - 1, SqsQueue.MaxBytes];
        // Three of each: together some 7 MB, more than requests of ten may hold.
        string[] bodies =
        [
            .. sizes.SelectMany(size => Enumerable.Range(0, 3).Select(copy => $"{copy}" + new string((char)('a' + copy), size - 1))),
            "\t\r\n \"'\\<>&%+", "नमस्ते 🙂 \uFFFD \u2028 \uE000", "{\"json\":[1,2]}", " spaces around ", new string('é', SqsQueue.MaxBytes / 2),
        ];
        await using (var sender = Sender(queues)) await Task.WhenAll(bodies.Select(body => sender.SendAsync(body, Never)));

        var received = new ConcurrentBag<string>();
        await ConsumeAsync(queues, options, async (batch, _) =>
        {
            foreach (var message in batch.Messages) received.Add(message.Body);
            await batch.DeleteAsync(batch.Messages);
        }, () => received.Count >= bodies.Length);

        Assert.Equal(bodies.Order(StringComparer.Ordinal), received.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task What_is_not_deleted_comes_again_when_its_time_is_over_and_what_is_deleted_never()
    {
        using var queues = SqsServer.Queues(shared.Server.Options(visibilitySeconds: 2));
        var queue = await queues.GetAsync("work", Never);
        await queue.SendAsync(["kept", "deleted"], Never);
        var received = Stopwatch.GetTimestamp();
        var first = await ReceiveAsync(queue, 2);
        await queue.DeleteAsync([.. first.Where(message => message.Body == "deleted")]);

        var again = (await ReceiveAsync(queue, 1)).Single();
        Assert.InRange(Stopwatch.GetElapsedTime(received), TimeSpan.FromSeconds(1.9), TimeSpan.MaxValue);
        Assert.Equal(first.Single(message => message.Body == "kept") with { Receipt = again.Receipt, Receives = 2 }, again);
        await queue.DeleteAsync([again]);
        await Task.Delay(TimeSpan.FromSeconds(2.5)); // time in which something could come again
        Assert.Empty(await queue.ReceiveAsync(Never));
        Assert.Equal((0, 0, 0), await CountsAsync(queue));
    }

    [Fact]
    public async Task Several_receivers_share_the_messages_and_none_comes_to_two_of_them()
    {
        var options = shared.Server.Options(receivers: 1);
        using var queues = SqsServer.Queues(options);
        var bodies = Enumerable.Range(0, 600).Select(index => $"{index}").ToList();
        await using (var sender = Sender(queues)) await Task.WhenAll(bodies.Select(body => sender.SendAsync(body, Never)));

        ConcurrentBag<string>[] shares = [[], [], []];
        await Task.WhenAll(shares.Select(share => ConsumeAsync(queues, options, async (batch, _) =>
        {
            foreach (var message in batch.Messages) share.Add(message.Body);
            await Task.Delay(50, CancellationToken.None); // none takes all while the others begin
            await batch.DeleteAsync(batch.Messages);
        }, () => shares.Sum(one => one.Count) >= bodies.Count, mostBatches: 1)));

        Assert.Equal(bodies.Order(StringComparer.Ordinal), shares.SelectMany(share => share).Order(StringComparer.Ordinal));
        Assert.DoesNotContain(shares, share => share.IsEmpty);
    }

    [Fact]
    public async Task A_receive_of_nothing_waits_is_ended_by_the_first_message_and_can_be_cancelled()
    {
        var options = shared.Server.Options(visibilitySeconds: 1);
        options.ReceiveWaitSeconds = 20;
        using var queues = SqsServer.Queues(options);
        var queue = await queues.GetAsync("work", Never);
        var waiting = queue.ReceiveAsync(Never);
        await Task.Delay(TimeSpan.FromSeconds(1));
        Assert.False(waiting.IsCompleted);
        await queue.SendAsync(["first"], Never);
        await queue.DeleteAsync([(await waiting.WaitAsync(TimeSpan.FromSeconds(15))).Single()]);

        using var stop = new CancellationTokenSource();
        var cancelled = queue.ReceiveAsync(stop.Token);
        await Task.Delay(TimeSpan.FromMilliseconds(300));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled.WaitAsync(TimeSpan.FromSeconds(15)));
        // The server may not know that nobody waits any more, and give the message to nobody: then it comes when its time is over.
        await queue.SendAsync(["second"], Never);
        Assert.Equal("second", (await ReceiveAsync(queue, 1)).Single().Body);
    }

    [Fact]
    public async Task What_is_left_unhandled_by_a_stop_others_have_at_once()
    {
        var options = shared.Server.Options(visibilitySeconds: 600);
        using var queues = SqsServer.Queues(options);
        var queue = await queues.GetAsync("work", Never);
        await queue.SendAsync(["a", "b", "c"], Never);
        var taken = new List<string>();
        await ConsumeAsync(queues, options, async (batch, stop) =>
        {
            foreach (var message in batch.Messages)
                lock (taken) taken.Add(message.Body);
            await batch.DeleteAsync([.. batch.Messages.Where(message => message.Body == "a")]);
            await Task.Delay(Timeout.Infinite, stop).ContinueWith(static _ => { }, TaskScheduler.Default);
            await Task.Delay(TimeSpan.FromSeconds(1), CancellationToken.None); // receives that the stop has cut off are over at the server too
        }, () => { lock (taken) return taken.Count == 3; });

        Assert.Equal(["b", "c"], (await ReceiveAsync(queue, 2)).Select(message => message.Body).Order());
    }

    [Fact]
    public async Task What_sqs_does_not_take_of_a_batch_is_sent_again_and_what_it_does_not_delete_comes_again()
    {
        await using var partial = await PartialSqs.StartAsync(shared.Server.Url);
        var options = shared.Server.Options(partial.Url, visibilitySeconds: 2);
        using var queues = SqsServer.Queues(options);
        var queue = await queues.GetAsync("work", Never);
        var bodies = Enumerable.Range(0, 95).Select(index => $"{index}").ToList();
        partial.Fail("SendMessageBatch", 5);
        await using (var sender = Sender(queues)) await Task.WhenAll(bodies.Select(body => sender.SendAsync(body, Never)));
        Assert.Equal((95, 0, 0), await CountsAsync(queue));

        partial.Fail("DeleteMessageBatch", 4);
        var received = new ConcurrentBag<string>();
        await ConsumeAsync(queues, options, async (batch, _) =>
        {
            foreach (var message in batch.Messages) received.Add(message.Body);
            await batch.DeleteAsync(batch.Messages);
        }, () => CountsAsync(queue).GetAwaiter().GetResult() == (0, 0, 0));

        Assert.True(partial.HasFailed("SendMessageBatch") && partial.HasFailed("DeleteMessageBatch"));
        Assert.Equal(95 + 4, received.Count);
        Assert.Equal(bodies.Order(StringComparer.Ordinal), received.Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task How_many_wait_how_many_are_in_hand_and_how_old_they_are_is_told()
    {
        using var queues = SqsServer.Queues(shared.Server.Options());
        var queue = await queues.GetAsync("work", Never);
        await queue.SendAsync([.. Enumerable.Range(0, 10).Select(index => $"{index}")], Never);
        await queue.SendAsync([.. Enumerable.Range(10, 5).Select(index => $"{index}")], Never);
        Assert.Equal((15, 0, 0), await CountsAsync(queue));
        Assert.Null((await queue.StandingAsync(Never)).OldestSeconds); // this process has received none
        await Task.Delay(TimeSpan.FromSeconds(1.2));

        var taken = await ReceiveAsync(queue, 10);
        Assert.Equal((5, 10, 0), await CountsAsync(queue));
        Assert.InRange((await queue.StandingAsync(Never)).OldestSeconds!.Value, 1.1, 60);
        Assert.Equal(4, await queue.DeleteAsync([.. taken.Take(4)]));
        await queue.KeepAsync([.. taken.Skip(4)], TimeSpan.Zero);
        await Eventually.SeesAsync(() => CountsAsync(queue), counts => counts == (11, 0, 0), "what was given back waits again");
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
        var options = shared.Server.Options(visibilitySeconds: 4, maxReceiveCount: 2);
        using var queues = SqsServer.Queues(options);
        await (await queues.GetAsync("work", Never)).SendAsync(["slow"], Never);
        var received = 0;
        var done = false;

        await ConsumeAsync(queues, options, async (batch, _) =>
        {
            Interlocked.Increment(ref received);
            await Task.Delay(TimeSpan.FromSeconds(13), CancellationToken.None); // more than three times the time of visibility
            await batch.DeleteAsync(batch.Messages);
            done = true;
        }, () => done);

        Assert.Equal(1, received);
        Assert.Equal((0, 0, 0), await CountsAsync(await queues.GetAsync("work", Never)));
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
        using var giveUp = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        // The third is beyond the limit in bytes and not in characters, the fourth in both: SQS would refuse the request that holds it.
        var sent = new[] { "good", "", new string('é', SqsQueue.MaxBytes / 2 + 1), new string('x', SqsQueue.MaxBytes + 1), "good" }.Select(body => Record.ExceptionAsync(() => sender.SendAsync(body, giveUp.Token))).ToList();

        var failures = await Task.WhenAll(sent);

        Assert.IsType<QueueRefusedException>(failures[1]);
        Assert.Equal("The queue refused a message: it has 1048578 bytes, and 1048576 is the most that SQS takes", Assert.IsType<QueueRefusedException>(failures[2]).Message);
        Assert.IsType<QueueRefusedException>(failures[3]);
        Assert.Null(failures[0]);
        Assert.Null(failures[4]);
        Assert.Equal((2, 0, 0), await CountsAsync(await queues.GetAsync("work", Never)));
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

    [Theory, InlineData("work", false), InlineData("work-dead", true)] // the latter is without a policy, as dead letters have no further queue
    public async Task A_queue_that_was_made_beforehand_without_a_way_to_dead_letters_is_warned_of(string name, bool isWarned)
    {
        var options = shared.Server.Options();
        using (var maker = SqsServer.Queues(options)) await maker.GetAsync("work", Never);
        var lines = new Lines();
        using var queues = new SqsQueues(options, TimeProvider.System, lines);
        await queues.GetAsync(name, Never);
        Assert.Equal(isWarned, lines.Written.Any(line => line.Contains($"{options.Prefix}-{name} was made by others and has no RedrivePolicy", StringComparison.Ordinal)));
    }

    private sealed class Lines : ILogger<SqsQueues>
    {
        public ConcurrentQueue<string> Written { get; } = new();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel level) => true;

        public void Log<TState>(LogLevel level, EventId id, TState state, Exception? failure, Func<TState, Exception?, string> format) => Written.Enqueue(format(state, failure));
    }

    private static SqsSender Sender(SqsQueues queues) => new(queues, "work", NullLogger<SqsSender>.Instance);

    private static async Task ConsumeAsync(SqsQueues queues, SqsOptions options, Func<SqsBatch, CancellationToken, Task> handle, Func<bool> until, int mostBatches = 20)
    {
        using var stop = new CancellationTokenSource();
        var consumer = new SqsConsumer(queues, "work", options, mostBatches, TimeProvider.System, handle, NullLogger.Instance);
        var running = consumer.RunAsync(stop.Token);
        await Eventually.IsTrueAsync(until, "everything is received");
        await stop.CancelAsync();
        await running;
        Assert.Equal(0, consumer.InHand);
    }

    // A receive brings what there is, not all that there is.
    private static async Task<List<SqsMessage>> ReceiveAsync(SqsQueue queue, int count)
    {
        var received = new List<SqsMessage>();
        await Eventually.IsTrueAsync(async () =>
        {
            received.AddRange(await queue.ReceiveAsync(Never));
            return received.Count >= count;
        }, $"{count} messages are received");
        Assert.Equal(count, received.Count);
        return received;
    }

    private static async Task<(long Waiting, long InHand, long Dead)> CountsAsync(SqsQueue queue)
    {
        var standing = await queue.StandingAsync(Never);
        return (standing.Waiting, standing.InHand, standing.DeadLetters);
    }
}

using System.Diagnostics;
using System.Globalization;
using Amazon.SQS;
using Amazon.SQS.Model;

namespace OrleansBsp.Server.Queues;

/// <summary>A received message. It stays with us until its time of visibility ends, and comes again after that unless it is deleted.</summary>
/// <param name="Id">The queue's name for it. A dead letter keeps it.</param>
/// <param name="Receipt">What deletes it. Each receive gives another.</param>
/// <param name="SentAt">When the queue took it, by the queue's clock.</param>
/// <param name="Receives">How often it was received, this time included, as SQS counts: approximately.</param>
public sealed record SqsMessage(string Id, string Body, string Receipt, DateTimeOffset SentAt, int Receives);

/// <summary>How a queue stands.</summary>
/// <param name="Waiting">Messages that wait to be received. SQS counts approximately, a minute late at worst.</param>
/// <param name="InHand">Messages that were received and not deleted yet.</param>
/// <param name="DeadLetters">Messages that nobody could handle; they stay until somebody looks, 14 days at most.</param>
/// <param name="OldestSeconds">Age of the oldest message that this process received in the last minute; null if it received none.</param>
public sealed record QueueStanding(long Waiting, long InHand, long DeadLetters, double? OldestSeconds);

/// <summary>One queue, in the batches of ten that SQS allows.</summary>
/// <param name="dead">Where its messages go that nobody could handle; null: this is such a place itself.</param>
public sealed class SqsQueue(
    string name, string url, SqsQueue? dead, IAmazonSQS client, SqsOptions options, TimeProvider clock, ILogger log)
{
    /// <summary>SQS takes and gives so many at once.</summary>
    public const int MaxBatch = 10;

    /// <summary>Of one message, and of all messages of one request together (since August 2025).</summary>
    public const int MaxBytes = 1 << 20;

    private const string SentTimestamp = "SentTimestamp", ReceiveCount = "ApproximateReceiveCount";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan AgeCounts = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private TimeSpan _oldest;
    private DateTimeOffset _seenAt = DateTimeOffset.MinValue;

    /// <summary>Without the prefix.</summary>
    public string Name => name;

    /// <summary>Where its messages go that nobody could handle; null: this is such a place itself.</summary>
    public SqsQueue? Dead => dead;

    /// <summary>Sends up to ten messages.</summary>
    /// <returns>For each: null if the queue has it, otherwise why not.</returns>
    /// <exception cref="QueueAwayException">Nothing is known of any of them.</exception>
    public async Task<SendRefusal?[]> SendAsync(IReadOnlyList<string> bodies, CancellationToken cancel)
    {
        var request = new SendMessageBatchRequest(url, [.. bodies.Select((body, index) => new SendMessageBatchRequestEntry(Id(index), body))]);
        var started = Stopwatch.GetTimestamp();
        var answer = await CountingAsync("sending", () => SqsCall.RunAsync(Limit, limited => client.SendMessageBatchAsync(request, limited), cancel));
        QueueMetrics.Sent(name, bodies.Count, started);
        // Only what is named as taken is: an entry of which the answer says nothing was not confirmed.
        var refusals = new SendRefusal?[bodies.Count];
        Array.Fill(refusals, new SendRefusal("not confirmed", false));
        foreach (var failed in answer.Failed ?? []) refusals[Index(failed.Id)] = new SendRefusal($"{failed.Code} {failed.Message}", failed.SenderFault == true);
        foreach (var taken in answer.Successful ?? []) refusals[Index(taken.Id)] = null;
        return refusals;
    }

    /// <summary>Waits for messages; up to ten, or none within the time of a long poll.</summary>
    /// <exception cref="QueueAwayException"/>
    public Task<IReadOnlyList<SqsMessage>> ReceiveAsync(CancellationToken cancel) => ReceiveAsync(new ReceiveMessageRequest(url)
    {
        MaxNumberOfMessages = MaxBatch, VisibilityTimeout = options.VisibilitySeconds, WaitTimeSeconds = options.ReceiveWaitSeconds,
    }, cancel);

    /// <summary>Up to ten of the messages that lie here, or none. They come again after <paramref name="time"/>, however the queue was made.</summary>
    /// <exception cref="QueueAwayException"/>
    public Task<IReadOnlyList<SqsMessage>> BorrowAsync(int most, TimeSpan time, CancellationToken cancel) => ReceiveAsync(new ReceiveMessageRequest(url)
    {
        MaxNumberOfMessages = Math.Min(most, MaxBatch), VisibilityTimeout = (int)time.TotalSeconds,
        WaitTimeSeconds = Math.Min(1, options.ReceiveWaitSeconds), // without a wait SQS asks only some of its servers
    }, cancel);

    private async Task<IReadOnlyList<SqsMessage>> ReceiveAsync(ReceiveMessageRequest request, CancellationToken cancel)
    {
        request.MessageSystemAttributeNames = [SentTimestamp, ReceiveCount];
#pragma warning disable CS0618 // the old name of the same list, which servers other than Amazon's may know only
        request.AttributeNames = [SentTimestamp, ReceiveCount];
#pragma warning restore CS0618
        var started = Stopwatch.GetTimestamp();
        var limit = Limit + TimeSpan.FromSeconds(request.WaitTimeSeconds ?? 0);
        var answer = await CountingAsync("receiving", () => SqsCall.RunAsync(limit, limited => client.ReceiveMessageAsync(request, limited), cancel));
        QueueMetrics.Received(name, answer.Messages?.Count ?? 0, started);
        if (answer.Messages is not { Count: > 0 } received) return [];
        var now = clock.GetUtcNow();
        var messages = received.ConvertAll(message => new SqsMessage(message.MessageId, message.Body, message.ReceiptHandle, SentAt(message, now), (int)(NumberOrNull(message, ReceiveCount) ?? 0)));
        var age = now - messages.Min(message => message.SentAt);
        QueueMetrics.Waited(name, age);
        NoteAge(age, now);
        return messages;
    }

    /// <summary>Deletes what has been handled for good. Never throws: what is not deleted comes again, and handling it again changes nothing.</summary>
    /// <returns>How many SQS has confirmed.</returns>
    public async Task<int> DeleteAsync(IReadOnlyList<SqsMessage> messages)
    {
        var deleted = 0;
        foreach (var part in messages.Chunk(MaxBatch))
        {
            var request = new DeleteMessageBatchRequest(url, [.. part.Select((message, index) => new DeleteMessageBatchRequestEntry(Id(index), message.Receipt))]);
            var started = Stopwatch.GetTimestamp();
            if (await TryOrNullAsync("deleting", limited => client.DeleteMessageBatchAsync(request, limited)) is not { } answer) continue;
            QueueMetrics.Deleted(name, part.Length, started);
            deleted += answer.Successful?.Count ?? 0;
        }

        return deleted;
    }

    /// <summary>These stay with us for so much longer, or go back at once (zero). Never throws.</summary>
    public async Task KeepAsync(IReadOnlyList<SqsMessage> messages, TimeSpan time)
    {
        foreach (var part in messages.Chunk(MaxBatch))
        {
            var request = new ChangeMessageVisibilityBatchRequest(url, [.. part.Select((message, index) =>
                new ChangeMessageVisibilityBatchRequestEntry(Id(index), message.Receipt) { VisibilityTimeout = (int)time.TotalSeconds })]);
            await TryOrNullAsync("keeping", limited => client.ChangeMessageVisibilityBatchAsync(request, limited));
        }
    }

    /// <exception cref="QueueAwayException"/>
    public async Task<QueueStanding> StandingAsync(CancellationToken cancel)
    {
        var here = await CountsAsync(cancel);
        var there = dead is null ? (Waiting: 0, InHand: 0) : await dead.CountsAsync(cancel);
        lock (_lock)
        {
            double? oldest = clock.GetUtcNow() - _seenAt < AgeCounts ? Math.Max(0, Math.Round(_oldest.TotalSeconds, 1)) : null;
            return new QueueStanding(here.Waiting, here.InHand, there.Waiting + there.InHand, oldest);
        }
    }

    // The oldest of the last minute: SQS itself tells the age of a queue only to CloudWatch.
    private void NoteAge(TimeSpan age, DateTimeOffset now)
    {
        lock (_lock)
        {
            if (age < _oldest && now - _seenAt < AgeCounts) return;
            (_oldest, _seenAt) = (age, now);
        }
    }

    private async Task<(long Waiting, long InHand)> CountsAsync(CancellationToken cancel)
    {
        const string visible = "ApproximateNumberOfMessages", taken = "ApproximateNumberOfMessagesNotVisible";
        var request = new GetQueueAttributesRequest { QueueUrl = url, AttributeNames = [visible, taken] };
        var answer = await SqsCall.RunAsync(Limit, limited => client.GetQueueAttributesAsync(request, limited), cancel);
        return (Read(visible), Read(taken));

        long Read(string attribute) => long.Parse(answer.Attributes[attribute], CultureInfo.InvariantCulture);
    }

    private async Task<T?> TryOrNullAsync<T>(string what, Func<CancellationToken, Task<T>> call)
        where T : class
    {
        try
        {
            // Also while the process stops: what is done should not be done again. Bounded by its own limit.
            return await CountingAsync(what, () => SqsCall.RunAsync(Limit, call, CancellationToken.None));
        }
        catch (QueueAwayException failure)
        {
            log.TidyingFailed(name, what, failure.Message);
            return null;
        }
    }

    private async Task<T> CountingAsync<T>(string what, Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (QueueAwayException)
        {
            QueueMetrics.Failed(name, what);
            throw;
        }
    }

    private static DateTimeOffset SentAt(Message message, DateTimeOffset now) => NumberOrNull(message, SentTimestamp) is { } time ? DateTimeOffset.FromUnixTimeMilliseconds(time) : now;

    private static long? NumberOrNull(Message message, string attribute) =>
        message.Attributes is { } told && told.TryGetValue(attribute, out var text) && long.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static string Id(int index) => index.ToString(CultureInfo.InvariantCulture);

    private static int Index(string id) => int.Parse(id, CultureInfo.InvariantCulture);
}

/// <summary>Why the queue did not take a message.</summary>
/// <param name="IsForGood">It is about the message; sending it again does not help.</param>
public sealed record SendRefusal(string Reason, bool IsForGood);

using System.Diagnostics;
using System.Globalization;
using Amazon.SQS;
using Amazon.SQS.Model;

namespace OrleansBsp.Server.Queues;

/// <summary>A received message. It stays with us until its time of visibility ends, and comes again after that unless it is deleted.</summary>
/// <param name="Receipt">What deletes it.</param>
/// <param name="SentAt">When the queue took it, by the queue's clock.</param>
public sealed record SqsMessage(string Body, string Receipt, DateTimeOffset SentAt);

/// <summary>How a queue stands.</summary>
/// <param name="Waiting">Messages that wait to be received. SQS counts approximately, a minute late at worst.</param>
/// <param name="InHand">Messages that were received and not deleted yet.</param>
/// <param name="DeadLetters">Messages that nobody could handle; they stay until somebody looks, 14 days at most.</param>
/// <param name="OldestSeconds">Age of the oldest message that this process received in the last minute; null if it received none.</param>
public sealed record QueueStanding(long Waiting, long InHand, long DeadLetters, double? OldestSeconds);

/// <summary>One queue, in the batches of ten that SQS allows.</summary>
public sealed class SqsQueue(
    string name, string url, string deadUrl, IAmazonSQS client, SqsOptions options, TimeProvider clock, ILogger log)
{
    /// <summary>SQS takes and gives so many at once.</summary>
    public const int MaxBatch = 10;

    /// <summary>Of one message, and of all messages of one request together (since August 2025).</summary>
    public const int MaxBytes = 1 << 20;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan AgeCounts = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private TimeSpan _oldest;
    private DateTimeOffset _seenAt = DateTimeOffset.MinValue;

    /// <summary>Without the prefix.</summary>
    public string Name => name;

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
    public async Task<IReadOnlyList<SqsMessage>> ReceiveAsync(CancellationToken cancel)
    {
        var request = new ReceiveMessageRequest(url)
        {
            MaxNumberOfMessages = MaxBatch, WaitTimeSeconds = options.ReceiveWaitSeconds,
            MessageSystemAttributeNames = ["SentTimestamp"],
#pragma warning disable CS0618 // the old name of the same list, which servers other than Amazon's may know only
            AttributeNames = ["SentTimestamp"],
#pragma warning restore CS0618
        };
        var started = Stopwatch.GetTimestamp();
        var limit = Limit + TimeSpan.FromSeconds(options.ReceiveWaitSeconds);
        var answer = await CountingAsync("receiving", () => SqsCall.RunAsync(limit, limited => client.ReceiveMessageAsync(request, limited), cancel));
        QueueMetrics.Received(name, answer.Messages?.Count ?? 0, started);
        if (answer.Messages is not { Count: > 0 } received) return [];
        var now = clock.GetUtcNow();
        var messages = received.ConvertAll(message => new SqsMessage(message.Body, message.ReceiptHandle, SentAt(message, now)));
        NoteAge(now - messages.Min(message => message.SentAt), now);
        return messages;
    }

    /// <summary>Deletes what has been handled for good. Never throws: what is not deleted comes again, and handling it again changes nothing.</summary>
    public async Task DeleteAsync(IReadOnlyList<SqsMessage> messages)
    {
        foreach (var part in messages.Chunk(MaxBatch))
        {
            var request = new DeleteMessageBatchRequest(url, [.. part.Select((message, index) => new DeleteMessageBatchRequestEntry(Id(index), message.Receipt))]);
            var started = Stopwatch.GetTimestamp();
            if (await TryAsync("deleting", limited => client.DeleteMessageBatchAsync(request, limited))) QueueMetrics.Deleted(name, part.Length, started);
        }
    }

    /// <summary>These stay with us for so much longer, or go back at once (zero). Never throws.</summary>
    public async Task KeepAsync(IReadOnlyList<SqsMessage> messages, TimeSpan time)
    {
        foreach (var part in messages.Chunk(MaxBatch))
        {
            var request = new ChangeMessageVisibilityBatchRequest(url, [.. part.Select((message, index) =>
                new ChangeMessageVisibilityBatchRequestEntry(Id(index), message.Receipt) { VisibilityTimeout = (int)time.TotalSeconds })]);
            await TryAsync("keeping", limited => client.ChangeMessageVisibilityBatchAsync(request, limited));
        }
    }

    /// <exception cref="QueueAwayException"/>
    public async Task<QueueStanding> StandingAsync(CancellationToken cancel)
    {
        var here = await CountsAsync(url, cancel);
        var dead = await CountsAsync(deadUrl, cancel);
        lock (_lock)
        {
            double? oldest = clock.GetUtcNow() - _seenAt < AgeCounts ? Math.Max(0, Math.Round(_oldest.TotalSeconds, 1)) : null;
            return new QueueStanding(here.Waiting, here.InHand, dead.Waiting + dead.InHand, oldest);
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

    private async Task<(long Waiting, long InHand)> CountsAsync(string queue, CancellationToken cancel)
    {
        const string visible = "ApproximateNumberOfMessages", taken = "ApproximateNumberOfMessagesNotVisible";
        var request = new GetQueueAttributesRequest { QueueUrl = queue, AttributeNames = [visible, taken] };
        var answer = await SqsCall.RunAsync(Limit, limited => client.GetQueueAttributesAsync(request, limited), cancel);
        return (Read(visible), Read(taken));

        long Read(string attribute) => long.Parse(answer.Attributes[attribute], CultureInfo.InvariantCulture);
    }

    private async Task<bool> TryAsync<T>(string what, Func<CancellationToken, Task<T>> call)
    {
        try
        {
            // Also while the process stops: what is done should not be done again. Bounded by its own limit.
            await CountingAsync(what, () => SqsCall.RunAsync(Limit, call, CancellationToken.None));
            return true;
        }
        catch (QueueAwayException failure)
        {
            log.TidyingFailed(name, what, failure.Message);
            return false;
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

    private static DateTimeOffset SentAt(Message message, DateTimeOffset now) =>
        message.Attributes is { } attributes && attributes.TryGetValue("SentTimestamp", out var sent) && long.TryParse(sent, CultureInfo.InvariantCulture, out var time)
            ? DateTimeOffset.FromUnixTimeMilliseconds(time)
            : now;

    private static string Id(int index) => index.ToString(CultureInfo.InvariantCulture);

    private static int Index(string id) => int.Parse(id, CultureInfo.InvariantCulture);
}

/// <summary>Why the queue did not take a message.</summary>
/// <param name="IsForGood">It is about the message; sending it again does not help.</param>
public sealed record SendRefusal(string Reason, bool IsForGood);

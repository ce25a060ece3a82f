using Amazon.Runtime;

namespace OrleansBsp.Server.Queues;

/// <summary>One call of SQS: limited in time, and its many ways to fail are one.</summary>
internal static class SqsCall
{
    /// <exception cref="QueueAwayException">It failed; whether SQS has carried it out is not known.</exception>
    public static async Task<T> RunAsync<T>(TimeSpan limit, Func<CancellationToken, Task<T>> call, CancellationToken cancel)
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limited.CancelAfter(limit);
        try
        {
            return await call(limited.Token);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            throw;
        }
        catch (OperationCanceledException failure)
        {
            throw new QueueAwayException($"no answer within {limit.TotalSeconds:0} s", failure);
        }
        catch (Exception failure) when (failure is AmazonClientException or AmazonServiceException or HttpRequestException or IOException)
        {
            throw new QueueAwayException(failure.Message, failure);
        }
    }
}

/// <summary>The queue does not answer, or not as it should. It may have done what it was asked.</summary>
public sealed class QueueAwayException(string reason, Exception? cause = null) : Exception($"The queue does not answer: {reason}", cause);

/// <summary>The queue does not take this message and never will: it is too large, or holds what a message must not.</summary>
public sealed class QueueRefusedException(string reason) : Exception($"The queue refused a message: {reason}");

/// <summary>More is waiting for the queue than memory should hold.</summary>
public sealed class QueueFullException() : Exception("Too much is waiting for the queue.");

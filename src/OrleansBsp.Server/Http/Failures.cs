using System.Net.Sockets;
using Npgsql;
using Orleans.Runtime;

namespace OrleansBsp.Server.Http;

/// <summary>Which answer an exception stands for. The table of design section 8, for callers of this interface.</summary>
internal static class Failures
{
    // Long enough for a fail-over or a silo's takeover to have made progress, short enough not to be felt as an outage.
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(5);

    /// <summary>Null: the caller has gone and there is nobody to answer.</summary>
    public static async Task<ProblemResult?> AnswerOrNullAsync(HttpContext context, Exception failure)
    {
        if (failure is OperationCanceledException or IOException && context.RequestAborted.IsCancellationRequested) return null;
        if (failure is ProblemException carried) return carried.Answer;
        if (failure is BadHttpRequestException bad) return await BindingFailures.DescribeAsync(context, bad);
        return Missing(failure) is { } what
            ? Problems.Unavailable($"{what} If this changes something, repeat it with the same Idempotency-Key.", RetryAfter)
            : Problems.Internal();
    }

    /// <summary>What is not there, in words, if that is what the exception says; null for every other failure.</summary>
    public static string? Missing(Exception? failure) => failure switch
    {
        null => null,
        Meta.TokenUnreadableException unreadable => unreadable.Message,
        PostgresException database => Passing.Is(database) ? "The database could not take this at the moment." : null,
        NpgsqlException => "The database does not answer.",
        SiloUnavailableException or OrleansMessageRejectionException or Storage.OwnershipLostException or Orleans.Runtime.Messaging.ConnectionFailedException
            => "A part of the cluster is moving to another machine.",
        // Not the caller's: that one was dealt with above. Somebody's time limit, or the process is stopping.
        TimeoutException or OperationCanceledException => "The answer did not come in time; whether it was done is not known.",
        SocketException => "Something that this needs does not answer.",
        AggregateException many => many.InnerExceptions.Select(Missing).FirstOrDefault(what => what is not null),
        _ => Missing(failure.InnerException),
    };
}

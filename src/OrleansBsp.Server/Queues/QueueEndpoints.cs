using OrleansBsp.Server.Access;
using OrleansBsp.Server.Http;

namespace OrleansBsp.Server.Queues;

/// <summary>A queue that this installation uses, as an operator should see it. Registered by whoever uses it.</summary>
/// <param name="Name">Without the prefix.</param>
/// <param name="Purpose">What its messages are, in words.</param>
public sealed record UsedQueue(string Name, string Purpose);

/// <summary>How the queues stand; an empty list where everything goes within the process.</summary>
public static class QueueEndpoints
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(5);

    public static void MapQueues(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/v1/queues", ListAsync).WithTags("Queues").RequireScope(Scope.Admin);

    /// <param name="Depth">Messages that wait to be received. SQS counts approximately.</param>
    /// <param name="InHand">Messages that were received and are not done yet.</param>
    /// <param name="OldestSeconds">Age of the oldest message that was received by the answering process in the last minute; null if it received none.</param>
    /// <param name="DeadLetters">Messages that nobody could handle. They stay in the queue's dead-letter queue for 14 days.</param>
    public sealed record QueueView(string Name, string Purpose, long Depth, long InHand, double? OldestSeconds, long DeadLetters);

    private static async Task<IResult> ListAsync(IEnumerable<UsedQueue> used, IServiceProvider services, CancellationToken cancel)
    {
        try
        {
            var views = await Task.WhenAll(used.Select(queue => ViewAsync(queue, services.GetRequiredService<SqsQueues>(), cancel)));
            return Results.Ok(new Page<QueueView>([.. views.OrderBy(view => view.Name, StringComparer.Ordinal)], null));
        }
        catch (QueueAwayException failure)
        {
            return Problems.Unavailable(failure.Message, RetryAfter);
        }
    }

    private static async Task<QueueView> ViewAsync(UsedQueue used, SqsQueues queues, CancellationToken cancel)
    {
        var standing = await (await queues.GetAsync(used.Name, cancel)).StandingAsync(cancel);
        return new QueueView(used.Name, used.Purpose, standing.Waiting, standing.InHand, standing.OldestSeconds, standing.DeadLetters);
    }
}

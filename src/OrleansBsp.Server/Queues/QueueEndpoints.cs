using OrleansBsp.Server.Access;
using OrleansBsp.Server.Http;

namespace OrleansBsp.Server.Queues;

/// <summary>A queue that this installation uses, as an operator should see it. Registered by whoever uses it.</summary>
/// <param name="Name">Without the prefix.</param>
/// <param name="Purpose">What its messages are, in words.</param>
/// <param name="NamesOrNull">What a message names; null: it is not one that this version knows.</param>
public sealed record UsedQueue(string Name, string Purpose, Func<string, MessageNames?> NamesOrNull);

/// <summary>What a message of a queue is about, as far as it may be shown: nothing of any person.</summary>
/// <param name="PhoneNumberId">Meta's id of our own number.</param>
public sealed record MessageNames(string? CampaignId = null, int? Position = null, int? Attempt = null, string? PhoneNumberId = null);

/// <summary>How the queues stand, and what to do about dead letters; an empty list where everything goes within the process.</summary>
public static class QueueEndpoints
{
    private const int MaxShown = 100;
    private const int MaxReason = 500;
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(5);

    public static void MapQueues(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/api/v1/queues").WithTags("Queues").RequireScope(Scope.Admin).AddEndpointFilter(WhileAwayAsync);
        api.MapGet("", ListAsync).WithSummary("How the queues stand").Produces<Page<QueueView>>();
        api.MapGet("/{name}/dead-letters", LookAsync).WithSummary("Some of a queue's dead letters; all, if there are not more than the limit. They have no order and no next page").Produces<DeadLettersView>()
            .WithMetadata(new QueryParameters(new QueryParameter("limit", $"Letters wanted, 1 to {MaxShown}. Default {PageRequest.DefaultLimit}.")));
        api.MapPost("/{name}/dead-letters/redrive", RedriveAsync).WithSummary("Move dead letters back to the queue, all or those with these ids, at most 1,000 in a call; repeat until none is moved").Produces<RedrivenView>();
        api.MapDelete("/{name}/dead-letters/{id}", DeleteAsync).WithSummary("Delete a dead letter for good; who did it and the reason are in the log").Produces(204)
            .WithMetadata(new QueryParameters(new QueryParameter("reason", $"Why nobody needs the message, in 1 to {MaxReason} characters; it is kept in the log.")));
    }

    /// <param name="Depth">Messages that wait to be received. SQS counts approximately.</param>
    /// <param name="InHand">Messages that were received and are not done yet.</param>
    /// <param name="OldestSeconds">Age of the oldest message that was received by the answering process in the last minute; null if it received none.</param>
    /// <param name="DeadLetters">Messages that nobody could handle. SQS keeps a message for 14 days in all.</param>
    public sealed record QueueView(string Name, string Purpose, long Depth, long InHand, double? OldestSeconds, long DeadLetters);

    /// <param name="Total">How many there are, as SQS counts: approximately, a minute late at worst.</param>
    public sealed record DeadLettersView(IReadOnlyList<DeadLetterView> Items, long Total);

    /// <param name="SentAt">When the queue took it.</param>
    /// <param name="ReceiveCount">How often it was received, as SQS counts, with each look at it here.</param>
    /// <param name="SizeBytes">Of the message as it lies in the queue.</param>
    /// <param name="Names">What it is about; null: it is not a message that this version knows.</param>
    public sealed record DeadLetterView(string Id, DateTimeOffset SentAt, int ReceiveCount, int SizeBytes, MessageNames? Names);

    /// <param name="Ids">Null: all.</param>
    public sealed record Redrive(string[]? Ids = null);

    /// <param name="Remaining">Dead letters that there are now, as SQS counts.</param>
    /// <param name="NotMoved">Those that were asked for or taken, and stay.</param>
    public sealed record RedrivenView(int Moved, long Remaining, IReadOnlyList<NotMovedView> NotMoved);

    public sealed record NotMovedView(string Id, string Reason);

    private static async Task<IResult> ListAsync(IEnumerable<UsedQueue> used, IServiceProvider services, CancellationToken cancel)
    {
        var views = await Task.WhenAll(used.Select(queue => ViewAsync(queue, services.GetRequiredService<SqsQueues>(), cancel)));
        return Results.Ok(new Page<QueueView>([.. views.OrderBy(view => view.Name, StringComparer.Ordinal)], null));
    }

    private static async Task<QueueView> ViewAsync(UsedQueue used, SqsQueues queues, CancellationToken cancel)
    {
        var standing = await (await queues.GetAsync(used.Name, cancel)).StandingAsync(cancel);
        return new QueueView(used.Name, used.Purpose, standing.Waiting, standing.InHand, standing.OldestSeconds, standing.DeadLetters);
    }

    private static async Task<IResult> LookAsync(string name, int? limit, IEnumerable<UsedQueue> used, IServiceProvider services, CancellationToken cancel)
    {
        if (limit is < 1 or > MaxShown) return Problems.BadInput(InputError.Query("limit", "out-of-range", $"limit must be a whole number from 1 to {MaxShown}, but was '{limit}'."));
        if (await FindAsync(name, used, services, cancel) is not { } found) return Unknown(name);
        var letters = await new DeadLetters(found.Queue).LookAsync(limit ?? PageRequest.DefaultLimit, cancel);
        var standing = await found.Queue.StandingAsync(cancel);
        return Results.Ok(new DeadLettersView([.. letters.Select(letter => View(letter, found.Used)).OrderBy(view => view.SentAt)], Math.Max(standing.DeadLetters, letters.Count)));
    }

    private static async Task<IResult> RedriveAsync(
        string name, Redrive? request, IEnumerable<UsedQueue> used, IServiceProvider services, Caller caller, ILogger<UsedQueue> log, CancellationToken cancel)
    {
        var ids = request?.Ids?.Distinct().ToArray();
        if (ids is { Length: 0 or > DeadLetters.MaxTaken })
            return Problems.BadInput(InputError.At("/ids", "out-of-range", $"ids must name 1 to {DeadLetters.MaxTaken} dead letters, but named {ids.Length}; leave it out to move all."));
        if (await FindAsync(name, used, services, cancel) is not { } found) return Unknown(name);
        var told = await new DeadLetters(found.Queue).RedriveAsync(ids, cancel);
        var moved = told.Values.Count(reason => reason is null);
        log.Redriven(name, moved, caller.Id);
        var standing = await found.Queue.StandingAsync(cancel);
        return Results.Ok(new RedrivenView(moved, standing.DeadLetters, [.. told.Where(one => one.Value is not null).Select(one => new NotMovedView(one.Key, one.Value!))]));
    }

    private static async Task<IResult> DeleteAsync(
        string name, string id, string? reason, IEnumerable<UsedQueue> used, IServiceProvider services, Caller caller, ILogger<UsedQueue> log, CancellationToken cancel)
    {
        if (string.IsNullOrWhiteSpace(reason) || reason.Length > MaxReason)
            return Problems.BadInput(InputError.Query("reason", "missing", $"reason must say in 1 to {MaxReason} characters why nobody needs the message; it is kept in the log."));
        if (await FindAsync(name, used, services, cancel) is not { } found) return Unknown(name);
        if (await new DeadLetters(found.Queue).DeleteAsync(id, cancel) is not { } letter)
            return Problems.NotFound($"There is no dead letter {id} among those that were found in queue {name}. Another call may have it in hand: try again after a minute.");
        log.LetterDeleted(name, id, found.Used.NamesOrNull(letter.Body)?.ToString() ?? "unknown", caller.Id, reason.ReplaceLineEndings(" "));
        return Results.NoContent();
    }

    private static async Task<(UsedQueue Used, SqsQueue Queue)?> FindAsync(string name, IEnumerable<UsedQueue> used, IServiceProvider services, CancellationToken cancel) =>
        used.FirstOrDefault(queue => queue.Name == name) is { } known ? (known, await services.GetRequiredService<SqsQueues>().GetAsync(name, cancel)) : null;

    private static ProblemResult Unknown(string name) => Problems.NotFound($"There is no queue {name}. GET /api/v1/queues lists them.");

    private static DeadLetterView View(SqsMessage letter, UsedQueue used) =>
        new(letter.Id, letter.SentAt, letter.Receives, System.Text.Encoding.UTF8.GetByteCount(letter.Body), used.NamesOrNull(letter.Body));

    private static async ValueTask<object?> WhileAwayAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context);
        }
        catch (QueueAwayException failure)
        {
            return Problems.Unavailable(failure.Message, RetryAfter);
        }
    }
}

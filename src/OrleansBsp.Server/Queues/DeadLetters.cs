using System.Diagnostics;

namespace OrleansBsp.Server.Queues;

/// <summary>What nobody could handle of a queue: looked at, moved back, or deleted for good.</summary>
/// <remarks>
/// SQS has no other way of looking than receiving. So who looks takes letters and gives them back; while he has them, for a second or a few, another does not see them, and if he is
/// killed they show again after a minute. Nor has SQS an order or a place to go on from: of more than can be taken at once, it gives some.
/// Moving back is send, then delete: killed in between, a letter is in both places, and whoever handles the queue takes each message any number of times. The other way round it would be lost.
/// Everything is taken before anything is moved: what comes back as a dead letter at once is not moved again by the same call.
/// SQS' own move task (StartMessageMoveTask) does the same for all letters of a queue, without telling of single ones.
/// </remarks>
/// <param name="budget">How long one call may take; null: as long as who waits for the answer has patience.</param>
internal sealed class DeadLetters(SqsQueue queue, TimeSpan? budget = null)
{
    /// <summary>So many are taken by one call.</summary>
    public const int MaxTaken = 1000;

    // Letters may have a megabyte each.
    private const int MaxTakenChars = 16 << 20;

    // A caller waits for the answer. Well within the time for which letters are held.
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Hold = TimeSpan.FromMinutes(1);

    private readonly SqsQueue _dead = queue.Dead ?? throw new ArgumentException($"{queue.Name} has no dead letters.", nameof(queue));
    private readonly long _started = Stopwatch.GetTimestamp();

    /// <summary>Some of them; all, if there are not more.</summary>
    /// <exception cref="QueueAwayException"/>
    public async Task<IReadOnlyCollection<SqsMessage>> LookAsync(int most, CancellationToken cancel)
    {
        var letters = await TakeAsync(most, null, cancel);
        await GiveBackAsync(letters);
        return letters.Values;
    }

    /// <summary>Moves letters back to the queue that they came from. Doing it twice, or while somebody else does it, changes nothing.</summary>
    /// <param name="ids">Which; null: all, as many as one call takes.</param>
    /// <returns>For each letter that was taken or asked for: null if it was moved, otherwise why not.</returns>
    /// <exception cref="QueueAwayException">SQS does not answer, and none is known to be moved.</exception>
    public async Task<IReadOnlyDictionary<string, string?>> RedriveAsync(IReadOnlyCollection<string>? ids, CancellationToken cancel)
    {
        var letters = await TakeAsync(MaxTaken, ids, cancel);
        var wanted = letters.Values.Where(letter => ids is null || ids.Contains(letter.Id)).ToList();
        var told = (ids ?? []).ToDictionary(id => id, string? (_) => "It is not among the dead letters that this call has found.");
        foreach (var letter in wanted) told[letter.Id] = "The time of one call was over.";
        QueueAwayException? away = null;
        foreach (var part in wanted.Chunk(SqsQueue.MaxBatch).TakeWhile(_ => away is null && InTime && !cancel.IsCancellationRequested))
        {
            // A request each: together they may be more than one may hold.
            await Task.WhenAll(part.Select(SendAsync));
            var sent = part.Where(letter => told[letter.Id] is null).ToList();
            await _dead.DeleteAsync(sent);
            foreach (var letter in sent) letters.Remove(letter.Id);
        }

        await GiveBackAsync(letters);
        return away is null || told.ContainsValue(null) ? told : throw away;

        async Task SendAsync(SqsMessage letter)
        {
            try
            {
                // Not cancelled half-way: what has been sent is to be deleted.
                var refusal = (await queue.SendAsync([letter.Body], CancellationToken.None)).Single();
                lock (told) told[letter.Id] = refusal?.Reason;
            }
            catch (QueueAwayException failure)
            {
                lock (told) told[letter.Id] = failure.Message;
                away = failure;
            }
        }
    }

    /// <returns>The letter, which is gone for good; null: it is not among those that were found.</returns>
    /// <exception cref="QueueAwayException">It may be gone.</exception>
    public async Task<SqsMessage?> DeleteAsync(string id, CancellationToken cancel)
    {
        var letters = await TakeAsync(MaxTaken, [id], cancel);
        letters.Remove(id, out var letter);
        var deleted = letter is null ? 0 : await _dead.DeleteAsync([letter]);
        await GiveBackAsync(letters);
        return letter is null || deleted == 1 ? letter : throw new QueueAwayException("the letter may be there still");
    }

    private bool InTime => Stopwatch.GetElapsedTime(_started) < (budget ?? Budget);

    /// <param name="ids">No more are taken when these are found.</param>
    private async Task<Dictionary<string, SqsMessage>> TakeAsync(int most, IReadOnlyCollection<string>? ids, CancellationToken cancel)
    {
        var letters = new Dictionary<string, SqsMessage>(); // one may be delivered twice; its last receipt counts
        var chars = 0L;
        try
        {
            while (letters.Count < most && chars < MaxTakenChars && InTime && (ids is null || !ids.All(letters.ContainsKey)))
            {
                var some = await _dead.BorrowAsync(most - letters.Count, Hold, cancel);
                if (some.Count == 0) break;
                foreach (var letter in some) letters[letter.Id] = letter;
                chars += some.Sum(letter => (long)letter.Body.Length);
            }
        }
        catch
        {
            await GiveBackAsync(letters);
            throw;
        }

        return letters;
    }

    // All at once: while SQS does not answer each request takes seconds.
    private Task GiveBackAsync(Dictionary<string, SqsMessage> letters) =>
        Task.WhenAll(letters.Values.Chunk(SqsQueue.MaxBatch).Select(part => _dead.KeepAsync(part, TimeSpan.Zero)));
}

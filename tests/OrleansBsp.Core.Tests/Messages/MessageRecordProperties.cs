using FsCheck.Xunit;
using OrleansBsp.Core.Messages;

namespace OrleansBsp.Core.Tests.Messages;

/// <summary>Knowledge of one attempt merges as a semilattice: any order and any repetition gives the same record.</summary>
[Properties(Arbitrary = [typeof(Knowledge)], MaxTest = 2000)]
public class MessageRecordProperties
{
    private static readonly MessageState[] Ends = [MessageState.Retrying, MessageState.Uncertain, MessageState.Refused];
    private static readonly string[] FromMeta = ["Accept", "Hold", "Sent", "Delivered", "Read", "Failed"];

    [Property]
    public bool Any_order_and_any_repetition_gives_the_same_record(Knowledge[] known, int seed)
    {
        var random = new Random(seed);
        var messy = known.Concat(known.Where(_ => random.Next(2) == 0)).ToArray();
        random.Shuffle(messy);
        return Merge(messy) == Merge(known);
    }

    [Property]
    public bool Two_pieces_of_knowledge_commute_on_any_record(Knowledge[] before, Knowledge one, Knowledge other)
    {
        var message = Merge(before);
        return other.ApplyTo(one.ApplyTo(message)) == one.ApplyTo(other.ApplyTo(message));
    }

    [Property]
    public bool The_same_knowledge_twice_changes_nothing(Knowledge[] before, Knowledge[] between, Knowledge twice)
    {
        var once = between.Aggregate(twice.ApplyTo(Merge(before)), (message, knowledge) => knowledge.ApplyTo(message));
        return twice.ApplyTo(once) == once;
    }

    [Property]
    public bool What_Meta_said_decides_the_state_and_the_times(Knowledge[] known)
    {
        var message = Merge(known);
        var fromMeta = known.Where(knowledge => knowledge.IsFromMeta).ToList();
        if (fromMeta.Count == 0) return !message.State.IsAccepted() && message.Wamid is null;
        return message.State == fromMeta.Max(knowledge => knowledge.State)
            && message.Wamid == "wamid"
            && message.AcceptedAt == First("Accept", "Hold") && message.SentAt == First("Sent") && message.FailedAt == First("Failed")
            && message.DeliveredAt == First("Delivered") && message.ReadAt == First("Read");

        DateTimeOffset? First(params string[] what) =>
            fromMeta.Where(knowledge => what.Contains(knowledge.What)).Select(knowledge => (DateTimeOffset?)knowledge.At).Min();
    }

    [Property]
    public bool A_failure_is_explained_by_one_of_the_earliest_reports(Knowledge[] known)
    {
        var message = Merge(known);
        return message.State != MessageState.Failed || known.Any(knowledge =>
            knowledge.What == "Failed" && knowledge.At == message.FailedAt && (knowledge.Code, knowledge.Detail) == (message.ErrorCode, message.ErrorDetail));
    }

    /// <summary>Anything at all, in any order, also our own decisions and further attempts; the arguments are made of the two numbers.</summary>
    [Property]
    public bool No_walk_breaks_a_rule((byte What, byte How)[] steps)
    {
        var message = MessageRecord.Released;
        foreach (var (what, how) in steps)
        {
            var (before, attempt) = (message, how % 4 + 1);
            message = (what % 5) switch
            {
                0 => message.ReleaseAgain(attempt),
                1 => message.EndAttempt(attempt, Ends[what % 3], how, "e"),
                2 => message.RefuseForNow(attempt, 3, how, "r"),
                3 => message.GiveUp((MessageState)(how % 5 == 0 ? (int)MessageState.Unknown : (int)MessageState.Skipped + how % 3), "g"),
                _ => new Knowledge(FromMeta[what / 5 % 6], how % 5, how).ApplyTo(message),
            };
            if (FindFault(before, message) is not null) return false;
        }

        return true;
    }

    /// <summary>One attempt after another, each told once or more often, and sometimes of an earlier one again: only what Meta refused counts, and each attempt once.</summary>
    [Property]
    public bool Refusals_end_a_message_at_the_limit_and_nothing_else_does(byte[] attempts, byte limit)
    {
        var (most, refusals, message) = (limit % 6 + 1, 0, MessageRecord.Released);
        for (var attempt = 1; attempt <= attempts.Length && !message.State.IsSettled(); attempt++)
        {
            var what = attempts[attempt - 1];
            message = message.ReleaseAgain(attempt);
            if (what % 2 == 0) refusals++;
            for (var told = 0; told <= what / 2 % 3; told++)
            {
                message = what % 2 == 0 ? message.RefuseForNow(attempt, most, 131057, "r") : message.EndAttempt(attempt, MessageState.Retrying, 130429, "e");
                if (attempt > 1 && what > 127) message = message.RefuseForNow(attempt - 1, most, 131057, "r");
            }

            if (message.State != (refusals == most ? MessageState.Refused : MessageState.Retrying)) return false;
            if (message.Refusals != refusals % most) return false;
        }

        return true;
    }

    private static MessageRecord Merge(IEnumerable<Knowledge> known) =>
        known.Aggregate(MessageRecord.Released, (message, knowledge) => knowledge.ApplyTo(message));

    private static string? FindFault(MessageRecord before, MessageRecord after)
    {
        if (after.Attempt < before.Attempt) return "an attempt was taken back";
        if (after.State.IsSettled() && after.Refusals != 0) return "a settled message has refusals";
        if (after.Refusals > before.Refusals && after.State != MessageState.Retrying) return "counted, but not for another attempt";
        if (before.State.IsAccepted() && after.State < before.State) return "something Meta had said was forgotten";
        if (before.State.IsSettled() && !after.State.IsSettled()) return "a settled message was opened again";
        if (after.State == MessageState.InFlight && before.State != MessageState.InFlight
            && (before.State is not (MessageState.Retrying or MessageState.Uncertain) || after.Attempt <= before.Attempt)) return "released without right";
        if (after.State.IsAccepted() != after.Wamid is not null) return "accepted without a wamid, or the other way round";
        var mayHaveCode = after.State is MessageState.InFlight or MessageState.Retrying or MessageState.Uncertain or MessageState.Unknown
            or MessageState.Refused or MessageState.Failed;
        return after.ErrorCode is null || mayHaveCode ? null : "a code that explains nothing";
    }
}

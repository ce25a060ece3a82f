using OrleansBsp.Simulator.Fates;

namespace OrleansBsp.Simulator.Ledgers;

/// <summary>A recipient that one number was accepted for more than once.</summary>
public sealed record DuplicateRecipient(string PhoneNumberId, string To, int Count, IReadOnlyList<string?> Tokens);

/// <summary>Pace of one number: accepted messages, and everything that arrived.</summary>
public sealed record NumberPace(string PhoneNumberId, Pace Accepted, Pace Arrived);

/// <summary>What the product's books are compared with.</summary>
/// <param name="DistinctRecipients">Distinct pairs of number and recipient.</param>
/// <param name="DuplicateRecipients">Pairs that were accepted more than once.</param>
/// <param name="Duplicates">The first 100 of them.</param>
/// <param name="RefusedByCode">Refused sends by Meta's code; 0 counts requests that were lost before acceptance.</param>
/// <param name="States">Each accepted message once, under its furthest state that the receiver acknowledged.</param>
/// <param name="FailedByCode">The messages under <c>failed</c> by code.</param>
/// <param name="LostAnswers">Accepted messages whose sender got no proper answer.</param>
public sealed record LedgerSummary(
    int Accepted, int DistinctRecipients, int DuplicateRecipients, IReadOnlyList<DuplicateRecipient> Duplicates,
    IReadOnlyDictionary<int, long> RefusedByCode, IReadOnlyDictionary<MessageState, int> States,
    IReadOnlyDictionary<int, int> FailedByCode, int LostAnswers, IReadOnlyList<NumberPace> Numbers)
{
    private const int MaxListed = 100;

    internal static LedgerSummary Of(Ledger ledger, LedgerFilter filter)
    {
        var counts = new Dictionary<(int Number, ulong Recipient), int>();
        var instants = new Dictionary<int, List<long>>();
        var states = Enum.GetValues<MessageState>().ToDictionary(state => state, _ => 0);
        var failures = new SortedDictionary<int, int>();
        int accepted = 0, lost = 0;
        var end = ledger.Count;
        for (var i = filter.FromOrdinal; i < end; i++)
        {
            if (!ledger.Matches(i, filter))
            {
                continue;
            }

            ref var entry = ref ledger[i];
            accepted++;
            lost += entry.Answer == AnswerKind.Lost ? 1 : 0;
            Count(counts, (entry.NumberIndex, entry.Recipient));
            var state = entry.Furthest;
            states[state]++;
            if (state == MessageState.Failed)
            {
                Count(failures, entry.Fate.FailureCode);
            }

            if (!instants.TryGetValue(entry.NumberIndex, out var list))
            {
                instants[entry.NumberIndex] = list = [];
            }

            list.Add(entry.ArrivalMicros);
        }

        return new LedgerSummary(
            accepted, counts.Count, counts.Values.Count(count => count > 1), ListDuplicates(ledger, filter, end, counts),
            ledger.RefusedByCode, states, failures, lost, [.. instants.OrderBy(pair => pair.Key).Select(pair => Paces(ledger, pair.Key, pair.Value))]);
    }

    private static void Count<TKey>(IDictionary<TKey, int> counts, TKey key) => counts[key] = counts.TryGetValue(key, out var before) ? before + 1 : 1;

    private static NumberPace Paces(Ledger ledger, int numberIndex, List<long> instants)
    {
        var id = ledger.World.NumberAt(numberIndex).Id;
        return new NumberPace(id, Pace.Of([.. instants]), Pace.Of(ledger.ArrivalsOf(id)));
    }

    private static List<DuplicateRecipient> ListDuplicates(Ledger ledger, LedgerFilter filter, int end, Dictionary<(int Number, ulong Recipient), int> counts)
    {
        var listed = counts.Where(pair => pair.Value > 1).Take(MaxListed).ToDictionary(pair => pair.Key, _ => new List<int>());
        for (var i = filter.FromOrdinal; listed.Count > 0 && i < end; i++)
        {
            ref var entry = ref ledger[i];
            if (listed.TryGetValue((entry.NumberIndex, entry.Recipient), out var ordinals) && ledger.Matches(i, filter))
            {
                ordinals.Add(i);
            }
        }

        return [.. listed.Select(pair => Describe(ledger, pair.Key.Number, pair.Value))];
    }

    private static DuplicateRecipient Describe(Ledger ledger, int numberIndex, List<int> ordinals) => new(
        ledger.World.NumberAt(numberIndex).Id, ledger.RecipientText(ledger[ordinals[0]]), ordinals.Count,
        [.. ordinals.Select(ordinal => ledger[ordinal].Token is { Length: > 0 } token ? System.Text.Encoding.UTF8.GetString(ledger.Bytes(token)) : null)]);
}

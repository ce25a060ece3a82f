using OrleansBsp.Core.Messages;
using OrleansBsp.Simulator.Ledgers;

namespace OrleansBsp.Chaos;

/// <summary>The second in which most of a number's messages were accepted, and whose they were.</summary>
internal static class Busiest
{
    private const long Second = 1_000_000;

    /// <summary>In words: when it was, and how many of which campaign arrived in each tenth of it.</summary>
    public static string Describe(Ledger ledger, string number)
    {
        var arrivals = ledger.Read(new LedgerFilter(PhoneNumberId: number)).OrderBy(record => record.ArrivalUnixMicros).ToArray();
        var (most, at) = (0, 0);
        for (int first = 0, last = 0; last < arrivals.Length; last++)
        {
            while (arrivals[first].ArrivalUnixMicros <= arrivals[last].ArrivalUnixMicros - Second) first++;
            if (last - first + 1 > most) (most, at) = (last - first + 1, first);
        }

        var from = arrivals[at].ArrivalUnixMicros;
        var campaigns = arrivals.Skip(at).Take(most).GroupBy(record => MessageToken.ParseOrNull(record.Token)?.Owner).Select(campaign =>
            $"campaign {campaign.Key}: {string.Join(' ', Enumerable.Range(0, 10).Select(tenth => campaign.Count(record => (record.ArrivalUnixMicros - from) / (Second / 10) == tenth)))}");
        return $"accepted from {DateTimeOffset.UnixEpoch.AddMicroseconds(from):HH:mm:ss.fff} on, in tenths: {string.Join("; ", campaigns)}";
    }
}

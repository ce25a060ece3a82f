using OrleansBsp.Core.Messages;
using OrleansBsp.Simulator.Ledgers;

namespace OrleansBsp.Chaos;

/// <summary>When each campaign's messages arrived at Meta for the first time: what a fault cost.</summary>
/// <remarks>Repeats are left out: they wait as long as Meta demands, which is no standstill. So are single messages, whose numbers are those of other things.</remarks>
internal sealed class Pulse
{
    private readonly IReadOnlyList<(long Campaign, long[] Arrivals)> _campaigns;

    public Pulse(Ledger ledger) => _campaigns =
    [
        .. ledger.Read().Select(record => (Token: MessageToken.ParseOrNull(record.Token), record.ArrivalUnixMicros)).Where(one => one.Token is { Kind: MessageTokenKind.Campaign, Attempt: 1 })
            .GroupBy(one => one.Token!.Value.Owner, one => one.ArrivalUnixMicros).Select(arrivals => (arrivals.Key, arrivals.Order().ToArray())),
    ];

    /// <summary>The longest time that any campaign with people left stood still, of those that touch this time, from its beginning on.</summary>
    public Standstill LongestGap(DateTimeOffset from, DateTimeOffset to) => Longest(
        from, to, (one, next) => next - Math.Max(one, Micros(from)));

    /// <summary>How long after this moment the last of the campaigns that had people left sent again.</summary>
    public TimeSpan SendingAgainAfter(DateTimeOffset moment) => Longest(moment, moment, (_, next) => next - Micros(moment)).Length;

    private Standstill Longest(DateTimeOffset from, DateTimeOffset to, Func<long, long, long> length)
    {
        var (first, last) = (Micros(from), Micros(to));
        return _campaigns
            .SelectMany(campaign => campaign.Arrivals.Zip(campaign.Arrivals.Skip(1)).Where(gap => gap.Second > first && gap.First <= last)
                .Select(gap => new Standstill(campaign.Campaign, DateTimeOffset.UnixEpoch.AddMicroseconds(gap.Second), TimeSpan.FromMicroseconds(length(gap.First, gap.Second)))))
            .DefaultIfEmpty().MaxBy(gap => gap.Length);
    }

    private static long Micros(DateTimeOffset at) => (at - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
}

/// <param name="Until">When it sent again.</param>
internal readonly record struct Standstill(long Campaign, DateTimeOffset Until, TimeSpan Length);

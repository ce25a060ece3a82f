using System.Diagnostics;
using System.Diagnostics.Metrics;
using OrleansBsp.Server.Telemetry;

namespace OrleansBsp.Server.PhoneNumbers;

/// <summary>
/// Measures of numbers: what leaves this process (lanes), and what the number's owner allows (only from the silo that owns it, and only while campaigns ask for
/// permits: of a number that rests nothing is known that would still be true).
/// </summary>
internal static class PhoneNumberMetrics
{
    private static readonly Counter<long> Throttling = Instruments.Meter.CreateCounter<long>("bsp.number.throttled", "{report}", "Meta's word that a number sends too fast (130429)");
    private static readonly BatchMeter Reports = new("bsp.number.report", "permit", "Arrivals told to a number in one call", "Duration of one call that tells a number of arrivals");
    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(1);
    private static readonly NamedFew Named = new(200);
    private static readonly LiveSet<SendLane> Lanes = new();
    private static readonly LiveSet<PhoneNumberGrain> Owners = new();

    static PhoneNumberMetrics()
    {
        var meter = Instruments.Meter;
        meter.CreateObservableCounter("bsp.number.started", () => OfLanes(lane => lane.Started, Enumerable.Sum), "{message}", "Messages that left for Meta");
        meter.CreateObservableGauge("bsp.number.lane.waiting", () => OfLanes(lane => lane.Waiting, Enumerable.Sum), "{message}", "Messages that wait for their moment");
        meter.CreateObservableGauge("bsp.number.lane.oldest", () => OfLanes(lane => lane.Late.TotalSeconds, Enumerable.Max), "s", "How long after its moment the oldest waiting message is");
        meter.CreateObservableGauge("bsp.number.lane.unheard", () => OfLanes(lane => lane.Unheard, Enumerable.Sum), "{request}", "Requests that neither they nor later ones have been answered for");
        meter.CreateObservableGauge("bsp.number.lane.unheard.oldest", () => OfLanes(lane => lane.UnheardFor.TotalSeconds, Enumerable.Max), "s", "Age of the oldest such request");
        meter.CreateObservableGauge("bsp.number.report.waiting", () => OfLanes(lane => lane.Untold, Enumerable.Sum), "{permit}", "Permits of whose arrival at Meta the number is still to be told, those on their way included");
        meter.CreateObservableGauge("bsp.number.report.oldest", () => OfLanes(lane => lane.UntoldFor.TotalSeconds, Enumerable.Max), "s", "How long ago the oldest of them left");
        meter.CreateObservableGauge("bsp.number.limit", () => OfOwners(owner => owner.Limit, Enumerable.Sum), "{message}/s", "What the number may send in any second");
        meter.CreateObservableGauge("bsp.number.rate", () => OfOwners(owner => owner.PerSecond, Enumerable.Sum), "{message}/s", "What is granted at most at present");
        meter.CreateObservableGauge("bsp.number.factor", () => OfOwners(owner => owner.Factor, Enumerable.Min), "1", "Share of the limit that is used since Meta's last word about the rate");
        meter.CreateObservableGauge("bsp.number.limited", Limited, "{number}", "Numbers by what keeps them from sending faster");
    }

    /// <summary>How a number is called in measures: by its id, or as one of the others where there are very many.</summary>
    public static string Label(string number) => Named.Of(number);

    public static void Add(SendLane lane) => Lanes.Add(lane);

    public static void Remove(SendLane lane) => Lanes.Remove(lane);

    public static void Add(PhoneNumberGrain owner) => Owners.Add(owner);

    public static void Remove(PhoneNumberGrain owner) => Owners.Remove(owner);

    public static void Throttled(string number) => Throttling.Add(1, new KeyValuePair<string, object?>("number", Label(number)));

    /// <param name="started">By <see cref="Stopwatch"/>.</param>
    public static void Reported(int permits, long started) => Reports.Record(permits, started);

    private static IEnumerable<NumberSeen> Asked => Owners.All.Select(owner => owner.Seen).Where(seen => Stopwatch.GetElapsedTime(seen.At) < Fresh);

    private static IEnumerable<Measurement<T>> OfLanes<T>(Func<SendLane, T> of, Func<IEnumerable<T>, T> together)
        where T : struct => Each(Lanes.All, lane => lane.Number.Value, of, together);

    private static IEnumerable<Measurement<T>> OfOwners<T>(Func<NumberSeen, T> of, Func<IEnumerable<T>, T> together)
        where T : struct => Each(Asked, seen => seen.Number, of, together);

    /// <param name="together">Of those that have one label together.</param>
    internal static IEnumerable<Measurement<TValue>> Each<T, TValue>(IEnumerable<T> all, Func<T, string> number, Func<T, TValue> of, Func<IEnumerable<TValue>, TValue> together)
        where TValue : struct =>
        all.GroupBy(one => Label(number(one))).Select(same => new Measurement<TValue>(together(same.Select(of)), new KeyValuePair<string, object?>("number", same.Key)));

    private static IEnumerable<Measurement<int>> Limited() => Asked
        .GroupBy(seen => (Number: Label(seen.Number), By: LimitingFactor.Label(seen.LimitedBy)))
        .Select(same => new Measurement<int>(same.Count(), new("number", same.Key.Number), new("by", same.Key.By)));
}

/// <summary>A number as its owner knew it when it was asked last, for measures: grains must not be looked into from outside their turns.</summary>
/// <param name="At">By <see cref="Stopwatch"/>.</param>
internal sealed record NumberSeen(long At, string Number, int Limit, double PerSecond, double Factor, string LimitedBy);

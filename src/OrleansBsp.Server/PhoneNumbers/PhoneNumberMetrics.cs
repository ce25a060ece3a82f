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
    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(1);
    private static readonly LiveSet<SendLane> Lanes = new();
    private static readonly LiveSet<PhoneNumberGrain> Owners = new();

    static PhoneNumberMetrics()
    {
        var meter = Instruments.Meter;
        meter.CreateObservableCounter("bsp.number.started", () => Lanes.Each(lane => lane.Started, Labels), "{message}", "Messages that left for Meta");
        meter.CreateObservableGauge("bsp.number.lane.waiting", () => Lanes.Each(lane => lane.Waiting, Labels), "{message}", "Messages that wait for their moment");
        meter.CreateObservableGauge("bsp.number.lane.oldest", () => Lanes.Each(lane => lane.Late.TotalSeconds, Labels), "s", "How long after its moment the oldest waiting message is");
        meter.CreateObservableGauge("bsp.number.lane.unheard", () => Lanes.Each(lane => lane.Unheard, Labels), "{request}", "Requests that neither they nor later ones have been answered for");
        meter.CreateObservableGauge("bsp.number.limit", () => Owners.Each(owner => owner.Seen.Limit, Labels, IsAsked), "{message}/s", "What the number may send in any second");
        meter.CreateObservableGauge("bsp.number.rate", () => Owners.Each(owner => owner.Seen.PerSecond, Labels, IsAsked), "{message}/s", "What is granted at most at present");
        meter.CreateObservableGauge("bsp.number.factor", () => Owners.Each(owner => owner.Seen.Factor, Labels, IsAsked), "1", "Share of the limit that is used since Meta's last word about the rate");
        meter.CreateObservableGauge("bsp.number.limited", () => Owners.Each(owner => 1, owner => [.. Labels(owner), new("by", LimitingFactor.Label(owner.Seen.LimitedBy))], IsAsked), "1", "What keeps the number from sending faster");
    }

    public static void Add(SendLane lane) => Lanes.Add(lane);

    public static void Remove(SendLane lane) => Lanes.Remove(lane);

    public static void Add(PhoneNumberGrain owner) => Owners.Add(owner);

    public static void Remove(PhoneNumberGrain owner) => Owners.Remove(owner);

    public static void Throttled(string number) => Throttling.Add(1, new KeyValuePair<string, object?>("number", number));

    private static bool IsAsked(PhoneNumberGrain owner) => Stopwatch.GetElapsedTime(owner.Seen.At) < Fresh;

    private static KeyValuePair<string, object?>[] Labels(SendLane lane) => [new("number", lane.Number.Value)];

    private static KeyValuePair<string, object?>[] Labels(PhoneNumberGrain owner) => [new("number", owner.Seen.Number)];
}

/// <summary>A number as its owner knew it when it was asked last, for measures: grains must not be looked into from outside their turns.</summary>
/// <param name="At">By <see cref="Stopwatch"/>.</param>
internal sealed record NumberSeen(long At, string Number, int Limit, double PerSecond, double Factor, string LimitedBy);

using OrleansBsp.Testing.Faults;

namespace OrleansBsp.Chaos.Plans;

/// <summary>The faults there are, each with its bounds.</summary>
internal static class Deck
{
    private static readonly Card[] Cards =
    [
        new("kill-silo", false, (random, silos) => new KillSilo(random.Next(silos), random.Next(0, 8))),
        new("kill-silos", false, (random, _) => new KillSilos(random.Next(3, 6), random.Next(3, 6), random.Next())),
        new("restart-silo", false, (random, silos) => new RestartSilo(random.Next(silos))),
        new("freeze-silo", false, (random, silos) => new FreezeSilo(random.Next(silos), random.Next(1, 8))),
        new("starve-silo", false, (random, silos) => new StarveSilo(random.Next(silos), random.Next(200, 700), random.Next(8, 15))),
        new("exhaust-threads", false, (random, silos) => new ExhaustThreads(random.Next(silos), random.Next(50, 300), random.Next(8, 15))),
        new("skew-clock", false, (random, silos) => new SkewClock(random.Next(silos), random.Next(2) == 0 ? 60 : -60, random.Next(8, 15))),
        new("stop-database", false, (random, _) => new StopDatabase(Killed: random.Next(2) == 0, random.Next(3, 21))),
        new("lose-database", false, (random, silos) => new LoseDatabase(random.Next(4) == 0 ? null : random.Next(silos), Any<Break>(random), random.Next(5, 46))),
        new("lock-tables", false, (random, _) => new LockTables(random.Next(4, 12))),
        new("take-connections", false, (random, _) => new TakeConnections(random.Next(6, 12))),
        new("lose-meta", false, (random, _) => new LoseMeta(Any<Break>(random), random.Next(3, 10))),
        new("storm-at-meta", false, (random, _) => new StormAtMeta(Any<Storm>(random), random.Next(5, 60), random.Next(5, 12))),
        new("flood-webhooks", false, (random, silos) => new FloodWebhooks(random.Next(300, 5001), random.Next(6, 12), random.Next(silos))),
        new("freeze-queue", true, (random, _) => new FreezeQueue(random.Next(3, 12))),
        new("repeat-orders", true, (random, silos) => new RepeatOrders(random.Next(100, 3000), random.Next(6, 12), random.Next(2) == 0 ? random.Next(silos) : null)),
    ];

    public static IReadOnlyList<string> Names { get; } = [.. Cards.Select(card => card.Name)];

    public static IEnumerable<Card> Of(Dispatch dispatch, IReadOnlyList<string> only) =>
        Cards.Where(card => (only.Count == 0 || only.Contains(card.Name)) && (dispatch == Dispatch.Sqs || !card.NeedsQueue));

    private static T Any<T>(Random random) where T : struct, Enum => random.GetItems(Enum.GetValues<T>(), 1)[0];
}

/// <param name="NeedsQueue">It happens to SQS.</param>
/// <param name="Deal">Makes the fault: which silo, how long, how bad.</param>
internal sealed record Card(string Name, bool NeedsQueue, Func<Random, int, Fault> Deal);

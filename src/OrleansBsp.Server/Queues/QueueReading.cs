namespace OrleansBsp.Server.Queues;

/// <summary>One reading of how a queue stands, and since when no age of a message is known.</summary>
/// <param name="KnownSeconds">The age that was known last: of what this process had received, or zero where nothing waited.</param>
/// <param name="KnownAt">When that was, by the clock's timestamp.</param>
internal sealed record QueueReading(string Name, QueueStanding Standing, double KnownSeconds, long KnownAt)
{
    /// <param name="before">The reading before this one; null: there was none.</param>
    public static QueueReading Of(string name, QueueStanding standing, QueueReading? before, TimeProvider clock) =>
        before is not null && IsUnknown(standing) ? before with { Standing = standing } : new QueueReading(name, standing, standing.OldestSeconds ?? 0, clock.GetTimestamp());

    /// <summary>
    /// Age of the oldest message that this process received in the last minute. If it received none although messages wait, what was known last grows on: nothing that was there has been
    /// taken from here since, be it that this process may not receive or that its hands are full.
    /// </summary>
    public double OldestSeconds(TimeProvider clock) =>
        IsUnknown(Standing) ? KnownSeconds + clock.GetElapsedTime(KnownAt).TotalSeconds : Standing.OldestSeconds ?? 0;

    private static bool IsUnknown(QueueStanding standing) => standing is { OldestSeconds: null, Waiting: > 0 };
}

namespace OrleansBsp.Simulator.Faults;

/// <summary>What hit one request: a wait, and at most one other thing.</summary>
internal readonly record struct FaultHit(int DelayMs, FaultRule? Rule);

/// <summary>
/// The rules in force. Requests read a snapshot without a lock; counts are taken atomically, so "3 times" is exactly 3.
/// </summary>
public sealed class FaultPlan
{
    private readonly Lock gate = new();
    private volatile Active[] active = [];

    /// <summary>Rules in force with how often each has struck.</summary>
    public IReadOnlyList<(FaultRule Rule, int Struck)> Rules => [.. active.Select(one => (one.Rule, one.Struck))];

    /// <summary>Appends rules.</summary>
    public void Add(params IEnumerable<FaultRule> rules)
    {
        lock (gate)
        {
            active = [.. active, .. rules.Select(rule => new Active(rule))];
        }
    }

    /// <summary>Removes all rules.</summary>
    public void Clear() => active = [];

    internal bool IsEmpty => active.Length == 0;

    /// <param name="basis">The request's own hash: whether a probability strikes must not depend on the order of arrival.</param>
    internal FaultHit Strike(bool isSend, string id, ReadOnlySpan<char> recipient, ulong basis)
    {
        var delay = 0;
        var rules = active;
        for (var i = 0; i < rules.Length; i++)
        {
            var rule = rules[i].Rule;
            var draws = new Draws(basis ^ Hash.Mix((ulong)i + 0xFA));
            if (!Matches(rule, isSend, id, recipient) || !draws.Chance(rule.Probability) || !rules[i].TryCount())
            {
                continue;
            }

            if (rule.Kind != FaultKind.Latency)
            {
                return new FaultHit(delay, rule);
            }

            delay += draws.Between(rule.MinMs, rule.MaxMs);
        }

        return new FaultHit(delay, null);
    }

    private static bool Matches(FaultRule rule, bool isSend, string id, ReadOnlySpan<char> recipient)
        => (rule.Target == FaultTarget.All || isSend == (rule.Target == FaultTarget.Send))
            && (rule.Numbers is null || rule.Numbers.Contains(id))
            && (rule.RecipientsSuffix is null || recipient.EndsWith(rule.RecipientsSuffix, StringComparison.Ordinal));

    private sealed class Active(FaultRule rule)
    {
        private int struck;

        public FaultRule Rule { get; } = rule;

        public int Struck => Volatile.Read(ref struck);

        public bool TryCount()
        {
            if (Rule.Times is not { } times)
            {
                Interlocked.Increment(ref struck);
                return true;
            }

            for (var seen = Struck; seen < times; seen = Struck)
            {
                if (Interlocked.CompareExchange(ref struck, seen + 1, seen) == seen)
                {
                    return true;
                }
            }

            return false;
        }
    }
}

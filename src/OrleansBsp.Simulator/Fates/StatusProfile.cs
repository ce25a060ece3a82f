namespace OrleansBsp.Simulator.Fates;

/// <summary>One kind of asynchronous failure and its share of the messages.</summary>
public sealed record FailureShare
{
    /// <summary>Meta's code, for example 131026.</summary>
    public int Code { get; init; }

    /// <summary>Share of messages, 0 to 1.</summary>
    public double Probability { get; init; }
}

/// <summary>
/// What becomes of accepted messages. Delays are uniform in their range and counted from acceptance for <c>sent</c> and from the
/// status before for the others. Probabilities are 0 to 1. Swapped as a whole by control; affects messages accepted from then on.
/// </summary>
public sealed record StatusProfile
{
    /// <summary>Shortest time to <c>sent</c> or <c>failed</c>, ms. Default 50.</summary>
    public int SentMinMs { get; init; } = 50;

    /// <summary>Longest time to <c>sent</c> or <c>failed</c>, ms. Default 300.</summary>
    public int SentMaxMs { get; init; } = 300;

    /// <summary>From sent to <c>delivered</c>, ms. Default 100.</summary>
    public int DeliveredMinMs { get; init; } = 100;

    /// <summary>From sent to <c>delivered</c>, ms. Default 1500.</summary>
    public int DeliveredMaxMs { get; init; } = 1_500;

    /// <summary>From delivered to <c>read</c>, ms. Default 500.</summary>
    public int ReadMinMs { get; init; } = 500;

    /// <summary>From delivered to <c>read</c>, ms. Default 5000.</summary>
    public int ReadMaxMs { get; init; } = 5_000;

    /// <summary>Share of delivered messages that are read. Default 0.7.</summary>
    public double ReadProbability { get; init; } = 0.7;

    /// <summary>Share of read messages whose <c>delivered</c> never comes. Default 0.</summary>
    public double SkipDeliveredProbability { get; init; }

    /// <summary>Share of messages whose statuses all come twice. Default 0.</summary>
    public double DuplicateProbability { get; init; }

    /// <summary>Share of messages whose statuses come in reverse. Default 0.</summary>
    public double ReorderProbability { get; init; }

    /// <summary>Share of messages whose first status is acknowledged before the send is answered. Default 0.</summary>
    public double EarlyProbability { get; init; }

    /// <summary>Share that ends after <c>sent</c> without a word, as after the TTL (reference 4.9). Default 0.</summary>
    public double SilentDropProbability { get; init; }

    /// <summary>Failures reported by a status. The shares add up to at most 1. Default none.</summary>
    public IReadOnlyList<FailureShare> Failures { get; init; } = [];

    /// <summary>Time that a message held by its recipient's pattern waits for the verdict, ms. Default 1000.</summary>
    public int HoldMs { get; init; } = 1_000;

    /// <summary>Everything at once and everybody reads: for tests that only want the statuses.</summary>
    public static StatusProfile Instant { get; } = new()
    {
        SentMinMs = 0, SentMaxMs = 0, DeliveredMinMs = 0, DeliveredMaxMs = 0, ReadMinMs = 0, ReadMaxMs = 0, ReadProbability = 1, HoldMs = 0,
    };

    /// <summary>The mess that production brings: failures, skipped, repeated, reversed and early statuses.</summary>
    public static StatusProfile Messy { get; } = new()
    {
        ReadProbability = 0.6,
        SkipDeliveredProbability = 0.05,
        DuplicateProbability = 0.03,
        ReorderProbability = 0.05,
        EarlyProbability = 0.002,
        SilentDropProbability = 0.01,
        Failures =
        [
            new() { Code = 131026, Probability = 0.02 }, new() { Code = 131049, Probability = 0.02 },
            new() { Code = 131050, Probability = 0.005 }, new() { Code = 130472, Probability = 0.005 },
        ],
    };
}

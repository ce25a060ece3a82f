namespace OrleansBsp.Simulator.Limits;

/// <summary>Which limits apply (reference 3.1, 3.2, 7.1). Swapped as a whole by control.</summary>
public sealed record LimitSettings
{
    /// <summary>Enforce each number's messages per second (130429). Default true.</summary>
    public bool Throughput { get; init; } = true;

    /// <summary>Enforce the pair bucket (131056). Default true.</summary>
    public bool Pair { get; init; } = true;

    /// <summary>Messages that a pair may burst. Default 45.</summary>
    public int PairBurst { get; init; } = 45;

    /// <summary>Seconds until a pair earns one more message. Default 6.</summary>
    public double PairRefillSeconds { get; init; } = 6;

    /// <summary>Refuse free-form messages outside the 24-hour window (131047). Default true.</summary>
    public bool ServiceWindow { get; init; } = true;

    /// <summary>Report a closed window by a <c>failed</c> status instead of in the answer. Default false.</summary>
    public bool ServiceWindowAsync { get; init; }

    /// <summary>Everything off: for load runs that measure something else.</summary>
    public static LimitSettings None { get; } = new() { Throughput = false, Pair = false, ServiceWindow = false };
}

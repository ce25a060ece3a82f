using OrleansBsp.Chaos.Plans;

namespace OrleansBsp.Chaos;

/// <summary>One fault as it went.</summary>
/// <param name="Began">When it struck.</param>
/// <param name="Mended">When everything was there again.</param>
internal sealed record Strike(Step Step, DateTimeOffset Began, DateTimeOffset Mended)
{
    /// <summary>What was seen of it, such as silos that ended by themselves and were started again.</summary>
    public IReadOnlyList<string> Seen { get; init; } = [];

    /// <summary>The longest standstill of a campaign that had people left.</summary>
    public Standstill LongestGap { get; init; }

    /// <summary>From the end of the fault until each campaign that had people left sent again.</summary>
    public TimeSpan SendingAgainAfter { get; init; }

    /// <summary>Messages that became uncertain between this fault and the next one, and of which Meta never told.</summary>
    public int Unknown { get; init; }
}

/// <summary>A round as it went.</summary>
/// <param name="Planned">People in the campaigns of the round.</param>
/// <param name="Accepted">Messages of campaigns that Meta accepted.</param>
/// <param name="Broken">What must hold of every message and did not, in words.</param>
internal sealed record RoundResult(Dispatch Dispatch, int Number, IReadOnlyList<Strike> Strikes, int Campaigns, int Planned, int Accepted, int Unknown, IReadOnlyList<string> Broken)
{
    /// <summary>Messages that were asked for one by one, to people who had just written.</summary>
    public int Singles { get; init; }

    public int UnknownSingles { get; init; }

    /// <summary>Numbers of which more arrived within a second than their limit, in words.</summary>
    public IReadOnlyList<string> TooFast { get; init; } = [];

    /// <summary>The most that arrived in any second, by number.</summary>
    public IReadOnlyDictionary<string, int> MostPerSecond { get; init; } = new Dictionary<string, int>();

    /// <summary>Answers of Meta other than yes, by its code; 0 for those that were lost on the way there.</summary>
    public IReadOnlyDictionary<int, long> Refused { get; init; } = new Dictionary<int, long>();

    public bool HasHeld => Broken.Count == 0 && TooFast.Count == 0;

    /// <summary>From the last fault until everything was counted.</summary>
    public TimeSpan Settled { get; init; }
}

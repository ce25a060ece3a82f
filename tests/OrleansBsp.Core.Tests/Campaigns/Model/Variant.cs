namespace OrleansBsp.Core.Tests.Campaigns.Model;

/// <summary>Mistakes that an engine can make. Each must break an invariant, or the model would prove nothing.</summary>
public enum Variant
{
    AsDesigned,

    /// <summary>Messages go into the lane before the checkpoint that covers them is committed.</summary>
    SendsBeforeTheCheckpoint,

    /// <summary>What a crash left without an answer is simply sent again.</summary>
    RepeatsTheUncertain,

    /// <summary>"Recorded through" is the highest recorded position, although lower ones are still open.</summary>
    RecordsPastOpenPositions,

    /// <summary>A superseded owner can still move the checkpoint.</summary>
    ReleasesWithoutTheEpoch,

    /// <summary>Counters are moved by what came in, not by the difference that it made to the row.</summary>
    CountsReportsInsteadOfTransitions,
}

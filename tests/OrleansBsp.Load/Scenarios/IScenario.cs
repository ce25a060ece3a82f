using OrleansBsp.Load.Reports;
using OrleansBsp.Load.Rig;

namespace OrleansBsp.Load.Scenarios;

/// <summary>One thing to measure, on a rig of its own.</summary>
internal interface IScenario
{
    string Name { get; }

    /// <summary>What tells this from others of the same name; they are shown beside each other.</summary>
    string Variant => Plan.ToString();

    RigPlan Plan { get; }

    /// <summary>Warms up, measures, checks.</summary>
    Task<RunResult> RunAsync(LoadRig rig, CancellationToken cancel);
}

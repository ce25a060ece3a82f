using OrleansBsp.Load.Reports;
using OrleansBsp.Load.Rig;

namespace OrleansBsp.Load.Scenarios;

/// <summary>One thing to measure, on a rig of its own.</summary>
internal interface IScenario
{
    string Name { get; }

    /// <summary>Phone numbers that the rig must have.</summary>
    int Numbers { get; }

    /// <summary>Warms up, measures, checks.</summary>
    Task<RunResult> RunAsync(LoadRig rig, CancellationToken cancel);
}

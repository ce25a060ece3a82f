namespace OrleansBsp.Load.Reports;

/// <summary>One measured number.</summary>
/// <param name="Aim">What docs and design ask for, in words; null where nothing is asked.</param>
internal sealed record Figure(string Name, double Value, string Unit, string? Aim = null);

/// <summary>Something that must be so whatever the speed.</summary>
internal sealed record Check(string Name, bool Holds, string Detail);

/// <summary>What one run of a scenario found.</summary>
internal sealed record RunResult(IReadOnlyList<Figure> Figures, IReadOnlyList<Check> Checks);

/// <summary>All runs of one scenario.</summary>
/// <param name="Variant">What tells it from others of the same scenario.</param>
internal sealed record ScenarioResult(string Scenario, string Variant, IReadOnlyList<RunResult> Runs)
{
    /// <summary>The median of each figure over the runs.</summary>
    public IEnumerable<Figure> Medians() => Runs[0].Figures.Select((figure, i) => figure with { Value = Median([.. Runs.Select(run => run.Figures[i].Value)]) });

    /// <summary>A check holds if it held in every run; otherwise the first that did not is shown.</summary>
    public IEnumerable<Check> Checks() => Runs[0].Checks.Select((check, i) => Runs.Select(run => run.Checks[i]).FirstOrDefault(one => !one.Holds) ?? check);

    private static double Median(double[] values)
    {
        Array.Sort(values);
        var middle = values.Length / 2;
        return values.Length % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
    }
}

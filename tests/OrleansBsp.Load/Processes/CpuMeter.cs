namespace OrleansBsp.Load.Processes;

/// <summary>Processor time of each party between two moments.</summary>
/// <param name="parties">Processes by what they are; those of the same name are one party.</param>
internal sealed class CpuMeter(IReadOnlyList<(string Name, int Id)> parties)
{
    private readonly double[] _before = Read(parties);

    /// <summary>Processor-seconds since the meter was made, by party.</summary>
    public IReadOnlyList<(string Name, double Seconds)> Stop()
    {
        var now = Read(parties);
        return [.. parties.Select((party, i) => (party.Name, Seconds: now[i] - _before[i])).GroupBy(one => one.Name).Select(same => (same.Key, same.Sum(one => one.Seconds)))];
    }

    private static double[] Read(IReadOnlyList<(string Name, int Id)> parties) =>
        // The tool itself is the parent of all others, so of itself only its own time counts.
        [.. parties.Select(party => party.Id == Environment.ProcessId ? Environment.CpuUsage.TotalTime.TotalSeconds : ProcessTree.CpuSeconds(party.Id))];
}

namespace OrleansBsp.Load.Processes;

/// <summary>Processor time of each party between two moments.</summary>
internal sealed class CpuMeter
{
    private readonly IReadOnlyList<(string Name, int Id)> _parties;
    private readonly double[] _before;

    public CpuMeter(IReadOnlyList<(string Name, int Id)> parties) => (_parties, _before) = (parties, [.. Read(parties)]);

    /// <summary>Processor-seconds since the meter was made, by party.</summary>
    public IReadOnlyList<(string Name, double Seconds)> Stop()
    {
        var now = Read(_parties).ToArray();
        return [.. _parties.Select((party, i) => (party.Name, now[i] - _before[i]))];
    }

    private static IEnumerable<double> Read(IReadOnlyList<(string Name, int Id)> parties) =>
        // The tool itself is the parent of all others, so of itself only its own time counts.
        parties.Select(party => party.Id == Environment.ProcessId ? Environment.CpuUsage.TotalTime.TotalSeconds : ProcessTree.CpuSeconds(party.Id));
}

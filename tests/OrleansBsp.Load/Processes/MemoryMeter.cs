namespace OrleansBsp.Load.Processes;

/// <summary>Resident memory of some processes of one kind, from when the meter was made: the peak of the largest, and the median of samples.</summary>
internal sealed class MemoryMeter
{
    private readonly IReadOnlyList<int> _ids;
    private readonly List<double> _samples = [];

    public MemoryMeter(IReadOnlyList<int> ids)
    {
        _ids = ids;
        foreach (var id in ids) ProcessMemory.ResetPeak(id);
    }

    public double PeakMb => _ids.Max(ProcessMemory.PeakMb);

    /// <summary>Over all samples of all processes.</summary>
    public double MedianMb => _samples.Order().ElementAt(_samples.Count / 2);

    public void Sample() => _samples.AddRange(_ids.Select(ProcessMemory.ResidentMb));
}

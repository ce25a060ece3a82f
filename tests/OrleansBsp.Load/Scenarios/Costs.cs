using OrleansBsp.Load.Processes;
using OrleansBsp.Load.Reports;
using OrleansBsp.Load.Rig;

namespace OrleansBsp.Load.Scenarios;

/// <summary>What some messages cost, from when it was made: processor time and memory of each party, and PostgreSQL's work.</summary>
internal sealed class Costs
{
    private readonly LoadRig _rig;
    private readonly CpuMeter _cpu;
    private readonly MemoryMeter _hosts;
    private readonly MemoryMeter? _front;
    private readonly DatabaseMeter _database;

    private Costs(LoadRig rig, DatabaseMeter database)
    {
        (_rig, _database, _hosts) = (rig, database, new MemoryMeter(rig.GrainHosts));
        _front = rig.Front is { } front ? new MemoryMeter([front]) : null;
        _cpu = new CpuMeter(rig.Parties);
    }

    public static async Task<Costs> StartAsync(LoadRig rig, CancellationToken cancel) => new(rig, await rig.MeterDatabaseAsync(cancel));

    /// <summary>To be called now and then, for the memory.</summary>
    public void Sample()
    {
        _hosts.Sample();
        _front?.Sample();
    }

    public async Task<IReadOnlyList<Figure>> StopAsync(int messages, double seconds, CancellationToken cancel)
    {
        var used = _cpu.Stop();
        var database = await _database.StopAsync(cancel);
        // Shown beside each other: with and without silos the figures must be the same ones.
        var (server, front) = (used.Where(party => party.Name is "server" or "silos" or "front").Sum(party => party.Seconds), used.Where(party => party.Name == "front").Sum(party => party.Seconds));
        List<Figure> figures =
        [
            Cpu("server", server), .. _rig.IsWatchedClosely ? [Cpu("of it the process in front of the silos", front)] : Array.Empty<Figure>(),
            .. used.Where(party => party.Name is not ("server" or "silos" or "front")).Select(party => Cpu(party.Name, party.Seconds)),
            Cpu("all", used.Sum(party => party.Seconds)),
            new("cores busy with all of it", used.Sum(party => party.Seconds) / seconds, "cores"),
            new("server memory, peak", _hosts.PeakMb, "MiB", "< 300"),
            new("server memory, median", _hosts.MedianMb, "MiB"),
        ];
        if (_rig.IsWatchedClosely) figures.Add(new("memory of the process in front, peak", _front?.PeakMb ?? 0, "MiB"));
        figures.Add(new("transactions that write", (double)database.Writes / messages, "per message"));
        figures.Add(new("write-ahead log", (double)database.WalBytes / messages, "bytes per message"));
        if (database.Statements.Count > 0) figures.Add(new("statements", (double)database.Calls / messages, "per message"));
        return figures;

        Figure Cpu(string party, double secondsOfIt) => new(party.StartsWith("of it", StringComparison.Ordinal) ? party : $"CPU of {party}", secondsOfIt / messages * 1000, "s per 1,000 messages");
    }
}

using OrleansBsp.Server.Telemetry;

namespace OrleansBsp.Server.Hosting;

/// <summary>What each silo sees of the others. All see the same, or will in a moment: take the maximum, not the sum.</summary>
internal static class SiloMetrics
{
    private static readonly LiveSet<SupervisorKeeper> Keepers = new();

    static SiloMetrics()
    {
        var meter = Instruments.Meter;
        meter.CreateObservableGauge("bsp.silos.active", () => Keepers.Max(keeper => keeper.Active), "{silo}", "Silos that host grains");
        meter.CreateObservableCounter("bsp.silos.lost", () => Keepers.Sum(keeper => keeper.Lost), "{silo}", "Silos that were declared dead without having said that they stop, since this process has started");
    }

    public static void Add(SupervisorKeeper keeper) => Keepers.Add(keeper);

    public static void Remove(SupervisorKeeper keeper) => Keepers.Remove(keeper);
}

using System.Runtime.InteropServices;

namespace OrleansBsp.Load.Reports;

/// <summary>Where the figures come from: they mean little without it.</summary>
internal sealed record Machine(int Cores, string Cpu, double MemoryGb, string Kernel, string LoadAverage, string PostgreSql, string DotNet, DateTime At)
{
    public static Machine Describe(string postgreSql) => new(
        Environment.ProcessorCount, Cpuinfo("model name"), Math.Round(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 1e9, 1),
        $"{RuntimeInformation.OSDescription}, kernel {File.ReadAllText("/proc/sys/kernel/osrelease").Trim()}", string.Join(' ', File.ReadAllText("/proc/loadavg").Split(' ').Take(3)), postgreSql,
        RuntimeInformation.FrameworkDescription, DateTime.UtcNow);

    public override string ToString() =>
        $"{Cores} cores ({Cpu}), {MemoryGb} GB, {Kernel}, load average at the start {LoadAverage}; PostgreSQL {PostgreSql}, {DotNet}; {At:yyyy-MM-dd HH:mm} UTC";

    private static string Cpuinfo(string name) =>
        File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))?.Split(':', 2)[1].Trim() ?? RuntimeInformation.ProcessArchitecture.ToString();
}

using System.Globalization;

namespace OrleansBsp.Load.Processes;

/// <summary>Resident memory of one process, from /proc.</summary>
internal static class ProcessMemory
{
    /// <summary>Resident at this moment, in MiB.</summary>
    public static double ResidentMb(int id) => ReadMb(id, "VmRSS:");

    /// <summary>The most since the last <see cref="ResetPeak"/>, or since the start, in MiB.</summary>
    public static double PeakMb(int id) => ReadMb(id, "VmHWM:");

    /// <summary>Starts a new peak. The kernel's own way: 5 written to clear_refs.</summary>
    public static void ResetPeak(int id) => File.WriteAllText($"/proc/{id}/clear_refs", "5");

    private static double ReadMb(int id, string name) =>
        double.Parse(
            File.ReadLines($"/proc/{id}/status").First(line => line.StartsWith(name, StringComparison.Ordinal)).Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1],
            CultureInfo.InvariantCulture) / 1024;
}

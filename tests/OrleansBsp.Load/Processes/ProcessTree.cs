using System.Globalization;

namespace OrleansBsp.Load.Processes;

/// <summary>What a process and everything below it has used, from /proc.</summary>
internal static class ProcessTree
{
    // Of /proc/<pid>/stat, counted after the name in brackets: parent, utime, stime, and the same two of children that have ended.
    private const int Parent = 1, UserTime = 11, SystemTime = 12, ChildrenUserTime = 13, ChildrenSystemTime = 14;

    // USER_HZ: 100 on every Linux that .NET runs on.
    private const double TicksPerSecond = 100;

    /// <summary>Processor-seconds so far, with those of descendants that have ended.</summary>
    public static double CpuSeconds(int root)
    {
        var processes = ReadAll();
        double ticks = 0;
        var open = new Stack<int>([root]);
        while (open.TryPop(out var id))
        {
            if (!processes.TryGetValue(id, out var one)) continue;
            ticks += one.Ticks;
            foreach (var (child, process) in processes)
                if (process.Parent == id) open.Push(child);
        }

        return ticks / TicksPerSecond;
    }

    private static Dictionary<int, (int Parent, double Ticks)> ReadAll()
    {
        var processes = new Dictionary<int, (int, double)>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var id)) continue;
            if (ReadOrNull(Path.Combine(folder, "stat")) is not { } stat) continue;
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            processes[id] = ((int)Number(fields[Parent]),
                Number(fields[UserTime]) + Number(fields[SystemTime]) + Number(fields[ChildrenUserTime]) + Number(fields[ChildrenSystemTime]));
        }

        return processes;
    }

    // A process may end between the listing and the reading.
    private static string? ReadOrNull(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}

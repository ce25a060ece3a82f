using System.Globalization;

namespace OrleansBsp.Load.Processes;

/// <summary>
/// Gives a process a share of the machine's processors and no more, as a node of a cluster does: only so can this machine tell whether more silos carry more. By a control group of
/// Linux, version 1 or 2, which only root may make; it is removed when the process has ended.
/// </summary>
internal sealed class ProcessorShare : IDisposable
{
    private const string Version2 = "/sys/fs/cgroup", Version1 = "/sys/fs/cgroup/cpu";

    // Short, so that a process that has used its share stands for some milliseconds and not for a tenth of a second, which is Linux' default.
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(20);

    private readonly string _group;

    private ProcessorShare(string group) => _group = group;

    /// <param name="cores">At least 0.05; a whole one is 1.</param>
    /// <exception cref="InvalidOperationException">This machine does not let us; the message says what is needed.</exception>
    public static ProcessorShare Limit(int process, double cores)
    {
        var isVersion2 = File.Exists($"{Version2}/cgroup.controllers");
        var share = new ProcessorShare(string.Create(CultureInfo.InvariantCulture, $"{(isVersion2 ? Version2 : Version1)}/bsp-load-{process}"));
        var (quota, period) = ((long)(cores * Period.TotalMicroseconds), (long)Period.TotalMicroseconds);
        try
        {
            Directory.CreateDirectory(share._group);
            if (isVersion2) share.Write("cpu.max", string.Create(CultureInfo.InvariantCulture, $"{quota} {period}"));
            else
            {
                share.Write("cpu.cfs_period_us", period.ToString(CultureInfo.InvariantCulture));
                share.Write("cpu.cfs_quota_us", quota.ToString(CultureInfo.InvariantCulture));
            }

            share.Write("cgroup.procs", process.ToString(CultureInfo.InvariantCulture));
            return share;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            share.Dispose();
            throw new InvalidOperationException($"--silo-cores needs root and control groups of processors (the controller cpu): {refused.Message}", refused);
        }
    }

    /// <summary>After the process has ended.</summary>
    public void Dispose()
    {
        try
        {
            // The files in it are the kernel's and go with it.
            if (Directory.Exists(_group)) Directory.Delete(_group);
        }
        catch (IOException left)
        {
            Console.Error.WriteLine($"The control group {_group} could not be removed: {left.Message}");
        }
    }

    private void Write(string file, string value) => File.WriteAllText(Path.Combine(_group, file), value);
}

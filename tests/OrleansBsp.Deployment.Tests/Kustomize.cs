using System.Collections.Concurrent;
using System.Diagnostics;

namespace OrleansBsp.Deployment.Tests;

/// <summary>Renders a folder of <c>k8s/</c>, once: with the kustomize that <c>./bsp test</c> has installed (<c>BSP_KUSTOMIZE</c>), else with kubectl's.</summary>
internal static class Kustomize
{
    private static readonly ConcurrentDictionary<string, Lazy<string>> Rendered = new();

    public static string Render(string folder) => Rendered.GetOrAdd(folder, _ => new Lazy<string>(() => Run(folder))).Value;

    private static string Run(string folder)
    {
        var path = Path.Combine(Repository.Root, "k8s", folder);
        var start = Environment.GetEnvironmentVariable("BSP_KUSTOMIZE") is { Length: > 0 } own
            ? new ProcessStartInfo(own, ["build", path])
            : new ProcessStartInfo("kubectl", ["kustomize", path]);
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        try
        {
            using var process = Process.Start(start)!;
            var errors = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? output : throw new InvalidOperationException($"k8s/{folder} cannot be rendered: {errors.Result}");
        }
        catch (System.ComponentModel.Win32Exception failure)
        {
            throw new InvalidOperationException($"{start.FileName} cannot be started. './bsp test' installs a kustomize where there is no kubectl.", failure);
        }
    }
}

using System.Collections.Concurrent;
using System.Diagnostics;

namespace OrleansBsp.Deployment.Tests;

/// <summary>Renders a folder of <c>k8s/</c>, alone or with a component that no overlay has, once: with the kustomize that <c>./bsp test</c> has installed (<c>BSP_KUSTOMIZE</c>), else with kubectl's.</summary>
internal static class Kustomize
{
    private static readonly ConcurrentDictionary<string, Lazy<string>> Rendered = new();

    private static string K8s => Path.Combine(Repository.Root, "k8s");

    public static string Render(string folder, string? component = null) => Rendered.GetOrAdd($"{folder} {component}", _ => new Lazy<string>(() =>
        component is null ? Run(Path.Combine(K8s, folder)) : RunWith(folder, component))).Value;

    // As an overlay of somebody's own would take both.
    private static string RunWith(string folder, string component)
    {
        var overlay = Directory.CreateTempSubdirectory("bsp-overlay-").FullName;
        try
        {
            string Way(string to) => Path.GetRelativePath(overlay, Path.Combine(K8s, to));
            File.WriteAllText(Path.Combine(overlay, "kustomization.yaml"), $"resources: [{Way(folder)}]\ncomponents: [{Way(component)}]\n");
            return Run(overlay);
        }
        finally
        {
            Directory.Delete(overlay, recursive: true);
        }
    }

    private static string Run(string path)
    {
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
            return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{path} cannot be rendered: {errors.Result}");
        }
        catch (System.ComponentModel.Win32Exception failure)
        {
            throw new InvalidOperationException($"{start.FileName} cannot be started. './bsp test' installs a kustomize where there is no kubectl.", failure);
        }
    }
}

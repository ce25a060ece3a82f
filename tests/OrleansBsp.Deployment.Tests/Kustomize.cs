using System.Collections.Concurrent;

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
        var (program, arguments) = Environment.GetEnvironmentVariable("BSP_KUSTOMIZE") is { Length: > 0 } own ? (own, (string[])["build", path]) : ("kubectl", ["kustomize", path]);
        try
        {
            var (code, output, errors) = Programs.Run(program, arguments);
            return code == 0 ? output : throw new InvalidOperationException($"{path} cannot be rendered: {errors}");
        }
        catch (System.ComponentModel.Win32Exception failure)
        {
            throw new InvalidOperationException($"{program} cannot be started. './bsp test' installs a kustomize where there is no kubectl.", failure);
        }
    }
}

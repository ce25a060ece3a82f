using k8s;
using k8s.Models;

namespace OrleansBsp.Deployment.Tests;

/// <summary>What one folder of <c>k8s/</c> installs, read strictly: a field that Kubernetes does not know is an error, as with a slip of the indentation.</summary>
internal sealed class Manifests
{
    private static readonly Dictionary<string, Type> Ours = new()
    {
        ["keda.sh/v1alpha1/ScaledObject"] = typeof(ScaledObject), ["monitoring.coreos.com/v1/PodMonitor"] = typeof(PodMonitor),
    };

    private readonly List<object> _all;

    private Manifests(List<object> all) => _all = all;

    public static Manifests Of(string folder, string? component = null) => new(KubernetesYaml.LoadAllFromString(Kustomize.Render(folder, component), Ours, strict: true));

    public IReadOnlyList<object> All => _all;

    public IEnumerable<V1Deployment> Deployments => Of<V1Deployment>();

    /// <summary>Everything that makes pods.</summary>
    public IEnumerable<Workload> Workloads =>
    [
        .. Of<V1Deployment>().Select(one => new Workload(one.Metadata.Name, one.Spec.Selector, one.Spec.Template, one.Spec.Replicas, IsJob: false)),
        .. Of<V1StatefulSet>().Select(one => new Workload(one.Metadata.Name, one.Spec.Selector, one.Spec.Template, one.Spec.Replicas, IsJob: false)),
        .. Of<V1Job>().Select(one => new Workload(one.Metadata.Name, one.Spec.Selector, one.Spec.Template, null, IsJob: true)),
    ];

    public IEnumerable<T> Of<T>() => _all.OfType<T>();

    /// <summary>The server's roles, without the job.</summary>
    public IEnumerable<Workload> Roles => Workloads.Where(one => one.IsServer && !one.IsJob);

    public V1ConfigMap Settings => Of<V1ConfigMap>().Single(map => map.Metadata.Name == "bsp-settings");
}

internal sealed record Workload(string Name, V1LabelSelector? Selector, V1PodTemplateSpec Template, int? Replicas, bool IsJob)
{
    public IDictionary<string, string> Labels => Template.Metadata.Labels;

    public V1PodSpec Pod => Template.Spec;

    public V1Container Container => Pod.Containers.Single();

    /// <summary>The image's last word, without registry and tag: whether it is one of ours.</summary>
    public string Image => Container.Image.Split('/')[^1].Split(':')[0];

    public bool IsServer => Image == "orleansbsp";

    /// <summary>Whether it is told how to reach the database, with whatever else is secret.</summary>
    public bool HasDatabase => (Container.EnvFrom ?? []).Any(one => one.SecretRef?.Name == "bsp-settings");

    public V1EnvVar Env(string name) => Container.Env.Single(one => one.Name == name);

    public int Port(string name) => Container.Ports.Single(one => one.Name == name).ContainerPort;
}

internal static class Selecting
{
    public static bool Selects(this V1LabelSelector? selector, IDictionary<string, string> labels)
    {
        if (selector is null) return false;
        var byLabel = (selector.MatchLabels ?? new Dictionary<string, string>()).All(one => labels.TryGetValue(one.Key, out var value) && value == one.Value);
        return byLabel && (selector.MatchExpressions ?? []).All(one => one.OperatorProperty switch
        {
            "In" => labels.TryGetValue(one.Key, out var value) && one.Values.Contains(value),
            var other => throw new NotSupportedException($"The tests do not know the operator {other}."),
        });
    }
}

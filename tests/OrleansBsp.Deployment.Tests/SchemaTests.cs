namespace OrleansBsp.Deployment.Tests;

/// <summary>
/// The schemas of Kubernetes, of KEDA and of the Prometheus operator find nothing to say against what is installed (<c>tools/manifests</c>). They know what the types that
/// <see cref="Manifests"/> reads do not: what is required, how values are written, and every field of the operators' own resources.
/// </summary>
public sealed class SchemaTests
{
    private static readonly Lazy<string> Schemas = new(() =>
    {
        var (code, _, errors) = Programs.Run(Path.Combine(Repository.Root, "tools/manifests/install"), []);
        return code == 0 ? Path.Combine(Repository.Root, ".tools/manifests") : throw new InvalidOperationException($"tools/manifests/install failed: {errors}");
    });

    [Theory, MemberData(nameof(ManifestTests.Folders), MemberType = typeof(ManifestTests))]
    public void Everything_is_as_the_schemas_want_it(string folder) => Assert.Equal("", Problems(Kustomize.Render(folder)));

    [Fact]
    public void So_it_is_with_the_component_that_no_overlay_has() => Assert.Equal("", Problems(Kustomize.Render("overlays/prod", "components/otlp")));

    [Theory]
    [InlineData("minReplicaCount: 3", "minReplicaCont: 3", "ScaledObject bsp-dispatch: unknown: /spec/minReplicaCont")]
    [InlineData("minReplicaCount: 3", "minReplicaCount: three", "ScaledObject bsp-dispatch: data/spec/minReplicaCount must be integer")]
    [InlineData("  - interval: 15s", "  - intervall: 15s", "PodMonitor bsp: unknown: /spec/podMetricsEndpoints/0/intervall")]
    [InlineData("  - interval: 15s", "  - interval: 15 s", "PodMonitor bsp: data/spec/podMetricsEndpoints/0/interval must match pattern")]
    [InlineData("maxReplicas: 6", "maxReplica: 6", "HorizontalPodAutoscaler bsp-api: data/spec must have required property maxReplicas")]
    public void A_slip_is_noticed(string right, string wrong, string told)
    {
        var rendered = Kustomize.Render("overlays/prod");
        Assert.Contains(right, rendered);
        Assert.StartsWith(told, Problems(rendered.Replace(right, wrong, StringComparison.Ordinal)));
    }

    private static string Problems(string manifests)
    {
        var (code, _, errors) = Programs.Run("node", ["--no-warnings", Path.Combine(Repository.Root, "tools/manifests/validate.mjs"), Schemas.Value], manifests);
        Assert.Equal(errors == "", code == 0);
        return errors;
    }
}

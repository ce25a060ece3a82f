using k8s.Models;

namespace OrleansBsp.Deployment.Tests;

/// <summary>Who may talk to whom.</summary>
public sealed class NetworkPolicyTests
{
    [Theory, MemberData(nameof(ManifestTests.Folders), MemberType = typeof(ManifestTests))]
    public void Every_pod_is_closed_both_ways_but_for_what_is_listed(string folder)
    {
        var manifests = Manifests.Of(folder);
        var policies = manifests.Of<V1NetworkPolicy>().ToList();
        Assert.All(manifests.Workloads, workload =>
        {
            var own = policies.Where(policy => policy.Spec.PodSelector.Selects(workload.Labels)).ToList();
            Assert.Contains(own, policy => policy.Spec is { Ingress: null, Egress: null } && policy.Spec.PolicyTypes.Order().SequenceEqual(["Egress", "Ingress"]));
            Assert.Contains(own.SelectMany(policy => policy.Spec.Egress ?? []), rule => rule.Ports.Any(port => port.Port.Value == "53"));
        });
        // Every rule says by which port, and nobody is let in from everywhere.
        Assert.All(policies.SelectMany(policy => policy.Spec.Ingress ?? []), rule => Assert.True(rule is { Ports.Count: > 0, FromProperty.Count: > 0 }));
        Assert.All(policies.SelectMany(policy => policy.Spec.Egress ?? []), rule => Assert.NotEmpty(rule.Ports));
        // A rule of a direction that the policy does not name is ignored in silence.
        Assert.All(policies, policy =>
        {
            Assert.True(policy.Spec.Ingress is null || policy.Spec.PolicyTypes.Contains("Ingress"));
            Assert.True(policy.Spec.Egress is null || policy.Spec.PolicyTypes.Contains("Egress"));
        });
    }

    [Theory, MemberData(nameof(ManifestTests.Folders), MemberType = typeof(ManifestTests))]
    public void Every_port_that_is_let_in_is_one_of_the_pod_s(string folder)
    {
        var manifests = Manifests.Of(folder);
        Assert.All(manifests.Of<V1NetworkPolicy>(), policy =>
        {
            var pods = manifests.Workloads.Where(workload => policy.Spec.PodSelector.Selects(workload.Labels)).ToList();
            Assert.NotEmpty(pods);
            Assert.All(pods, pod => Assert.All((policy.Spec.Ingress ?? []).SelectMany(rule => rule.Ports), port => Assert.Contains(pod.Container.Ports, one => $"{one.ContainerPort}" == port.Port.Value)));
        });
    }

    /// <summary>A conversation needs both ends: what one may send, the other must take.</summary>
    [Theory]
    [InlineData("base", "bsp-dispatch", "bsp-dispatch", 11111)]
    [InlineData("base", "bsp-dispatch", "bsp-dispatch", 30000)]
    [InlineData("base", "bsp-api", "bsp-dispatch", 30000)]
    [InlineData("base", "bsp-webhooks", "bsp-dispatch", 30000)]
    [InlineData("overlays/prod", "bsp-dispatch", "bsp-dispatch", 11111)]
    [InlineData("overlays/prod", "bsp-api", "bsp-dispatch", 30000)]
    [InlineData("overlays/dev", "bsp-dispatch", "meta", 8091)]
    [InlineData("overlays/dev", "bsp-api", "meta", 8091)]
    [InlineData("overlays/dev", "meta", "bsp-webhooks", 8080)]
    [InlineData("overlays/dev", "bsp-dispatch", "postgres", 5432)]
    [InlineData("overlays/dev", "bsp-api", "postgres", 5432)]
    [InlineData("overlays/dev", "bsp-webhooks", "postgres", 5432)]
    [InlineData("overlays/dev", "bsp-migrate", "postgres", 5432)]
    public void These_can_talk(string folder, string from, string to, int port) => Assert.True(CanTalk(folder, from, to, port));

    [Theory]
    [InlineData("base", "bsp-webhooks", "bsp-dispatch", 11111)] // not a silo
    [InlineData("base", "bsp-migrate", "bsp-dispatch", 30000)]
    [InlineData("base", "bsp-dispatch", "bsp-api", 8080)]
    [InlineData("base", "bsp-api", "bsp-dispatch", 9464)]
    [InlineData("overlays/prod", "bsp-webhooks", "bsp-dispatch", 30000)] // it has the queue
    [InlineData("overlays/dev", "bsp-webhooks", "meta", 8091)]
    [InlineData("overlays/dev", "meta", "postgres", 5432)]
    [InlineData("overlays/dev", "meta", "bsp-api", 8080)]
    public void These_cannot(string folder, string from, string to, int port) => Assert.False(CanTalk(folder, from, to, port));

    [Theory]
    [InlineData("base", "bsp-dispatch", true)]
    [InlineData("base", "bsp-api", true)]
    [InlineData("base", "bsp-webhooks", false)]
    [InlineData("base", "bsp-migrate", false)]
    [InlineData("overlays/prod", "bsp-webhooks", true)] // to SQS
    public void Only_who_needs_it_reaches_the_internet(string folder, string from, bool reaches)
    {
        var manifests = Manifests.Of(folder);
        var rules = Selecting(manifests, from).SelectMany(policy => policy.Spec.Egress ?? []).Where(rule => rule.Ports.Any(port => port.Port.Value == "443")).ToList();
        Assert.Equal(reaches, rules.Count > 0);
        Assert.All(rules.SelectMany(rule => rule.To).Where(peer => peer.IpBlock.Cidr == "0.0.0.0/0"), peer => Assert.Contains("169.254.0.0/16", peer.IpBlock.Except));
    }

    [Theory, MemberData(nameof(ManifestTests.Folders), MemberType = typeof(ManifestTests))]
    public void The_database_is_reached_by_those_who_are_told_where_it_is(string folder)
    {
        var manifests = Manifests.Of(folder);
        Assert.All(manifests.Workloads, workload =>
            Assert.Equal(workload.HasDatabase, Selecting(manifests, workload.Name).SelectMany(policy => policy.Spec.Egress ?? []).Any(rule => rule.Ports.Any(port => port.Port.Value == "5432"))));
    }

    [Fact]
    public void A_front_door_with_a_queue_reaches_names_and_the_queue_and_nothing_else()
    {
        var rules = Selecting(Manifests.Of("overlays/prod"), "bsp-webhooks").SelectMany(policy => policy.Spec.Egress ?? []);
        Assert.Equal(["443", "53"], rules.SelectMany(rule => rule.Ports).Select(port => port.Port.Value).Distinct().Order());
    }

    /// <summary>components/otlp: where the setting points, the policy leads, and nowhere else.</summary>
    [Theory, InlineData("base"), InlineData("overlays/prod")]
    public void With_its_component_every_role_reaches_the_collector(string folder)
    {
        var manifests = Manifests.Of(folder, "components/otlp");
        Assert.All(manifests.Settings.Data.Keys, name => Assert.True(ServerSettings.Knows(name), name));
        var collector = new Uri(manifests.Settings.Data["OTEL_EXPORTER_OTLP_ENDPOINT"]);
        foreach (var role in manifests.Roles)
        {
            Assert.Contains(role.Container.EnvFrom, from => from.ConfigMapRef?.Name == "bsp-settings");
            Assert.DoesNotContain(Selecting(Manifests.Of(folder), role.Name).SelectMany(policy => policy.Spec.Egress ?? []).SelectMany(rule => rule.Ports), IsCollectors);
            var rule = Assert.Single(Selecting(manifests, role.Name).SelectMany(policy => policy.Spec.Egress ?? []), rule => rule.Ports.Any(IsCollectors));
            Assert.Equal(["4317", "4318"], rule.Ports.Select(port => port.Port.Value).Order());
            Assert.Equal(collector.Host.Split('.')[1], Assert.Single(rule.To).NamespaceSelector.MatchLabels["kubernetes.io/metadata.name"]);
        }

        bool IsCollectors(V1NetworkPolicyPort port) => port.Port.Value == $"{collector.Port}";
    }

    private static bool CanTalk(string folder, string from, string to, int port)
    {
        var manifests = Manifests.Of(folder);
        var (sender, receiver) = (Find(manifests, from), Find(manifests, to));
        bool Allows(IList<V1NetworkPolicyPort> ports) => ports.Any(one => one.Port.Value == $"{port}" && one.Protocol == "TCP");
        bool Is(IList<V1NetworkPolicyPeer>? peers, Workload other) => peers is null || peers.Any(peer => peer.NamespaceSelector is null && peer.PodSelector.Selects(other.Labels));
        return Selecting(manifests, from).SelectMany(policy => policy.Spec.Egress ?? []).Any(rule => Allows(rule.Ports) && Is(rule.To, receiver))
            && Selecting(manifests, to).SelectMany(policy => policy.Spec.Ingress ?? []).Any(rule => Allows(rule.Ports) && Is(rule.FromProperty, sender));
    }

    private static Workload Find(Manifests manifests, string name) => manifests.Workloads.Single(one => one.Name == name);

    private static IEnumerable<V1NetworkPolicy> Selecting(Manifests manifests, string name) =>
        manifests.Of<V1NetworkPolicy>().Where(policy => policy.Spec.PodSelector.Selects(Find(manifests, name).Labels));
}

using System.Globalization;
using System.Text.RegularExpressions;
using OrleansBsp.Server.Cluster;

namespace OrleansBsp.Deployment.Tests;

/// <summary>What pods ask for and may take agrees with what docs/operations.md says was measured, and the pods' connections with what docs/kubernetes.md tells the database's owner.</summary>
public sealed partial class SizingTests
{
    private const long Mi = 1 << 20;

    [Theory, InlineData("base"), InlineData("overlays/prod")]
    public void Memory_and_processor_are_what_was_measured(string folder)
    {
        var memory = Memory().Match(Repository.Read("docs/operations.md"));
        var (peak, limit) = (Math.Max(Number(memory, "peak"), Number(memory, "conversations")) * Mi, Number(memory, "limit") * Mi);
        Assert.All(Manifests.Of(folder).Roles, role => Assert.True(Of(role.Container.Resources.Limits, "memory") >= limit, $"{role.Name} is allowed less than the {limit / Mi} MiB of the sizing"));

        // Silos carry the work: a node must have room for their peaks, and processor for a number at full rate with one status in a webhook.
        var silo = Manifests.Of(folder).Roles.Single(one => one.Name == "bsp-dispatch").Container.Resources;
        Assert.True(Of(silo.Requests, "memory") >= peak);
        Assert.True(Of(silo.Limits, "cpu") >= decimal.Parse(Cores().Match(Repository.Read("docs/operations.md")).Groups["worst"].Value, CultureInfo.InvariantCulture));
    }

    [Fact]
    public void The_peaks_of_memory_are_the_highest_that_were_measured()
    {
        var (sizing, benchmarks) = (Memory().Match(Repository.Read("docs/operations.md")), Repository.Read("docs/benchmarks.md"));
        var atFullRate = benchmarks[..benchmarks.IndexOf("## By number of silos", StringComparison.Ordinal)];
        Assert.Equal(Peak().Matches(atFullRate).Max(match => Number(match, "peak")), Number(sizing, "peak"));
        Assert.Equal(Awake().Matches(benchmarks).Max(match => Number(match, "most")), Number(sizing, "conversations"));
    }

    [Fact]
    public void The_database_is_told_of_every_connection()
    {
        var perPod = new Server.Storage.DatabaseOptions() is var options ? options.PoolSize + options.ControlPoolSize + 1 + SiloSetup.MembershipConnections + SiloSetup.StorageConnections : 0; // 1 watches
        foreach (var folder in (string[])["base", "overlays/prod"])
        {
            var manifests = Manifests.Of(folder);
            var pods = manifests.Workloads.Where(one => one.HasDatabase).Sum(one => one.IsJob ? 1 : Most(manifests, one) + 1); // one more while versions change
            Assert.Contains($"{pods} pods", Repository.Read("docs/kubernetes.md"));
            Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"{pods * perPod:N0}"), Repository.Read("docs/kubernetes.md"));
        }
    }

    private static int Most(Manifests manifests, Workload workload) =>
        manifests.Of<k8s.Models.V2HorizontalPodAutoscaler>().FirstOrDefault(one => one.Spec.ScaleTargetRef.Name == workload.Name)?.Spec.MaxReplicas
        ?? manifests.Of<ScaledObject>().FirstOrDefault(one => one.Spec.ScaleTargetRef.Name == workload.Name)?.Spec.MaxReplicaCount
        ?? workload.Replicas ?? 1;

    private static decimal Of(IDictionary<string, k8s.Models.ResourceQuantity> resources, string name) => resources[name].ToDecimal();

    private static long Number(Match match, string group) => long.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"memory of the server \| \d+ MiB, peaks of (?<peak>\d+) .* conversations in memory (?<conversations>\d+): limit (?<limit>\d+) MiB")]
    private static partial Regex Memory();

    [GeneratedRegex(@"\bpeak (?:\d+ to )?(?<peak>\d+) MiB")]
    private static partial Regex Peak();

    [GeneratedRegex(@"memory of a silo, MiB, asleep and awake .* (?<most>\d+) \|")]
    private static partial Regex Awake();

    [GeneratedRegex(@"one number at 1,000/s \| about [\d.]+ cores together at best, (?<worst>[\d.]+) at worst")]
    private static partial Regex Cores();
}

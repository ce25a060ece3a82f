using System.Text.RegularExpressions;
using k8s.Models;

namespace OrleansBsp.Deployment.Tests;

/// <summary>Prometheus finds every process, on a port that nobody else reaches, and asks for measures that the server has.</summary>
public sealed partial class MonitoringTests
{
    [Theory, MemberData(nameof(ManifestTests.Folders), MemberType = typeof(ManifestTests))]
    public void Every_role_has_a_port_for_metrics_and_is_found_in_one_way(string folder)
    {
        var manifests = Manifests.Of(folder);
        var port = new Uri(manifests.Settings.Data["Telemetry__MetricsUrl"].Replace("+", "any", StringComparison.Ordinal)).Port;
        var monitors = manifests.Of<PodMonitor>().ToList();
        Assert.Equal(folder == "overlays/prod" ? 1 : 0, monitors.Count);
        Assert.All(manifests.Roles, role =>
        {
            Assert.Equal(port, role.Port("metrics"));
            Assert.NotEqual(port, role.Port("http")); // which asks for a key
            var notes = role.Template.Metadata.Annotations ?? new Dictionary<string, string>();
            if (monitors.Count == 0) Assert.Equal(("true", $"{port}", "/metrics"), (notes["prometheus.io/scrape"], notes["prometheus.io/port"], notes["prometheus.io/path"]));
            else Assert.DoesNotContain("prometheus.io/scrape", notes.Keys);
        });
        Assert.All(monitors, monitor =>
        {
            Assert.Equal(manifests.Roles.Select(role => role.Name), manifests.Workloads.Where(one => monitor.Spec.Selector.Selects(one.Labels)).Select(one => one.Name));
            var endpoint = Assert.Single(monitor.Spec.PodMetricsEndpoints);
            Assert.Equal(("metrics", "/metrics"), (endpoint.Port, endpoint.Path));
            Assert.True(int.Parse(endpoint.Interval.TrimEnd('s')) <= 30); // a rate over a minute needs two of them
        });
    }

    [Theory, MemberData(nameof(ManifestTests.Folders), MemberType = typeof(ManifestTests))]
    public void The_port_is_for_monitoring_and_monitoring_for_the_port(string folder)
    {
        var manifests = Manifests.Of(folder);
        Assert.DoesNotContain(manifests.Of<V1Service>().SelectMany(service => service.Spec.Ports), one => one.TargetPort.Value is "metrics" or "9464");
        Assert.All(manifests.Roles, role =>
        {
            var rules = manifests.Of<V1NetworkPolicy>().Where(policy => policy.Spec.PodSelector.Selects(role.Labels)).SelectMany(policy => policy.Spec.Ingress ?? []).ToList();
            var own = Assert.Single(rules, rule => rule.Ports.Any(port => port.Port.Value == $"{role.Port("metrics")}"));
            Assert.Single(own.Ports);
            Assert.True(IsMonitoring(Assert.Single(own.FromProperty)));
            Assert.DoesNotContain(rules.Where(rule => rule != own).SelectMany(rule => rule.FromProperty), IsMonitoring);
        });
    }

    [Fact]
    public void Autoscaler_and_alarms_ask_for_measures_that_the_server_has()
    {
        var scaler = Assert.Single(Manifests.Of("overlays/prod").Of<ScaledObject>());
        var queries = scaler.Spec.Triggers.Select(one => one.Metadata["query"]).ToList();
        Assert.All((string[])["bsp_graph_send_duration", "dotnet_process_cpu_time", "bsp_queue_wait_duration", "bsp_inbox_oldest"], name => Assert.Contains(queries, query => query.Contains(name, StringComparison.Ordinal)));

        var asked = queries.Append(Repository.Read("docs/operations.md")).SelectMany(text => Measure().Matches(text)).Select(one => one.Value).Distinct().ToList();
        Assert.True(asked.Count > 20, $"{asked.Count} measures");
        Assert.All(asked, name => Assert.True(ServerInstruments.Names.Contains(Part().Replace(name, "")), $"no instrument is called {name}"));
    }

    [Fact]
    public void Every_measure_that_the_server_has_is_in_the_table_of_what_to_watch()
    {
        var document = Repository.Read("docs/operations.md");
        var rows = document[..document.IndexOf("## Alarms", StringComparison.Ordinal)].Split('\n').Where(line => line.StartsWith('|')).ToList();
        Assert.True(ServerInstruments.Names.Count > 50, $"{ServerInstruments.Names.Count} measures");
        Assert.All(ServerInstruments.Names, name => Assert.True(rows.Any(row => IsIn(row, name)), $"{name} is not in the table"));
    }

    /// <summary>More silos do not make Meta answer, and each that comes moves campaigns.</summary>
    [Fact]
    public void The_age_of_what_is_not_sent_does_not_count_while_Meta_is_the_reason()
    {
        var age = Assert.Single(Assert.Single(Manifests.Of("overlays/prod").Of<ScaledObject>()).Spec.Triggers, one => one.Name == "send-backlog-age");
        var but = age.Metadata["query"].Split(" unless on () ");
        Assert.Equal(2, but.Length);
        Assert.Equal("(max(bsp_campaign_limited{namespace=\"bsp\",by=~\"meta_down|throttled|answers\"}) > 0)", but[1]);
        Assert.EndsWith(" >= 0", but[0]); // a minute without orders has no quantile: NaN, which is not to reach the scaler
        // In time is within the lead with which orders are published.
        Assert.InRange(double.Parse(age.Metadata["threshold"], System.Globalization.CultureInfo.InvariantCulture), 0.2, 0.4);
    }

    // Whole, or by another end of a name that stands before it: "`bsp_inbox_append_size`, `…_duration_seconds`".
    private static bool IsIn(string row, string name) => row.Contains($"`{name}`", StringComparison.Ordinal) || Enumerable.Range(0, name.Length).Where(at => name[at] == '_')
        .Any(at => row.Contains($"`…{name[at..]}`", StringComparison.Ordinal) && row.Contains($"`{name[..at]}_", StringComparison.Ordinal));

    private static bool IsMonitoring(V1NetworkPolicyPeer peer) =>
        peer is { PodSelector: null, IpBlock: null } && peer.NamespaceSelector?.MatchLabels["kubernetes.io/metadata.name"] == "monitoring";

    [GeneratedRegex("bsp_[a-z_]+[a-z]")]
    private static partial Regex Measure();

    [GeneratedRegex("_(count|bucket|sum)$")]
    private static partial Regex Part();
}

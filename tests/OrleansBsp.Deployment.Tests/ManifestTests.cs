using k8s.Models;

namespace OrleansBsp.Deployment.Tests;

/// <summary>What must hold for everything under <c>k8s/</c>, as it is installed.</summary>
public sealed class ManifestTests
{
    // From SIGTERM to the exit, whatever is away.
    private const int DrainSeconds = 25;

    public static TheoryData<string> Folders => ["base", "overlays/dev", "overlays/prod"];

    [Theory, MemberData(nameof(Folders))]
    public void Every_field_is_one_that_Kubernetes_knows(string folder)
    {
        var all = Manifests.Of(folder).All; // read strictly
        Assert.True(all.Count > 15, $"{all.Count} objects");
    }

    [Theory, MemberData(nameof(Folders))]
    public void Every_pod_is_contained(string folder) => Assert.All(Manifests.Of(folder).Workloads, workload =>
    {
        var (pod, container) = (workload.Pod, workload.Container);
        Assert.True(pod.SecurityContext.RunAsNonRoot);
        Assert.True(pod.SecurityContext.RunAsUser > 0);
        Assert.Equal("RuntimeDefault", pod.SecurityContext.SeccompProfile.Type);
        Assert.False(pod.AutomountServiceAccountToken);
        Assert.False(string.IsNullOrEmpty(pod.ServiceAccountName));
        Assert.NotEqual(true, pod.HostNetwork ?? pod.HostPID ?? pod.HostIPC);
        Assert.False(container.SecurityContext.AllowPrivilegeEscalation);
        Assert.True(container.SecurityContext.ReadOnlyRootFilesystem);
        Assert.Equal(["ALL"], container.SecurityContext.Capabilities.Drop);
        Assert.Null(container.SecurityContext.Capabilities.Add);
        Assert.All((string[])["cpu", "memory"], resource =>
        {
            Assert.True(container.Resources.Requests[resource].ToDecimal() > 0);
            Assert.True(container.Resources.Requests[resource].ToDecimal() <= container.Resources.Limits[resource].ToDecimal());
        });
        Assert.Contains(container.VolumeMounts, mount => mount.MountPath == "/tmp"); // .NET needs it, and the root file system is read-only
        Assert.Equal(pod.Volumes.Select(volume => volume.Name).Concat(workload.Name == "postgres" ? ["data"] : []).Order(), container.VolumeMounts.Select(mount => mount.Name).Order());
    });

    [Theory, MemberData(nameof(Folders))]
    public void Every_service_account_exists(string folder)
    {
        var manifests = Manifests.Of(folder);
        var accounts = manifests.Of<V1ServiceAccount>().Select(account => account.Metadata.Name).ToList();
        Assert.All(manifests.Workloads, workload => Assert.Contains(workload.Pod.ServiceAccountName, accounts));
    }

    [Theory, MemberData(nameof(Folders))]
    public void Every_lasting_pod_is_probed(string folder) => Assert.All(Manifests.Of(folder).Workloads.Where(one => !one.IsJob), workload =>
    {
        var container = workload.Container;
        Assert.NotNull(container.LivenessProbe);
        Assert.NotNull(container.ReadinessProbe);
        foreach (var probe in (V1Probe?[])[container.StartupProbe, container.LivenessProbe, container.ReadinessProbe])
        {
            if ((probe?.HttpGet?.Port ?? probe?.TcpSocket?.Port) is { } port) Assert.Contains(container.Ports, one => one.Name == port.Value);
        }

        if (!workload.IsServer) return;
        Assert.Equal("/health/live", container.LivenessProbe.HttpGet.Path);
        Assert.Equal("/health/live", container.StartupProbe.HttpGet.Path);
        Assert.Equal("/health/ready", container.ReadinessProbe.HttpGet.Path);
        Assert.True(container.ReadinessProbe.TimeoutSeconds > new Server.Storage.DatabaseOptions().ControlTimeoutSeconds, "the check itself asks the database");
        Assert.True(container.StartupProbe.PeriodSeconds * container.StartupProbe.FailureThreshold > new Server.Storage.DatabaseOptions().MigrationWaitSeconds, "a start may wait for the migrations");
    });

    [Theory, MemberData(nameof(Folders))]
    public void A_pod_has_time_to_drain(string folder) => Assert.All(Manifests.Of(folder).Roles, workload =>
    {
        var sleep = workload.Container.Lifecycle?.PreStop?.Sleep?.Seconds ?? 0;
        Assert.True(workload.Pod.TerminationGracePeriodSeconds >= sleep + DrainSeconds + 5);
        // Whoever takes requests is asked for some seconds after it is told to go.
        Assert.Equal(workload.Name != "bsp-dispatch", sleep > 0);
    });

    [Fact]
    public void The_server_drains_in_the_time_that_is_planned_for()
    {
        Assert.Equal(TimeSpan.FromSeconds(DrainSeconds - 3), Server.Cluster.Drain.CutOffAfter); // and the way out
        Assert.Contains("ShutdownTimeout = Drain.ServicesWithin", Repository.Read("src/OrleansBsp.Server/Program.cs"));
        Assert.True(Server.Cluster.Drain.ServicesWithin < Server.Cluster.Drain.CutOffAfter);
    }

    [Theory, MemberData(nameof(Folders))]
    public void Every_role_runs_somewhere_and_silos_can_be_reached(string folder)
    {
        var manifests = Manifests.Of(folder);
        var roles = manifests.Roles.ToDictionary(one => one.Name, one => one.Env("Roles").Value.Split(','));
        Assert.Equal(Enum.GetValues<Server.Cluster.Roles>().Where(role => role != Server.Cluster.Roles.All).Select(role => role.ToString().ToLowerInvariant()).Order(), roles.Values.SelectMany(one => one).Order());

        var silo = manifests.Workloads.Single(one => one.Name == "bsp-dispatch");
        Assert.Contains("dispatch", roles[silo.Name]);
        Assert.Equal("status.podIP", silo.Env("Cluster__Advertise").ValueFrom.FieldRef.FieldPath);
        Assert.Equal(manifests.Settings.Data["Cluster__SiloPort"], $"{silo.Port("silo")}");
        Assert.Equal(manifests.Settings.Data["Cluster__GatewayPort"], $"{silo.Port("gateway")}");
        Assert.All(manifests.Roles, role => Assert.Equal("metadata.name", role.Env("Cluster__SiloName").ValueFrom.FieldRef.FieldPath)); // logs and screens name pods
    }

    [Theory, MemberData(nameof(Folders))]
    public void Every_disruption_budget_is_of_one_workload_and_every_server_has_one(string folder)
    {
        var manifests = Manifests.Of(folder);
        var protectedOnes = manifests.Of<V1PodDisruptionBudget>().Select(budget =>
        {
            Assert.Equal("1", budget.Spec.MaxUnavailable.Value); // with minAvailable a single pod could never be moved
            return manifests.Workloads.Single(workload => budget.Spec.Selector.Selects(workload.Labels)).Name;
        });
        Assert.Equal(manifests.Deployments.Select(one => one.Metadata.Name).Where(name => name.StartsWith("bsp-", StringComparison.Ordinal)).Order(), protectedOnes.Order());
    }

    [Theory, MemberData(nameof(Folders))]
    public void Workloads_select_their_own_pods_and_spread_them_over_nodes(string folder)
    {
        var manifests = Manifests.Of(folder);
        Assert.All(manifests.Workloads.Where(one => !one.IsJob), workload =>
        {
            Assert.Equal([workload.Name], manifests.Workloads.Where(other => workload.Selector.Selects(other.Labels)).Select(other => other.Name));
            if (!workload.IsServer) return;
            Assert.Equal(["kubernetes.io/hostname", "topology.kubernetes.io/zone"], workload.Pod.TopologySpreadConstraints.Select(one => one.TopologyKey));
            Assert.All(workload.Pod.TopologySpreadConstraints, one => Assert.True(one.LabelSelector.Selects(workload.Labels)));
        });
    }

    [Theory, MemberData(nameof(Folders))]
    public void Every_number_of_pods_is_either_written_down_or_a_scaler_s(string folder)
    {
        var manifests = Manifests.Of(folder);
        var scaled = manifests.Of<V2HorizontalPodAutoscaler>().Select(one => one.Spec.ScaleTargetRef.Name).Concat(manifests.Of<ScaledObject>().Select(one => one.Spec.ScaleTargetRef.Name)).ToList();
        Assert.Equal(scaled.Distinct(), scaled);
        Assert.All(scaled, name => Assert.Contains(manifests.Deployments, one => one.Metadata.Name == name));
        Assert.All(manifests.Deployments, one => Assert.Equal(scaled.Contains(one.Metadata.Name), one.Spec.Replicas is null));
        Assert.All(manifests.Of<V2HorizontalPodAutoscaler>(), one => Assert.True(one.Spec.MinReplicas <= one.Spec.MaxReplicas));
        Assert.All(manifests.Of<ScaledObject>(), one => Assert.All(one.Spec.Triggers, trigger =>
        {
            Assert.Equal("prometheus", trigger.Type);
            Assert.Equal(["query", "serverAddress", "threshold"], trigger.Metadata.Keys.Order());
        }));
        Assert.Equal(folder == "overlays/prod" ? ["bsp-api", "bsp-dispatch", "bsp-webhooks"] : ["bsp-api", "bsp-webhooks"], scaled.Order());
        Assert.All(manifests.Of<V2HorizontalPodAutoscaler>(), one =>
        {
            var metric = Assert.Single(one.Spec.Metrics);
            Assert.Equal(("Resource", "cpu", "Utilization"), (metric.Type, metric.Resource.Name, metric.Resource.Target.Type));
            Assert.InRange(metric.Resource.Target.AverageUtilization ?? 0, 30, 80); // of what is requested
        });
    }

    [Theory, MemberData(nameof(Folders))]
    public void Every_service_leads_to_a_port_of_a_pod_and_every_ingress_to_a_service(string folder)
    {
        var manifests = Manifests.Of(folder);
        var services = manifests.Of<V1Service>().ToList();
        Assert.All(services, service =>
        {
            var workload = manifests.Workloads.Single(one => new V1LabelSelector { MatchLabels = service.Spec.Selector }.Selects(one.Labels));
            Assert.All(service.Spec.Ports, port => Assert.Contains(workload.Container.Ports, one => one.Name == port.TargetPort.Value));
        });
        Assert.All(manifests.Of<V1Ingress>().SelectMany(ingress => ingress.Spec.Rules).SelectMany(rule => rule.Http.Paths), path =>
        {
            var service = Assert.Single(services, one => one.Metadata.Name == path.Backend.Service.Name);
            Assert.Contains(service.Spec.Ports, port => port.Name == path.Backend.Service.Port.Name);
        });
    }

    [Theory, InlineData("overlays/dev"), InlineData("overlays/prod")]
    public void Meta_reaches_one_path_and_the_live_view_is_passed_on_as_it_comes(string folder)
    {
        var manifests = Manifests.Of(folder);
        var hooks = manifests.Of<V1Ingress>().Single(one => one.Metadata.Name == "bsp-webhooks");
        var path = Assert.Single(Assert.Single(hooks.Spec.Rules).Http.Paths);
        Assert.Equal(("/webhooks/meta", "Exact", "bsp-webhooks"), (path.Path, path.PathType, path.Backend.Service.Name));

        var api = manifests.Of<V1Ingress>().Single(one => one.Metadata.Name == "bsp-api");
        var notes = api.Metadata.Annotations;
        if (api.Spec.IngressClassName == "nginx")
        {
            Assert.Equal("off", notes["nginx.ingress.kubernetes.io/proxy-buffering"]);
            Assert.True(int.Parse(notes["nginx.ingress.kubernetes.io/proxy-read-timeout"]) >= 3600);
            Assert.True(long.Parse(notes["nginx.ingress.kubernetes.io/proxy-body-size"].TrimEnd('m')) << 20 >= new Server.Campaigns.Audience.AudienceOptions().MaxUploadBytes);
        }
        else
        {
            Assert.Equal("alb", api.Spec.IngressClassName);
            Assert.Equal("idle_timeout.timeout_seconds=3600", notes["alb.ingress.kubernetes.io/load-balancer-attributes"]);
            Assert.Equal("internal", notes["alb.ingress.kubernetes.io/scheme"]);
            Assert.All((V1Ingress[])[api, hooks], ingress =>
            {
                var forgets = int.Parse(ingress.Metadata.Annotations["alb.ingress.kubernetes.io/target-group-attributes"].Split('=')[1]);
                var served = manifests.Workloads.Single(one => one.Name == ingress.Metadata.Name);
                Assert.True(forgets < served.Container.Lifecycle.PreStop.Sleep.Seconds);
            });
        }
    }

    [Fact]
    public void Uploads_fit_where_they_wait()
    {
        var api = Manifests.Of("base").Workloads.Single(one => one.Name == "bsp-api");
        var room = api.Pod.Volumes.Single(one => one.Name == "tmp").EmptyDir;
        Assert.Null(room.Medium); // not memory
        Assert.True((long)room.SizeLimit.ToDecimal() >= 2 * new Server.Campaigns.Audience.AudienceOptions().MaxUploadBytes);
        Assert.True(api.Container.Resources.Limits["ephemeral-storage"].ToDecimal() > room.SizeLimit.ToDecimal());
    }

    [Fact]
    public void Production_names_its_image_by_version()
    {
        // A date, as all versions are; which one runs there is a decision of its own.
        Assert.All(Manifests.Of("overlays/prod").Workloads, workload => Assert.Matches(@":\d{4}\.\d\d\.\d\d$", workload.Container.Image));
    }
}

using System.ComponentModel.DataAnnotations;
using OrleansBsp.Server.Settings;

namespace OrleansBsp.Server.Cluster;

/// <summary>Section <c>Cluster</c>. Silos of one installation share <see cref="ClusterId"/> and the database.</summary>
public sealed class BspClusterOptions
{
    /// <summary>The cluster that this silo joins. Default "bsp".</summary>
    public string ClusterId { get; set; } = "bsp";

    /// <summary>
    /// How the process is called where its name matters: as the owner of grains, in logs and on screens. Default: the machine's name and four
    /// letters of chance. On Kubernetes the pod's name.
    /// </summary>
    public string SiloName { get; set; } = $"{Environment.MachineName}-{Random.Shared.Next(0x10000):x4}";

    /// <summary>Port between silos; 0 picks a free one. Default 11111.</summary>
    [Range(0, 65_535)]
    public int SiloPort { get; set; } = 11111;

    /// <summary>Port for Orleans clients; 0 picks a free one. Default 30000.</summary>
    [Range(0, 65_535)]
    public int GatewayPort { get; set; } = 30000;

    /// <summary>Address that other silos reach this one under. Default: loopback, which is right for one machine only.</summary>
    [IpAddress]
    public string Advertise { get; set; } = "127.0.0.1";

    /// <summary>
    /// Whether Orleans' own dashboard is mounted at <c>/ops/orleans</c>, for admins. Default: no; it keeps figures of every grain method, which takes some 60 MiB at full rate.
    /// Silos and the processes with the role <c>api</c> must agree.
    /// </summary>
    public bool OrleansDashboard { get; set; }
}

using OrleansBsp.Server.Cluster;

namespace OrleansBsp.Server.Hosting.Silos;

/// <summary>
/// When this silo stops, and others are there, its campaigns, numbers and shards go to them before it leaves the cluster: they finish what is under
/// way here and go on there at once, and not when somebody notices that they sleep.
/// </summary>
/// <remarks>
/// The order of a stop (design 8), each step bounded and all of one budget (<see cref="Drain"/>): not ready; the web server answers what it has; this; the loops end; Orleans
/// deactivates the rest and leaves. Hosted services stop in the reverse order of their registration.
/// </remarks>
internal sealed class Handover(GrainMover mover, Drain drain, ILocalSiloDetails silo, TimeProvider clock, ILogger<Handover> log) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        try
        {
            // Asked again and again: meanwhile one may have been activated here, or a move have failed.
            while (Left() is var left && left > TimeSpan.Zero && await mover.EmptyAsync(silo.SiloAddress).WaitAsync(left, clock, cancellationToken) is > 0 and var grains)
            {
                log.HandingOver(grains);
                await Task.Delay(TimeSpan.FromMilliseconds(100), clock, cancellationToken);
            }
        }
        catch (Exception failure)
        {
            // The others take them without being asked, a little later.
            log.HandoverFailed(failure.Message);
        }
    }

    private TimeSpan Left() => drain.Limit(Drain.HandoverWithin, Drain.HandoverWithin);
}

using Orleans.Runtime;
using OrleansBsp.Server.Storage;

namespace OrleansBsp.Server.Hosting.Silos;

/// <summary>Speaks for one silo to one that has lost the database. Key: the silo's address, on which it lives.</summary>
[Alias("Witness")]
public interface IWitnessGrain : IGrainWithStringKey
{
    /// <summary>If the database has answered here all the while, the asking silo is declared dead and its grains go on elsewhere.</summary>
    /// <returns>The name of this silo; null: it does not reach the database either, or not for long enough to say that the other is alone.</returns>
    [Alias("Replace")]
    Task<string?> Replace(SiloAddress silo);
}

/// <inheritdoc cref="IWitnessGrain"/>
[Orleans.Placement.RandomPlacement]
public sealed class WitnessGrain(DatabaseWatch watch, IClusterMembershipService membership, ILocalSiloDetails local, TimeProvider clock, ILogger<WitnessGrain> log) : Grain, IWitnessGrain
{
    // Who has ended by itself leaves no trace of a crash.
    private static readonly TimeSpan TimeToEnd = TimeSpan.FromMilliseconds(200);

    public Task<string?> Replace(SiloAddress silo)
    {
        var canSay = this.GetPrimaryKeyString() == local.SiloAddress.ToParsableString() && watch.AnsweringFor >= LoneSilo.Patience;
        if (!canSay) return Task.FromResult<string?>(null);
        log.SiloIsReplaced(silo.ToString());
        _ = DeclareDeadAsync(silo);
        return Task.FromResult<string?>(local.Name);
    }

    private async Task DeclareDeadAsync(SiloAddress silo)
    {
        try
        {
            await Task.Delay(TimeToEnd, clock);
            await membership.TryKill(silo);
        }
        catch (Exception failure)
        {
            log.NotReplaced(silo.ToString(), failure.Message); // its silence is noticed soon
        }
    }
}

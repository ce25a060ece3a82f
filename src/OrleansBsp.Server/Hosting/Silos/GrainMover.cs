using Dapper;
using Orleans.Core.Internal;
using Orleans.Placement;
using Orleans.Runtime;
using Orleans.Runtime.Placement;
using OrleansBsp.Core.Cluster;
using OrleansBsp.Server.Storage;

namespace OrleansBsp.Server.Hosting.Silos;

/// <summary>
/// Moves long-lived grains to other silos: evens them out when silos have come or gone, and empties a silo that stops. A moved grain finishes what
/// it has under way and is activated at its new place at once.
/// </summary>
/// <remarks>Keeps nothing but what it saw last; two of them at once do no harm, as a move is only a wish.</remarks>
public sealed class GrainMover(IGrainFactory grains, Database database, ILogger<GrainMover> log)
{
    // A round may move a twentieth of a kind: with each move a grain rests for a moment.
    private const double Share = 0.05;
    private const int AtLeast = 10;

    private string _silosBefore = "";

    private IManagementGrain Management => grains.GetGrain<IManagementGrain>(0);

    /// <summary>One round. Does nothing while silos come and go: what moves then would move again.</summary>
    public async Task BalanceAsync()
    {
        var silos = (await FindStayingAsync()).OrderBy(silo => silo.ToParsableString(), StringComparer.Ordinal).ToList();
        var seen = string.Join(' ', silos.Select(silo => silo.ToParsableString()));
        var isQuiet = seen == _silosBefore;
        _silosBefore = seen;
        if (!isQuiet || silos.Count < 2) return;

        var statistics = await Management.GetSimpleGrainStatistics([.. silos]);
        foreach (var kind in GrainKinds.LongLived)
        {
            var counts = silos.Select(silo => statistics.Where(row => row.SiloAddress.Equals(silo) && GrainKinds.Class(row.GrainType) == kind).Sum(row => row.ActivationCount)).ToList();
            var moves = Balance.Moves(counts, Math.Max(AtLeast, (int)(counts.Sum() * Share)));
            if (moves.Count == 0) continue;
            foreach (var donor in moves.GroupBy(move => move.From))
                await MoveAsync(kind, silos[donor.Key], [.. donor.Select(move => silos[move.To])]);
        }
    }

    /// <summary>Asks all long-lived grains of this silo to go to the others.</summary>
    /// <returns>How many have been asked; zero: there are none, or nowhere to go.</returns>
    public async Task<int> EmptyAsync(SiloAddress silo)
    {
        var others = (await FindStayingAsync()).Where(other => !other.Equals(silo)).ToList();
        if (others.Count == 0) return 0;
        var found = await FindAsync(GrainKinds.LongLived, silo);
        await Task.WhenAll(found.Select((grain, index) => MoveAsync(grain, others[index % others.Count])));
        return found.Count;
    }

    /// <summary>Silos to which grains may be moved. One that stops is active to Orleans until it has handed over what it has: two that stop together would go on handing it to each other.</summary>
    private async Task<List<SiloAddress>> FindStayingAsync()
    {
        var active = (await Management.GetHosts(onlyActive: true)).Keys;
        var leaving = await FindLeavingAsync();
        return [.. active.Where(silo => !leaving.Contains(silo.ToParsableString()))];
    }

    private async Task<HashSet<string>> FindLeavingAsync()
    {
        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(1));
            await using var connection = await database.Control.OpenConnectionAsync(limit.Token);
            return [.. await connection.QueryAsync<string>(new CommandDefinition(ProcessSql.Leaving, cancellationToken: limit.Token))];
        }
        catch (Exception failure) when (Passing.Is(failure))
        {
            return []; // without the database nothing can be owned anywhere
        }
    }

    private async Task MoveAsync(string kind, SiloAddress from, IReadOnlyList<SiloAddress> to)
    {
        var moving = (await FindAsync([kind], from)).Zip(to).ToList();
        log.GrainsMove(moving.Count, kind, from.ToString());
        await Task.WhenAll(moving.Select(move => MoveAsync(move.First, move.Second)));
    }

    // Without the kinds a silo would list all its grains, tens of thousands of conversations among them, to one that is about to stop. Orleans may list others all the same.
    private async Task<IReadOnlyList<GrainId>> FindAsync(IReadOnlyList<string> kinds, SiloAddress silo)
    {
        var types = kinds.Select(kind => GrainKinds.StatisticsNames[kind]).ToArray();
        var statistics = await Management.GetDetailedGrainStatistics(types, [silo]);
        return [.. statistics.Where(row => types.Contains(row.GrainType)).OrderBy(row => Array.IndexOf(types, row.GrainType)).Select(row => row.GrainId)];
    }

    private async Task MoveAsync(GrainId grain, SiloAddress target)
    {
        // The hint goes with the call and from there with the migration; the placement follows it while that silo is active.
        RequestContext.Set(IPlacementDirector.PlacementHintKey, target);
        try
        {
            await grains.GetGrain(grain).AsReference<IGrainManagementExtension>().MigrateOnIdle();
        }
        catch (Exception failure)
        {
            log.MoveFailed(grain.ToString(), failure.Message);
        }
        finally
        {
            RequestContext.Remove(IPlacementDirector.PlacementHintKey);
        }
    }
}

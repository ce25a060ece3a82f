using System.Diagnostics;
using Orleans.Runtime;
using Orleans.Runtime.Placement;
using OrleansBsp.Server.Cluster;
using OrleansBsp.Server.Storage;

namespace OrleansBsp.Server.Hosting.Silos;

/// <summary>Ends this silo when it alone gets no answer from the database: its grains can do nothing here, and go on elsewhere.</summary>
/// <remarks>
/// Alone is a silo to which another says that the database has answered it all the while. When it is away for all, or there are no others, all wait for it:
/// whoever ended would only have to start again. What is under way is as after a kill: uncertain until Meta's word comes to those who took over.
/// The other has this silo declared dead at once, so that nobody has to notice it first.
/// </remarks>
internal sealed class LoneSilo(DatabaseWatch watch, Drain drain, IGrainFactory grains, ISiloStatusOracle silos, ILogger<LoneSilo> log) : IHostedService
{
    /// <summary>How long the database may be silent before the others are asked. With the takeover less than 10 s (design 8).</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);

    /// <summary>The process ends with this code (EX_TEMPFAIL of sysexits.h): it may be started again, and waits for the database then.</summary>
    public const int ExitCode = 75;

    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(2);

    public Task StartAsync(CancellationToken cancellationToken)
    {
        // A silo that stops anyway hands over what it can, and ends in its own time with 0.
        new Thread(() => watch.Run(Patience, EndIfAlone, drain.Began)) { IsBackground = true, Name = "database watch" }.Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private void EndIfAlone(TimeSpan silent, string reason)
    {
        try
        {
            if (WhoReachesIt() is not { } other || drain.Began.IsCancellationRequested) return;
            log.EndsAlone(silent.TotalSeconds, reason, other);
        }
        catch (Exception failure)
        {
            log.OthersNotAsked(failure.Message);
            return;
        }

        Environment.Exit(ExitCode);
    }

    /// <returns>The name of a silo that the database answers; null: there is none, or none has said so.</returns>
    private string? WhoReachesIt()
    {
        var others = silos.GetApproximateSiloStatuses(onlyActive: true).Keys.Where(other => !other.Equals(silos.SiloAddress)).ToList();
        // The first yes suffices: another of them may be dead, and answer never.
        var (asked, began) = (others.Select(AskAsync).ToList(), Stopwatch.GetTimestamp());
        while (asked.Count > 0 && AnswerWithin - Stopwatch.GetElapsedTime(began) is var left && left > TimeSpan.Zero && Task.WaitAny([.. asked], left) is >= 0 and var index)
        {
            if (asked[index] is { IsCompletedSuccessfully: true, Result: { } name }) return name;
            if (asked[index].Exception?.InnerException is { } failure) log.OthersNotAsked(failure.Message);
            asked.RemoveAt(index);
        }

        return null;
    }

    /// <returns>The other's name if the database answers it; null if not.</returns>
    private async Task<string?> AskAsync(SiloAddress other)
    {
        // The hint goes with the call: the witness for a silo lives there.
        RequestContext.Set(IPlacementDirector.PlacementHintKey, other);
        try
        {
            return await grains.GetGrain<IWitnessGrain>(other.ToParsableString()).Replace(silos.SiloAddress);
        }
        finally
        {
            RequestContext.Remove(IPlacementDirector.PlacementHintKey);
        }
    }
}

using System.Diagnostics;

namespace OrleansBsp.Server.Cluster;

/// <summary>
/// The time that a stop of this process has. What ends a piece of work waits for a while, each by itself; after SIGTERM they come one after another and
/// share one budget, so that the process has ended within 25 s whatever is away (design 8).
/// </summary>
public sealed class Drain
{
    /// <summary>By then grains have been handed over, or are not any more. Below <see cref="GrainsWithin"/>, so that what could not be handed over can end here.</summary>
    public static readonly TimeSpan HandoverWithin = TimeSpan.FromSeconds(10);

    /// <summary>By then every grain has finished what it had under way, or left it to its next activation.</summary>
    public static readonly TimeSpan GrainsWithin = TimeSpan.FromSeconds(14);

    /// <summary>By then services are to have stopped; those that have not are told to hurry.</summary>
    public static readonly TimeSpan ServicesWithin = TimeSpan.FromSeconds(19);

    /// <summary>Then the process ends, whoever is still waiting for something.</summary>
    public static readonly TimeSpan CutOffAfter = TimeSpan.FromSeconds(22);

    private long _began;

    public Drain(IHostApplicationLifetime lifetime)
    {
        Began = lifetime.ApplicationStopping;
        Began.Register(() => Volatile.Write(ref _began, Stopwatch.GetTimestamp()));
    }

    /// <summary>Cancelled when the stop begins, before any service is asked to stop: nothing more is to be taken on.</summary>
    public CancellationToken Began { get; }

    /// <summary>How long something may take: <paramref name="most"/>, or what a stop leaves of it.</summary>
    /// <param name="within">The end of it after the beginning of the stop.</param>
    public TimeSpan Limit(TimeSpan most, TimeSpan within)
    {
        if (Volatile.Read(ref _began) is not (> 0 and var began)) return most;
        var left = within - Stopwatch.GetElapsedTime(began);
        return left < TimeSpan.Zero ? TimeSpan.Zero : left < most ? left : most;
    }
}

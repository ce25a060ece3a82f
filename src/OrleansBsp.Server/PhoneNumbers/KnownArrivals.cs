using OrleansBsp.Core.Pacing;

namespace OrleansBsp.Server.PhoneNumbers;

/// <summary>What an activation that ends knows of the arrivals of its permits, for the next one (<see cref="SharedWindow"/>).</summary>
/// <remarks>Stored with the right that is given back, and not sent with a migration: an activation may end without one, or after the next one has begun.</remarks>
/// <param name="First">Number of the first permit that still counts.</param>
/// <param name="AgesMs">How long ago the request of each from there on has arrived at the latest, in milliseconds; negative: it will have in so long.</param>
/// <param name="OnTheirWay">As in <see cref="ArrivalReport"/>.</param>
public sealed record KnownArrivals(long First, int[] AgesMs, long[] OnTheirWay)
{
    private const int CountsNoMore = 10_000;

    public static KnownArrivals Of(SharedWindow window, TimeSpan now)
    {
        window.Leave(now);
        return new KnownArrivals(window.First, [.. window.Known.Select(latest => (int)Math.Floor(Math.Min((now - latest).TotalMilliseconds, CountsNoMore)))], [.. window.OnTheirWay]);
    }

    /// <summary>A window that goes on with it.</summary>
    /// <param name="at">When it was true. Later than it was makes arrivals look later than they are, which harms nobody.</param>
    public SharedWindow ToWindow(TimeSpan guard, TimeSpan at, TimeSpan now)
    {
        var window = new SharedWindow(First, guard, AgesMs.Select(age => at - TimeSpan.FromMilliseconds(age)));
        foreach (var permit in OnTheirWay) window.StillOnItsWay(permit, now);
        return window;
    }
}

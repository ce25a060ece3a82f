using OrleansBsp.Core.Pacing;
using OrleansBsp.Server.PhoneNumbers;

namespace OrleansBsp.Server.Tests.PhoneNumbers;

/// <summary>A window that was written down and goes on in another process, whose clock shows something else.</summary>
public sealed class KnownArrivalsTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Guard = Second * 5;

    [Fact]
    public void Of_AWindow_GoesOnWithTheSamePlacesAndNumbers()
    {
        var now = Second * 100;
        var window = new SharedWindow(1, Guard);
        var first = window.Enter(new PermitGrant(4, now, Second / 10), now, isTold: true);
        window.Arrived(first, now + Second / 20);
        window.StillOnItsWay(77, now);

        var elsewhere = Second * 5000;
        var next = KnownArrivals.Of(window, now + Second / 2).ToWindow(Guard, elsewhere + Second / 2, elsewhere + Second / 2);

        Assert.Equal([77], next.OnTheirWay);
        Assert.Equal(window.Known.Select(latest => latest - now), next.Known.Select(latest => latest - elsewhere));
        Assert.Equal(first + 4, next.Enter(new PermitGrant(1, elsewhere + Second, Second), elsewhere + Second, isTold: true));
    }

    [Fact]
    public void Of_AWindowAtRest_HoldsNothing()
    {
        var window = new SharedWindow(1, Guard);
        var permit = window.Enter(new PermitGrant(1, Second, Second), Second, isTold: true);
        window.Arrived(permit, Second);
        Assert.Empty(KnownArrivals.Of(window, Second * 2 + SharedWindow.Apart).AgesMs);
    }
}

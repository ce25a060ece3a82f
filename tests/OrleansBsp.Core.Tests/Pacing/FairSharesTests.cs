using FsCheck.Xunit;
using OrleansBsp.Core.Pacing;

namespace OrleansBsp.Core.Tests.Pacing;

public class FairSharesTests
{
    private static readonly TimeSpan Slot = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Active = TimeSpan.FromMilliseconds(500);

    [Fact]
    public void Alone_ItMayTakeAll() => Assert.Equal(100, new FairShares(Active).MostFor(1, 1000, 100, TimeSpan.Zero));

    [Fact]
    public void WhoIsAhead_TakesLess_AndWhoIsBehindMore()
    {
        var shares = new FairShares(Active);
        shares.MostFor(1, 1000, 100, TimeSpan.Zero);
        shares.MostFor(2, 1000, 100, TimeSpan.Zero);
        shares.Granted(1, 50);
        Assert.Equal(38, shares.MostFor(1, 1000, 100, TimeSpan.Zero));
        Assert.Equal(63, shares.MostFor(2, 1000, 100, TimeSpan.Zero));
        shares.Granted(1, 1000);
        Assert.Equal((13, 100), (shares.MostFor(1, 1000, 100, TimeSpan.Zero), shares.MostFor(2, 1000, 100, TimeSpan.Zero)));
    }

    [Fact]
    public void WhoStoppedAsking_DoesNotCount()
    {
        var shares = new FairShares(Active);
        shares.MostFor(1, 1000, 100, TimeSpan.Zero);
        shares.MostFor(2, 1000, 100, TimeSpan.Zero);
        shares.Granted(1, 1000);
        Assert.Equal(13, shares.MostFor(1, 1000, 100, Active));
        Assert.Equal(100, shares.MostFor(3, 1000, 100, Active * 3));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 8)]
    [InlineData(1, 30)]
    [InlineData(12, 40)]
    public void HoweverOftenTheyAsk_TheySendEquallyFast(int oneMs, int otherMs)
    {
        var sent = Simulate((Every: oneMs, Limit: 1000), (Every: otherMs, Limit: 1000));
        Assert.InRange(sent[0] / (double)sent[1], 0.97, 1.03);
        Assert.InRange(sent.Sum(), 2985, 3046); // ten seconds at 300/s, and what is granted ahead
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    public void WhoWantsLittle_GetsIt_AndTheOtherTheRest(int otherMs)
    {
        var sent = Simulate((Every: otherMs, Limit: 1000), (Every: 50, Limit: 2)); // 40/s
        Assert.Equal(400, sent[1]);
        Assert.InRange(sent.Sum(), 2985, 3046);
    }

    [Property]
    public void Always_AtLeastOne_AndNeverMoreThanWanted((byte Campaign, ushort Want, byte Ms)[] asks)
    {
        var shares = new FairShares(Active);
        var now = TimeSpan.Zero;
        foreach (var (campaign, want, ms) in asks)
        {
            now += TimeSpan.FromMilliseconds(ms);
            var most = shares.MostFor(campaign % 5, want + 1, 30, now);
            Assert.InRange(most, 1, want + 1);
            shares.Granted(campaign % 5, most);
        }
    }

    /// <summary>Campaigns at a number of 300/s for ten seconds; each asks so often, and wants so many at once.</summary>
    private static int[] Simulate(params (int Every, int Limit)[] campaigns)
    {
        var schedule = new PermitSchedule(300);
        var shares = new FairShares(Active);
        var sent = new int[campaigns.Length];
        for (var ms = 0; ms < 10_000; ms++)
        {
            var now = TimeSpan.FromMilliseconds(ms);
            for (var i = 0; i < campaigns.Length; i++)
            {
                if (ms % campaigns[i].Every != 0) continue;
                var most = shares.MostFor(i, campaigns[i].Limit, 30, now);
                var grant = schedule.Take(now, most, shares.LeavesRoom(i) ? Slot : Slot * 1.5);
                shares.Granted(i, grant.Count);
                sent[i] += grant.Count;
            }
        }

        return sent;
    }
}

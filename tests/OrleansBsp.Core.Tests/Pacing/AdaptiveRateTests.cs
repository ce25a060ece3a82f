using FsCheck.Xunit;
using OrleansBsp.Core.Pacing;

namespace OrleansBsp.Core.Tests.Pacing;

public class AdaptiveRateTests
{
    [Fact]
    public void FactorAt_NeverThrottled_IsOne()
    {
        Assert.Equal(1, new AdaptiveRate().FactorAt(TimeSpan.Zero));
        Assert.Equal(1, new AdaptiveRate().FactorAt(TimeSpan.FromDays(300)));
    }

    [Fact]
    public void Throttled_CutsByAFifthAndCreepsBackAHundredthPerSecond()
    {
        var rate = new AdaptiveRate();
        rate.Throttled(Seconds(100), 0);
        Assert.Equal(0.8, rate.FactorAt(Seconds(100)), 9);
        Assert.Equal(0.85, rate.FactorAt(Seconds(105)), 9);
        Assert.Equal(1, rate.FactorAt(Seconds(120)), 9);
        Assert.Equal(1, rate.FactorAt(Seconds(1000)));
    }

    [Fact]
    public void Throttled_AgainWithinTheSecond_CutsOnce()
    {
        var rate = new AdaptiveRate();
        for (var millisecond = 0; millisecond < 1000; millisecond++) rate.Throttled(TimeSpan.FromMilliseconds(millisecond), 0);
        Assert.Equal(0.8, rate.FactorAt(TimeSpan.Zero), 9);
        rate.Throttled(Seconds(1), 0);
        Assert.Equal(0.81 * 0.8, rate.FactorAt(Seconds(1)), 9);
    }

    [Fact]
    public void Throttled_AtTheStartOfTheClock_CutsToo()
    {
        var rate = new AdaptiveRate();
        rate.Throttled(TimeSpan.Zero, 0);
        Assert.Equal(0.8, rate.FactorAt(TimeSpan.Zero), 9);
    }

    [Fact]
    public void Throttled_ForEver_StaysAtTheFloor()
    {
        var rate = new AdaptiveRate();
        for (var second = 0; second < 100; second++) rate.Throttled(Seconds(second), 0);
        Assert.Equal(0.05, rate.FactorAt(Seconds(99)), 9);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0.5, 1.5)]
    [InlineData(1, 2)]
    public void Throttled_HoldsOneToTwoSeconds_OncePerBurst(double chance, double seconds)
    {
        var rate = new AdaptiveRate();
        Assert.Equal(Seconds(10 + seconds), rate.Throttled(Seconds(10), chance));
        Assert.Null(rate.Throttled(Seconds(10.5), chance));
        Assert.Equal(Seconds(11 + seconds), rate.Throttled(Seconds(11), chance));
    }

    [Property(MaxTest = 500)]
    public bool Any_refusals_keep_the_factor_between_floor_and_one_and_never_cut_deeper_than_a_fifth(ushort[] gapsMs)
    {
        var (rate, now) = (new AdaptiveRate(), TimeSpan.Zero);
        foreach (var gap in gapsMs)
        {
            now += TimeSpan.FromMilliseconds(gap % 5000);
            var before = rate.FactorAt(now);
            var until = rate.Throttled(now, 0.3);
            var after = rate.FactorAt(now);
            var isCut = after < before;
            if (after > before || after < 0.05 || (isCut && Math.Abs(after - Math.Max(0.05, before * 0.8)) > 1e-9)) return false;
            if (until is null ? isCut : until - now != TimeSpan.FromSeconds(1.3)) return false;
        }

        return rate.FactorAt(now + TimeSpan.FromSeconds(96)) == 1;
    }

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);
}

using FsCheck.Xunit;
using OrleansBsp.Core.Pacing;

namespace OrleansBsp.Core.Tests.Pacing;

public class PairLimitTests
{
    private static readonly TimeSpan Refill = TimeSpan.FromSeconds(6);

    [Fact]
    public void Take_Burst_Is45ThenOnePerSixSeconds()
    {
        var limit = new PairLimit();
        for (var message = 0; message < 45; message++) Assert.Equal(TimeSpan.Zero, limit.Take(TimeSpan.Zero));
        Assert.Equal(Refill, limit.Take(TimeSpan.Zero));
        for (var message = 1; message <= 10; message++)
        {
            Assert.Equal(TimeSpan.Zero, limit.Take(Refill * message));
            Assert.Equal(Refill, limit.Take(Refill * message));
        }
    }

    [Fact]
    public void Take_AfterALongSilence_BurstIsNotLarger()
    {
        var limit = new PairLimit();
        for (var message = 0; message < 45; message++) limit.Take(TimeSpan.Zero);
        var later = TimeSpan.FromDays(1);
        for (var message = 0; message < 45; message++) Assert.Equal(TimeSpan.Zero, limit.Take(later));
        Assert.Equal(Refill, limit.Take(later));
    }

    [Fact]
    public void Take_AskedAgainAfterExactlyTheWait_TakesOneAndOnlyOne()
    {
        // Moments whose share of six seconds is no round number.
        for (var odd = TimeSpan.FromTicks(1); odd < TimeSpan.FromTicks(1000); odd += TimeSpan.FromTicks(1))
        {
            var limit = new PairLimit();
            for (var message = 0; message < 45; message++) limit.Take(TimeSpan.Zero);
            var wait = limit.Take(odd);
            Assert.Equal(Refill - odd, wait);
            Assert.Equal(TimeSpan.Zero, limit.Take(odd + wait));
            Assert.Equal(Refill, limit.Take(odd + wait));
        }
    }

    /// <summary>Meta's model: a bucket of 45, one more every six seconds; here in whole ticks, so that nothing is rounded.</summary>
    [Property(MaxTest = 1000)]
    public bool Any_pattern_of_sends_agrees_with_Metas_bucket(uint[] pauses)
    {
        var capacity = 45 * Refill.Ticks;
        var (limit, bucket, now) = (new PairLimit(), capacity, 0L);
        foreach (var pause in pauses.SelectMany(pause => Enumerable.Repeat(pause, 1 + (int)(pause % 24))))
        {
            // Three in four times no pause at all, or one of up to a minute and a half with odd ticks.
            var elapsed = pause % 4 > 0 ? 0 : pause % 900_000_007;
            now += elapsed;
            bucket = Math.Min(capacity, bucket + elapsed);
            var wait = limit.Take(TimeSpan.FromTicks(now));
            if (wait != TimeSpan.FromTicks(Math.Max(0, Refill.Ticks - bucket))) return false;
            if (wait == TimeSpan.Zero) bucket -= Refill.Ticks;
        }

        return true;
    }
}

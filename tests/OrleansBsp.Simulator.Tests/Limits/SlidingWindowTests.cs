using OrleansBsp.Simulator.Ledgers;
using OrleansBsp.Simulator.Limits;

namespace OrleansBsp.Simulator.Tests.Limits;

public sealed class SlidingWindowTests
{
    [Fact]
    public void TryTake_NoWindowOfASecond_HoldsMoreThanTheLimit()
    {
        var window = new SlidingWindow();
        var random = new Random(7);
        var taken = new List<long>();
        var at = 0L;
        for (var i = 0; i < 20_000; i++)
        {
            at += random.Next(0, 4_000);
            if (window.TryTake(at, 300))
            {
                taken.Add(at);
            }
        }

        Assert.Equal(300, Pace.Of([.. taken]).MaxPerSecond);
    }

    [Fact]
    public void TryTake_ExactlyOneSecondLater_IsANewWindow()
    {
        var window = new SlidingWindow();

        Assert.True(window.TryTake(0, 1));
        Assert.False(window.TryTake(999_999, 1));
        Assert.True(window.TryTake(1_000_000, 1));
    }

    [Fact]
    public void TryTake_StampsOutOfOrder_RefusesExactlyWhatWouldBeOneTooManyInSomeSecond()
    {
        var random = new Random(11);
        var window = new SlidingWindow();
        var taken = new List<long>();
        var refused = 0;
        for (var i = 0; i < 3_000; i++)
        {
            // In order up to two dozen milliseconds; about as many as may come.
            var at = (i * 14_000L) + random.Next(0, 24_000);
            var fits = Pace.Of([.. taken.Append(at).Order().TakeLast(200)]).MaxPerSecond <= 70;
            Assert.Equal(fits, window.TryTake(at, 70));
            if (fits)
            {
                taken.Add(at);
            }

            refused += fits ? 0 : 1;
        }

        Assert.InRange(refused, 20, 1_000);
        Assert.Equal(70, Pace.Of([.. taken.Order()]).MaxPerSecond);
    }
}

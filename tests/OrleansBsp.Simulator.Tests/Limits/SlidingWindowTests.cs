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

        Assert.Equal(300, OrleansBsp.Simulator.Ledgers.Pace.Of([.. taken]).MaxPerSecond);
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
    public void TryTake_StampsOutOfOrder_DoNotMakeRoom()
    {
        var random = new Random(11);
        var window = new SlidingWindow();
        var taken = new List<long>();
        for (var i = 0; i < 20_000; i++)
        {
            // In order up to two milliseconds.
            var at = (i * 500L) + random.Next(0, 2_000);
            if (window.TryTake(at, 700))
            {
                taken.Add(at);
            }
        }

        Assert.InRange(OrleansBsp.Simulator.Ledgers.Pace.Of([.. taken]).MaxPerSecond, 690, 700);
    }
}

using OrleansBsp.Core.Pacing;

namespace OrleansBsp.Core.Tests.Pacing;

/// <summary>Orders on their way through the queue, against whoever sends them: so many a second, in the order of their release.</summary>
public sealed class OrderWindowTests
{
    private const double LeadMs = 400, ToleranceMs = 500, WayMs = 100;

    [Fact]
    public void With_room_enough_the_full_pace_is_reached_within_seconds_and_kept()
    {
        var sent = Run(campaigns: 1, limit: 1000, capacity: 5000, seconds: 20);
        Assert.InRange(sent[3..].Average(), 990, 1000);
    }

    [Theory]
    [InlineData(1, 1000, 300)]
    [InlineData(10, 1000, 1500)]
    [InlineData(10, 1000, 4000)]
    [InlineData(50, 80, 1000)]
    public void When_those_who_send_are_the_limit_most_of_what_they_can_do_is_sent(int campaigns, int limit, int capacity)
    {
        var sent = Run(campaigns, limit, capacity, seconds: 120);
        Assert.InRange(sent[20..].Average(), 0.7 * capacity, capacity);
    }

    [Fact]
    public void Without_the_window_nothing_would_be_sent()
    {
        var sent = Run(campaigns: 10, limit: 1000, capacity: 1500, seconds: 60, hasWindow: false);
        Assert.InRange(sent[20..].Average(), 0, 300);
    }

    [Fact]
    public void After_an_overload_it_recovers()
    {
        var window = new OrderWindow();
        for (var second = 0; second < 30; second++) window.Late(TimeSpan.FromSeconds(2 * second));
        Assert.InRange(window.Size, 1, 64); // never nothing, or it would never learn that the way is free again
        for (var order = 0; order < 60_000; order++) window.InTime(1000);
        Assert.InRange(window.Size, 600, 2000);
    }

    /// <summary>A millisecond a step. One queue, first come first served, takes as much time for an order that is late as for one that is sent.</summary>
    /// <returns>Sent in each second, all campaigns together.</returns>
    private static int[] Run(int campaigns, int limit, int capacity, int seconds, bool hasWindow = true)
    {
        var windows = Enumerable.Range(0, campaigns).Select(_ => new OrderWindow()).ToArray();
        var (open, granted) = (new int[campaigns], new double[campaigns]);
        var queue = new Queue<(int Campaign, double Moment)>();
        var outcomes = new PriorityQueue<(int Campaign, bool InTime), double>();
        var sent = new int[seconds];
        double budget = 0;
        for (var now = 0; now < seconds * 1000; now++)
        {
            for (var one = 0; one < campaigns; one++)
            {
                granted[one] = Math.Min(granted[one] + limit / 1000.0, limit * 0.15);
                for (; granted[one] >= 1 && (!hasWindow || open[one] < windows[one].Size); granted[one]--, open[one]++)
                    queue.Enqueue((one, now + LeadMs));
            }

            for (budget = Math.Min(budget + capacity / 1000.0, capacity * 0.05); budget >= 1 && queue.TryDequeue(out var order); budget--)
            {
                var inTime = now + WayMs <= order.Moment + ToleranceMs;
                if (inTime) sent[now / 1000]++;
                outcomes.Enqueue((order.Campaign, inTime), Math.Max(now, order.Moment) + WayMs);
            }

            for (; outcomes.TryPeek(out var outcome, out var at) && at <= now; outcomes.Dequeue())
            {
                open[outcome.Campaign]--;
                if (outcome.InTime) windows[outcome.Campaign].InTime(limit);
                else windows[outcome.Campaign].Late(TimeSpan.FromMilliseconds(now));
            }
        }

        return sent;
    }
}

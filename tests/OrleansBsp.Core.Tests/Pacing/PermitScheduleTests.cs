using FsCheck.Xunit;
using OrleansBsp.Core.Pacing;

namespace OrleansBsp.Core.Tests.Pacing;

public class PermitScheduleTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Slot = TimeSpan.FromMilliseconds(100);

    [Fact]
    public void Take_GrantsEvenlySpacedMomentsUpToTheHorizon()
    {
        var schedule = new PermitSchedule(1000);
        Assert.Equal(new PermitGrant(100, Second, TimeSpan.FromMilliseconds(1)), schedule.Take(Second, 1000, Slot));
        Assert.Equal(new PermitGrant(0, Second + Slot, TimeSpan.FromMilliseconds(1)), schedule.Take(Second, 1000, Slot));
        Assert.Equal(new PermitGrant(10, Second + Slot, TimeSpan.FromMilliseconds(1)), schedule.Take(Second + Slot / 2, 10, Slot));
    }

    [Fact]
    public void Take_AfterAPause_GrantsNoMoreThanWithoutIt()
    {
        var schedule = new PermitSchedule(1000);
        schedule.Take(TimeSpan.Zero, 1000, Slot);
        Assert.Equal(new PermitGrant(100, Second * 60, TimeSpan.FromMilliseconds(1)), schedule.Take(Second * 60, 1000, Slot));
    }

    [Fact]
    public void Take_Nothing_GrantsNothingAndTakesNothing()
    {
        var schedule = new PermitSchedule(10);
        Assert.Equal(0, schedule.Take(Second, 0, Slot).Count);
        Assert.Equal(new PermitGrant(1, Second, Slot), schedule.Take(Second, 1, Slot));
    }

    [Fact]
    public void Offer_TakesNothing_UntilSomeOfItIsUsed()
    {
        var schedule = new PermitSchedule(10);
        var offer = schedule.Offer(Second, 5, Second);
        Assert.Equal(new PermitGrant(5, Second, Slot), offer);
        Assert.Equal(offer, schedule.Offer(Second, 5, Second));

        schedule.Take(offer with { Count = 0 });
        Assert.Equal(offer, schedule.Offer(Second, 5, Second));
        schedule.Take(offer with { Count = 2 });
        Assert.Equal(new PermitGrant(5, Second * 1.2, Slot), schedule.Take(Second, 5, Second));
    }

    [Fact]
    public void HoldUntil_OnlyEverMovesLater()
    {
        var schedule = new PermitSchedule(10);
        schedule.HoldUntil(Second * 3);
        schedule.HoldUntil(Second * 2);
        Assert.Equal(new PermitGrant(0, Second * 3, Slot), schedule.Take(Second, 1, Slot));
        Assert.Equal(new PermitGrant(1, Second * 3, Slot), schedule.Take(Second * 3, 1, Slot));
    }

    [Fact]
    public void Spend_TakesTheNextMoments()
    {
        var schedule = new PermitSchedule(10);
        schedule.Spend(Second, 5);
        Assert.Equal(new PermitGrant(0, Second * 1.5, Slot), schedule.Take(Second, 1, Slot));
        schedule.Spend(Second * 10, 1);
        Assert.Equal(Second * 10.1, schedule.Take(Second * 10, 1, Slot * 2).Start);
    }

    [Fact]
    public void SetRate_HoldsForTheMomentsGrantedAfterIt()
    {
        var schedule = new PermitSchedule(1000);
        schedule.Take(TimeSpan.Zero, 1000, Slot);
        schedule.SetRate(500);
        Assert.Equal(new PermitGrant(50, Slot, TimeSpan.FromMilliseconds(2)), schedule.Take(Slot, 1000, Slot));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(801)]
    [InlineData(30_000)]
    public void Interval_RateThatDoesNotDivideTheSecond_IsNeverTooShort(int rate) =>
        Assert.True(new PermitSchedule(rate).Interval * rate >= Second);

    /// <summary>
    /// The exact bound: any half-open second holds at most the highest rate of that time, rounded up; a whole rate is exactly kept.
    /// </summary>
    [Property(MaxTest = 500)]
    public bool Any_second_holds_at_most_the_highest_rate_and_no_moment_is_granted_twice(int seed)
    {
        var random = new Random(seed);
        double[] rates = [0.1, 1, 2.5, 3, 7, 80, 333.3, 801, 999.9, 1000];
        var rate = rates[random.Next(rates.Length)];
        var (schedule, now, highest) = (new PermitSchedule(rate), TimeSpan.FromTicks(random.Next()), rate);
        var moments = new List<TimeSpan>();
        for (var step = 0; step < 100; step++)
        {
            now += TimeSpan.FromTicks(random.Next(4) == 0 ? random.Next(20_000_000) : random.Next(500_000));
            switch (random.Next(10))
            {
                case 0: schedule.HoldUntil(now + TimeSpan.FromTicks(random.Next(10_000_000))); break;
                case 1: schedule.Spend(now, random.Next(20)); break;
                case 2 when random.Next(4) == 0:
                    schedule.SetRate(rates[random.Next(rates.Length)]);
                    highest = Math.Max(highest, schedule.PerSecond);
                    break;
                default:
                    var horizon = TimeSpan.FromTicks(random.Next(3_000_000));
                    var grant = schedule.Take(now, random.Next(1, 200), horizon);
                    if (grant.Count > 0 && (grant.Start < now || grant.Start + grant.Interval * (grant.Count - 1) >= now + horizon)) return false;
                    for (var index = 0; index < grant.Count; index++) moments.Add(grant.Start + grant.Interval * index);
                    break;
            }
        }

        for (var index = 1; index < moments.Count; index++)
            if (moments[index] <= moments[index - 1]) return false;
        var most = (int)Math.Ceiling(highest);
        for (var index = most; index < moments.Count; index++)
            if (moments[index] - moments[index - most] < Second) return false;
        return true;
    }

    /// <summary>Whoever asks always gets the whole rate: nothing is lost between grants.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(80)]
    [InlineData(999.9)]
    [InlineData(1000)]
    public void Take_AskedAllTheTime_GrantsTheWholeRateAndNoMore(double rate)
    {
        var (schedule, moments) = (new PermitSchedule(rate), new List<TimeSpan>());
        for (var now = TimeSpan.Zero; now < Second * 60; now += TimeSpan.FromMilliseconds(37))
        {
            var grant = schedule.Take(now, 1000, Slot * 1.5);
            moments.AddRange(Enumerable.Range(0, grant.Count).Select(index => grant.Start + grant.Interval * index));
        }

        Assert.InRange(moments.Count, rate * 60 * 0.999, (60 + 0.15) * rate + 1);
        var most = (int)Math.Ceiling(rate);
        Assert.All(moments.Skip(most).Zip(moments), pair => Assert.True(pair.First - pair.Second >= Second));
    }

    /// <summary>
    /// A campaign's own limit on a number that grants all, some or none of what the campaign was offered: no moment is used twice, any
    /// second holds at most the rate, and what was not used is offered again while its time has not passed.
    /// </summary>
    [Property(MaxTest = 500)]
    public bool Any_second_holds_at_most_the_rate_also_when_offers_are_used_in_part(int seed)
    {
        var random = new Random(seed);
        double[] rates = [1, 2.5, 7, 80, 100, 333.3, 1000];
        var rate = rates[random.Next(rates.Length)];
        var (own, now) = (new PermitSchedule(rate), TimeSpan.FromTicks(random.Next()));
        var moments = new List<TimeSpan>();
        for (var step = 0; step < 100; step++)
        {
            now += TimeSpan.FromTicks(random.Next(2_000_000));
            var offer = own.Offer(now, random.Next(1, 200), Slot * 1.5);
            var used = offer with { Count = random.Next(offer.Count + 1) };
            own.Take(used);
            for (var index = 0; index < used.Count; index++) moments.Add(used.Start + used.Interval * index);
            if (own.Offer(now, 1, Second).Start != used.Start + used.Interval * used.Count) return false;
        }

        var most = (int)Math.Ceiling(rate);
        return moments.Skip(most).Zip(moments).All(pair => pair.First - pair.Second >= Second)
            && moments.Skip(1).Zip(moments).All(pair => pair.First > pair.Second);
    }

    /// <summary>A campaign with a limit of its own reaches it on a number that others fill: it pays for what it gets, not for what it asks.</summary>
    [Theory]
    [InlineData(100, 1000, 3)]
    [InlineData(20, 80, 2)]
    public void Offer_BesideOthersThatFillTheNumber_ReachesTheOwnRate(double ownRate, double rate, int others)
    {
        var (number, own, random) = (new PermitSchedule(rate), new PermitSchedule(ownRate), new Random(1));
        var share = (int)Math.Ceiling(rate * Slot.TotalSeconds / (others + 1));
        var moments = new List<TimeSpan>();
        var asks = new PriorityQueue<int, TimeSpan>(Enumerable.Range(0, others + 1).Select(campaign => (campaign, Milliseconds(1, 50))));
        while (asks.TryDequeue(out var campaign, out var now) && now < Second * 60)
        {
            var offer = campaign == 0 ? own.Offer(now, 1000, Slot * 1.5) : new PermitGrant(share, now, TimeSpan.Zero);
            var grant = number.Take(now, Math.Min(offer.Count, share), Slot * 1.5);
            if (campaign == 0)
            {
                own.Take(offer with { Count = grant.Count });
                var start = grant.Start > offer.Start ? grant.Start : offer.Start;
                moments.AddRange(Enumerable.Range(0, grant.Count).Select(index => start + offer.Interval * index));
            }

            var told = (offer.Count == 0 ? offer.Start : grant.Start) - now - Slot;
            asks.Enqueue(campaign, now + (grant.Count > 0 ? TimeSpan.Zero : told > TimeSpan.Zero ? told : TimeSpan.Zero) + Milliseconds(3, 10));
        }

        // The number's moments lie up to a slot and a half later than the campaign's own.
        Assert.InRange(moments.Count, ownRate * 60 * 0.9, ownRate * 60.2);
        moments.Sort();
        var most = (int)Math.Ceiling(ownRate * 1.15) + 1;
        Assert.All(moments.Skip(most).Zip(moments), pair => Assert.True(pair.First - pair.Second >= Second));

        TimeSpan Milliseconds(double least, double most) => TimeSpan.FromMilliseconds(least + random.NextDouble() * (most - least));
    }

    /// <summary>Also with moments spent on replies: in the long run both together keep the rate.</summary>
    [Fact]
    public void Spend_AllTheTime_IsPaidByThePermits()
    {
        var (schedule, used) = (new PermitSchedule(100), 0);
        for (var now = TimeSpan.Zero; now < Second * 60; now += TimeSpan.FromMilliseconds(40))
        {
            schedule.Spend(now, 1);
            used += 1 + schedule.Take(now, 1000, Slot * 1.5).Count;
        }

        Assert.InRange(used, 6000 - 1, 6000 + 16);
    }

    /// <summary>
    /// Campaigns that each ask for their share of a slot, as soon as they have stored the last one, come out even although all of
    /// them want everything. The schedule knows no campaigns: it is the unevenness of their commits that shuffles them. Asking in
    /// lock-step, one can starve another.
    /// </summary>
    [Theory]
    [InlineData(2, 1000)]
    [InlineData(3, 80)]
    [InlineData(7, 1000)]
    public void Take_SeveralThatAskForTheirShare_ComeOutEven(int campaigns, double rate)
    {
        var (schedule, random) = (new PermitSchedule(rate), new Random(campaigns));
        var share = (int)Math.Ceiling(rate * Slot.TotalSeconds / campaigns);
        var granted = new int[campaigns];
        var asks = new PriorityQueue<int, TimeSpan>(Enumerable.Range(0, campaigns).Select(campaign => (campaign, Milliseconds(1, 50))));
        while (asks.TryDequeue(out var campaign, out var now) && now < Second * 60)
        {
            var grant = schedule.Take(now, share, Slot * 1.5);
            granted[campaign] += grant.Count;
            var told = grant.Start - now - Slot;
            asks.Enqueue(campaign, now + (grant.Count > 0 ? Milliseconds(3, 15) : told + Milliseconds(5, 7)));
        }

        Assert.InRange(granted.Sum(), rate * 60 * 0.99, rate * 60.2);
        Assert.InRange(granted.Max() - granted.Min(), 0, rate * 60 / campaigns * 0.15);

        TimeSpan Milliseconds(double least, double most) => TimeSpan.FromMilliseconds(least + random.NextDouble() * (most - least));
    }

    [Fact]
    public void Spend_MoreThanTheHorizonHolds_UsesUpNoLaterMoment()
    {
        var (schedule, second) = (new PermitSchedule(10), TimeSpan.FromSeconds(1));
        schedule.Spend(second, 3, second);
        Assert.Equal(second * 1.3, schedule.Offer(second, 1, second).Start);
        schedule.Spend(second, 1000, second);
        Assert.Equal(second * 2, schedule.Offer(second, 1, second * 2).Start);
        schedule.HoldUntil(second * 5);
        schedule.Spend(second, 1000, second);
        Assert.Equal(second * 5, schedule.Offer(second, 1, second * 9).Start);
    }
}

using FsCheck.Xunit;
using OrleansBsp.Core.Pacing;

namespace OrleansBsp.Core.Tests.Pacing;

public class SendWindowTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Guard = Milliseconds(50);
    private static readonly TimeSpan LongGuard = TimeSpan.FromMinutes(18);

    /// <summary>
    /// The exact promise: once the shortest way has been seen, and as long as no request is later than the guard, no second at the
    /// receiver holds more than the limit. Ways back of any length, answers that never come, a caller that stands still, pauses and
    /// changes of the limit do not matter.
    /// </summary>
    [Property(MaxTest = 60)]
    public bool Any_second_at_the_receiver_holds_at_most_the_limit(int seed)
    {
        var random = new Random(seed);
        int[] limits = [1, 2, 7, 80, 300];
        var window = new SendWindow(limits[random.Next(limits.Length)], Guard, new RoundTrips());
        var simulation = new SendWindowSimulation(window, seed);
        simulation.Run(Milliseconds(1));
        simulation.Idle(Second);
        for (var phase = 0; phase < 8; phase++)
        {
            simulation.JitterThere = Guard * random.NextDouble();
            simulation.JitterBack = Milliseconds(random.Next(3) == 0 ? 2000 : 30) * random.NextDouble();
            simulation.Unanswered = random.Next(3) == 0 ? random.NextDouble() : 0;
            simulation.Run(Milliseconds(random.Next(1500)));
            switch (random.Next(4))
            {
                case 0: simulation.StallSender(Milliseconds(random.Next(700))); break;
                case 1: simulation.Idle(Milliseconds(random.Next(1500))); break;
                case 2: window.Limit = limits[random.Next(limits.Length)]; break;
            }
        }

        return simulation.WorstExcess() == 0;
    }

    /// <summary>
    /// From the first request on, when the shortest way is not known yet, and beyond the answers for which it is remembered. A way that is
    /// nearly always much longer than at its best shows its best too rarely: then one in two hundred can be too many.
    /// </summary>
    [Theory]
    [InlineData(1, 200)]
    [InlineData(10, 60)]
    [InlineData(80, 40)]
    [InlineData(1000, 25)]
    public void TryEnter_ShortestWayStillUnknown_HoldsTheLimitToo(int limit, int seconds)
    {
        foreach (var (there, back) in ((int, int)[])[(0, 0), (2, 0), (2, 2), (10, 0), (20, 20), (50, 0), (50, 50), (50, 500)])
        {
            for (var seed = 0; seed < (limit < 1000 ? 3 : 1); seed++)
            {
                var simulation = Jittery(limit, there, back, seed);
                simulation.Run(Second * seconds);
                Assert.True(simulation.WorstExcess() <= (there > 10 ? limit / 200 : 0), $"limit {limit}, jitter {there} there and {back} ms back, seed {seed}: {simulation.WorstExcess()} too many");
            }
        }
    }

    [Theory]
    [InlineData(80)]
    [InlineData(1000)]
    public void TryEnter_SmallJitter_ReachesTheLimitWithinOnePercent(int limit)
    {
        var simulation = Jittery(limit, there: 2, back: 2, seed: 1);
        simulation.Run(Second * 60);
        Assert.InRange(RateOfTheLast(simulation, seconds: 20), limit * 0.99, limit);
    }

    /// <summary>A receiver that takes its time for some requests, or for ever, costs little rate: others are answered meanwhile.</summary>
    [Theory]
    [InlineData(80, 0.89)]
    [InlineData(1000, 0.94)]
    public void TryEnter_AnswersTakeLongOrNeverCome_CostsLittle(int limit, double least)
    {
        var window = new SendWindow(limit, Second * 5, new RoundTrips());
        var simulation = new SendWindowSimulation(window, 1) { JitterThere = Milliseconds(2), JitterBack = Milliseconds(320), Unanswered = 0.01 };
        simulation.Run(Second * 60);
        Assert.InRange(RateOfTheLast(simulation, seconds: 20), limit * least, limit);
        Assert.Equal(0, simulation.WorstExcess());
    }

    [Fact]
    public void TryEnter_AnswersNeverCome_CostsTheGuardAndNoMore()
    {
        var simulation = new SendWindowSimulation(new SendWindow(1000, Guard, new RoundTrips()), 1) { Unanswered = 1, JitterThere = Guard };
        simulation.Run(Second * 30);
        Assert.InRange(RateOfTheLast(simulation, seconds: 20), 1000 / 1.06, 1000 / 1.0499);
        Assert.Equal(0, simulation.WorstExcess());
    }

    [Fact]
    public void TryEnter_PathGotLongerForGood_RateComesBack()
    {
        var simulation = Jittery(1000, there: 1, back: 1, seed: 1);
        simulation.Run(Second * 15);
        simulation.Back += Milliseconds(200);
        simulation.Run(Second * 5);
        Assert.InRange(RateOfTheLast(simulation, seconds: 2), 940, 960); // every request counts as late as the guard allows
        simulation.Run(Second * 60); // for so long at most the shorter one is remembered
        Assert.InRange(RateOfTheLast(simulation, seconds: 5), 990, 1000);
        Assert.Equal(0, simulation.WorstExcess());
    }

    /// <summary>
    /// What was thought of requests while everything was slow, because no short way had been seen yet, is thought again when one is.
    /// What has been started by then cannot be called back, but no second that begins with the first that overtook breaks the limit,
    /// even if the answers that show it are late.
    /// </summary>
    [Theory]
    [InlineData(80)]
    [InlineData(1000)]
    public void TryEnter_PathGetsShorterThanEverSeen_HoldsTheLimit(int limit)
    {
        for (var phase = 0; phase < 1000; phase += 50)
        {
            var simulation = Jittery(limit, there: 2, back: 2, seed: phase);
            (simulation.There, simulation.Back) = (Milliseconds(70), Milliseconds(60));
            simulation.Run(Second * 5 + Milliseconds(phase));
            (simulation.There, simulation.Back) = (Milliseconds(30), Milliseconds(200));
            var overtaking = simulation.Now + simulation.There;
            simulation.Run(Second * 0.3);
            simulation.Back = Milliseconds(20);
            simulation.Run(Second * 3);
            Assert.Equal(0, simulation.WorstExcess(overtaking));
        }
    }

    /// <summary>A number that begins knows the way from the others.</summary>
    [Fact]
    public void TryEnter_WayKnownFromAnother_ReachesTheLimitAtOnce()
    {
        var roundTrips = new RoundTrips();
        var other = new SendWindowSimulation(new SendWindow(1000, Guard, roundTrips), 1);
        other.Run(Second * 30);
        var simulation = new SendWindowSimulation(new SendWindow(1000, Guard, roundTrips), 2);
        simulation.Run(Second * 4);
        Assert.InRange(RateOfTheLast(simulation, seconds: 3), 990, 1000);
        Assert.Equal(0, simulation.WorstExcess());
    }

    [Theory]
    [InlineData(80)]
    [InlineData(1000)]
    public void TryEnter_AfterAStall_GoesAtTwiceThePaceAndNotAtOnce(int limit)
    {
        var simulation = Jittery(limit, there: 2, back: 2, seed: 1);
        foreach (var stall in (int[])[3, 30, 300, 3000])
        {
            simulation.Run(Second * 2);
            simulation.StallSender(Milliseconds(stall));
        }

        simulation.Run(Second * 2);
        // Twice the pace, and what falls between two looks of a caller that is up to four milliseconds late.
        foreach (var span in (int[])[1, 5, 20, 100, 400])
            Assert.InRange(simulation.MostStartsIn(Milliseconds(span)), 1, (int)(2 * limit * (span + 4) / 1000.0) + 1);
    }

    /// <summary>What the guard costs in safety: a network that stands still for longer lets through what was sent in the rest of that time.</summary>
    [Theory]
    [InlineData(80, 50, 0, 0)]
    [InlineData(1000, 50, 0, 0)]
    [InlineData(1000, 300, 1, 501)] // the rest, 250 ms, at up to twice the pace
    public void TryEnter_NetworkStandsStill_ExceedsOnlyByWhatIsBeyondTheGuard(int limit, int frozenMs, int least, int most)
    {
        var worst = 0;
        for (var phase = 0; phase < 1000; phase += 50)
        {
            var simulation = Jittery(limit, there: 0, back: 0, seed: phase);
            simulation.Run(Second * 2 + Milliseconds(phase));
            simulation.FrozenUntil = simulation.Now + simulation.There + Milliseconds(frozenMs);
            simulation.Run(Second * 2);
            worst = Math.Max(worst, simulation.WorstExcess());
        }

        Assert.InRange(worst, least, most);
    }

    [Fact]
    public void TryEnter_LimitLowered_WhatWasSentBeforeCounts()
    {
        var window = new SendWindow(1000, Guard, new RoundTrips());
        var simulation = new SendWindowSimulation(window, 1);
        simulation.Run(Second * 2);
        window.Limit = 10;
        var before = simulation.Requests.Count;
        simulation.Run(Second * 0.4);
        Assert.Equal(before, simulation.Requests.Count);
        simulation.Run(Second * 5);
        Assert.InRange(simulation.Requests.Count - before, 40, 60);
        Assert.Equal(0, simulation.WorstExcess());
    }

    [Fact]
    public void TryEnter_FewSlowRequests_CountFromTheirArrival()
    {
        var window = new SendWindow(1, Guard, new RoundTrips());
        var ticket = window.TryEnter(TimeSpan.Zero);
        Assert.NotNull(ticket);
        Assert.Null(window.TryEnter(Second));
        Assert.Null(window.TryEnter(Second + Guard - Milliseconds(1)));
        Assert.NotNull(window.TryEnter(Second + Guard));
    }

    [Fact]
    public void Failed_TellsNothingOfTheWayAndKeepsItsPlace()
    {
        var roundTrips = new RoundTrips();
        var window = new SendWindow(1, Guard, roundTrips);
        window.Failed(window.TryEnter(TimeSpan.Zero)!);
        Assert.Null(roundTrips.Shortest);
        Assert.Equal(0, window.Unheard);
        Assert.Null(window.TryEnter(Second));
        Assert.NotNull(window.TryEnter(Second + Guard));
        Assert.Equal(1, window.Unheard);
    }

    [Fact]
    public void Answered_TellsOfAllThatStartedEarlier()
    {
        var window = new SendWindow(3, Guard, new RoundTrips());
        var first = window.TryEnter(TimeSpan.Zero)!;
        window.Failed(window.TryEnter(Second * 0.2)!);
        var third = window.TryEnter(Second * 0.4)!;
        Assert.Equal(2, window.Unheard);

        window.Answered(third, Second * 0.41);
        Assert.Equal(0, window.Unheard);
        window.Answered(first, Second * 0.9);
        // All had arrived at 0.41 at the latest.
        Assert.Null(window.TryEnter(Second * 1.04));
        Assert.NotNull(window.TryEnter(Second * 1.05)); // the first: within the guard
        Assert.NotNull(window.TryEnter(Second * 1.41));
        Assert.NotNull(window.TryEnter(Second * 1.6));
    }

    [Fact]
    public void Answered_LongAfterItsPlaceWasGivenUp_SaysNothingOfLaterOnes()
    {
        var window = new SendWindow(1, Guard, new RoundTrips());
        var first = window.TryEnter(TimeSpan.Zero)!;
        Assert.NotNull(window.TryEnter(Second * 10));
        window.Answered(first, Second * 10.5);
        Assert.Equal(1, window.Unheard);
        Assert.Null(window.TryEnter(Second * 11));
        Assert.NotNull(window.TryEnter(Second * 11 + Guard));
    }

    /// <summary>
    /// A way that is silent for up to five minutes and then delivers everything at once, also what has failed meanwhile. Afterwards the rate is there again. Numbers of few messages
    /// a second have less room for those that try the way, every ten seconds: theirs is used up earlier, and with hardly any, when the first request ends.
    /// </summary>
    [Property(MaxTest = 60)]
    public bool A_silence_of_any_length_breaks_no_limit(int seed)
    {
        var random = new Random(seed);
        int[] limits = [1, 5, 20, 80, 400, 1000];
        var limit = limits[random.Next(limits.Length)];
        var silence = random.Next(2) == 0 || limit < 20 ? Milliseconds(random.Next(200, 20_000)) : Second * random.Next(20, limit < 80 ? 35 : 300);
        var simulation = Silent(limit, silence, timeout: Second * (limit < 20 || random.Next(2) == 0 ? 20 : 5), seed);
        var (sent, from) = (simulation.Requests.Count, simulation.Now);
        simulation.Run(Second * 14);
        var answered = from + simulation.There + simulation.Back + Milliseconds(5);
        // A try comes ten seconds after the last one at the latest. What has failed counts for a second after the first answer.
        var later = simulation.Requests.Skip(sent).Count(request => request.Start >= answered + Second * 11.5 && request.Start < answered + Second * 13.5);
        return simulation.WorstExcess() == 0 && later >= 1.9 * limit - 2;
    }

    /// <summary>The test can fail: when places are given up after five seconds, whatever is under way or failed arrives beside what is sent when the way is back.</summary>
    [Fact]
    public void A_silence_longer_than_the_guard_breaks_the_limit()
    {
        Assert.InRange(Silent(400, Second * 8, timeout: Second * 5, seed: 1, guard: Second * 5, after: Second * 3).WorstExcess(), 100, 400);
        Assert.InRange(Silent(400, Second * 8, timeout: Second * 20, seed: 1, guard: Second * 5, after: Second * 3).WorstExcess(), 100, 400);
        Assert.Equal(0, Silent(400, Second * 8, timeout: Second * 5, seed: 1, after: Second * 3).WorstExcess());
    }

    [Theory]
    [InlineData(80, 8)]
    [InlineData(1000, 8)]
    [InlineData(1000, 60)]
    public void TryEnter_WayIsSilent_SendsHalfASecondsWorthAndThenSingleRequests(int limit, int seconds)
    {
        var simulation = Silent(limit, Second * seconds, timeout: Second * 20, seed: 1);
        var into = simulation.Requests.Count(request => request.Arrival == simulation.FrozenUntil);
        Assert.InRange(into, 0.4 * limit, 0.6 * limit + 12);
        Assert.InRange(simulation.Requests.Count(request => request.Start > simulation.FrozenUntil - Second * (seconds - 1)), 2, 12);
    }

    /// <summary>Requests whose answers are still waited for tell by themselves that the way is back.</summary>
    [Theory]
    [InlineData(80)]
    [InlineData(1000)]
    public void TryEnter_SilenceEnds_IsAtFullRateAtOnceWithoutABurst(int limit)
    {
        var simulation = Silent(limit, Second * 8, timeout: Second * 20, seed: 1);
        var (sent, answered) = (simulation.Requests.Count, simulation.Now + simulation.There + simulation.Back + Milliseconds(5));
        simulation.Run(Second * 4);
        var starts = simulation.Requests.Skip(sent).Select(request => request.Start).ToArray();
        Assert.InRange(starts.Count(start => start < answered + Second), 0.3 * limit, limit); // what the silence has left of the second
        Assert.InRange(starts.Count(start => start >= answered + Second && start < answered + 2 * Second), 0.95 * limit, limit + 1);
        foreach (var span in (int[])[1, 5, 20, 100, 400])
            Assert.InRange(simulation.MostStartsIn(Milliseconds(span)), 1, (int)(2 * limit * (span + 4) / 1000.0) + 1);
    }

    /// <summary>Requests that hang cost nothing while others are answered.</summary>
    [Theory]
    [InlineData(80, 0.5, 0.94)]
    [InlineData(1000, 0.6, 0.97)]
    public void TryEnter_ManyHangAndFail_CostsLittle(int limit, double hanging, double least)
    {
        var window = new SendWindow(limit, LongGuard, new RoundTrips());
        var simulation = new SendWindowSimulation(window, 1) { JitterThere = Milliseconds(2), JitterBack = Milliseconds(2), Unanswered = hanging, Timeout = Second * 20 };
        simulation.Run(Second * 60);
        Assert.InRange(RateOfTheLast(simulation, seconds: 20), limit * least, limit);
        Assert.Equal(0, simulation.WorstExcess());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(80)]
    [InlineData(1000)]
    public void TryEnter_NothingIsEverAnswered_TriesOn(int limit)
    {
        var simulation = new SendWindowSimulation(new SendWindow(limit, LongGuard, new RoundTrips()), 1) { Unanswered = 1, Timeout = Second * 20 };
        simulation.Run(Second * 600);
        Assert.InRange(simulation.Requests.Count, 20, 0.6 * limit + 70);
        Assert.True(simulation.Requests[^1].Start > simulation.Now - Second * 31, "It does not try any more.");
    }

    /// <summary>Whoever resets each connection gets no more of them than who is silent.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(80)]
    public void TryEnter_AllFailAtOnce_TriesOnAndNotFaster(int limit)
    {
        var window = new SendWindow(limit, LongGuard, new RoundTrips());
        var starts = new List<TimeSpan>();
        for (var now = Second; now < Second * 120; now += Milliseconds(1))
        {
            if (window.TryEnter(now) is not { } place) continue;
            window.Failed(place);
            starts.Add(now);
        }

        Assert.InRange(starts.Count, 12, 1.1 * limit + 16);
        Assert.InRange(starts[^1], Second * 109, Second * 120);
    }

    [Fact]
    public void TryEnter_OneHangsWhileTheNumberIsIdle_TheNextGoesAtOnceAndTellsOfIt()
    {
        var window = new SendWindow(80, LongGuard, new RoundTrips());
        window.TryEnter(Second);
        Assert.True(window.IsSilent(Second * 4));
        var next = window.TryEnter(Second * 4)!;
        Assert.Null(window.TryEnter(Second * 4.1)); // it may tell first
        window.Answered(next, Second * 4.1);
        Assert.False(window.IsSilent(Second * 4.1));
        Assert.NotNull(window.TryEnter(Second * 4.1));
    }

    [Theory]
    [InlineData(80, 18)]
    [InlineData(1000, 225)]
    public void TryEnter_SlowAnswersWhereThoseOfOthersAreQuick_AreNoSilence(int limit, int perSecond)
    {
        var roundTrips = new RoundTrips();
        var window = new SendWindow(limit, LongGuard, roundTrips);
        var underWay = new Queue<(SendWindow.Place Place, TimeSpan At)>();
        var late = 0; // started in the last half minute
        for (var now = Second; now < Second * 90; now += Milliseconds(1))
        {
            roundTrips.Add(Milliseconds(100), now); // another number's
            while (underWay.TryPeek(out var next) && next.At <= now) window.Answered(underWay.Dequeue().Place, now);
            if (window.TryEnter(now) is not { } place) continue;
            underWay.Enqueue((place, now + Second * 3));
            if (now > Second * 60) late++;
        }

        // Its requests count for the three seconds of their way and one more: a quarter of the limit.
        Assert.InRange(late / 30.0, perSecond, limit);
    }

    [Fact]
    public void NotPosted_FreesThePlaceAtOnce()
    {
        var window = new SendWindow(1, LongGuard, new RoundTrips());
        window.NotPosted(window.TryEnter(Second)!);
        Assert.Equal(0, window.Unheard);
        var next = window.TryEnter(Second * 1.5);
        Assert.NotNull(next);
        Assert.Null(window.LatestArrivalOf(next));
        Assert.Null(window.TryEnter(Second * 2.4));
    }

    [Fact]
    public void Failed_KeepsItsPlaceUntilALaterOneIsAnswered()
    {
        var window = new SendWindow(2, LongGuard, new RoundTrips());
        var failed = window.TryEnter(Second)!;
        window.Failed(failed);
        Assert.Null(window.LatestArrivalOf(failed));
        var next = window.TryEnter(Second * 600)!;
        window.Answered(next, Second * 601);
        Assert.Equal(Second * 601, window.LatestArrivalOf(failed));
        Assert.Null(window.TryEnter(Second * 601.9));
        Assert.NotNull(window.TryEnter(Second * 602));
    }

    /// <summary>A number that has nothing more to send learns by others that what has failed is not on its way any more; what is still waited for tells by itself.</summary>
    [Fact]
    public void LatestArrivalOf_AnotherWindowsLaterRequestIsAnswered_IsKnownOfThoseThatFailed()
    {
        var roundTrips = new RoundTrips();
        var (window, other) = (new SendWindow(80, LongGuard, roundTrips), new SendWindow(80, LongGuard, roundTrips));
        var earlier = other.TryEnter(Second)!;
        var (failed, waiting) = (window.TryEnter(Second * 1.1)!, window.TryEnter(Second * 1.2)!);
        window.Failed(failed);
        other.Answered(earlier, Second * 2);
        window.Leave(Second * 2);
        Assert.Null(window.LatestArrivalOf(failed));

        other.Answered(other.TryEnter(Second * 3)!, Second * 3.1);
        window.Leave(Second * 3.2);
        Assert.Equal(Second * 3.2, window.LatestArrivalOf(failed));
        Assert.Null(window.LatestArrivalOf(waiting));
    }

    /// <summary>The way falls silent in the midst of sending; time stands at the end of the silence, when all of it arrives.</summary>
    private static SendWindowSimulation Silent(int limit, TimeSpan silence, TimeSpan timeout, int seed, TimeSpan? guard = null, TimeSpan after = default)
    {
        var simulation = new SendWindowSimulation(new SendWindow(limit, guard ?? LongGuard, new RoundTrips()), seed)
        {
            JitterThere = Milliseconds(2), JitterBack = Milliseconds(2), Timeout = timeout,
        };
        simulation.Run(Second * Math.Max(20, 300 / limit));
        simulation.FrozenUntil = simulation.Now + simulation.There + silence;
        simulation.Run(silence + after);
        return simulation;
    }

    private static SendWindowSimulation Jittery(int limit, int there, int back, int seed) =>
        new(new SendWindow(limit, Guard, new RoundTrips()), seed) { JitterThere = Milliseconds(there), JitterBack = Milliseconds(back) };

    /// <summary>From one start to the one that many limits later: the same place in the rhythm of the seconds.</summary>
    private static double RateOfTheLast(SendWindowSimulation simulation, int seconds)
    {
        var count = seconds * simulation.Requests[^1].Limit;
        return count / (simulation.Requests[^1].Start - simulation.Requests[^(count + 1)].Start).TotalSeconds;
    }

    private static TimeSpan Milliseconds(double milliseconds) => TimeSpan.FromMilliseconds(milliseconds);
}

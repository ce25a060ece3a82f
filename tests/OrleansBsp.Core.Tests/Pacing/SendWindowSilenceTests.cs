using FsCheck.Xunit;
using OrleansBsp.Core.Pacing;

namespace OrleansBsp.Core.Tests.Pacing;

/// <summary>A receiver, or the way to it, that says nothing for a while, or never.</summary>
public class SendWindowSilenceTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongGuard = TimeSpan.FromMinutes(18);

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
            window.Failed(place, now);
            starts.Add(now);
        }

        Assert.InRange(starts.Count, 12, 1.1 * limit + 16);
        Assert.InRange(starts[^1], Second * 109, Second * 120);
    }

    [Fact]
    public void TryEnter_OneHangsWhileTheNumberIsIdle_TheNextGoesAtOnceAndTellsOfIt()
    {
        var window = new SendWindow(80, LongGuard, new RoundTrips());
        window.TryEnter(Second)!.Written(Second);
        Assert.True(window.IsSilent(Second * 4));
        var next = window.TryEnter(Second * 4)!;
        next.Written(Second * 4);
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
            place.Written(now);
            underWay.Enqueue((place, now + Second * 3));
            if (now > Second * 60) late++;
        }

        // Its requests count for the three seconds of their way and one more: a quarter of the limit.
        Assert.InRange(late / 30.0, perSecond, limit);
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

    /// <summary>From one start to the one that many limits later: the same place in the rhythm of the seconds.</summary>
    private static double RateOfTheLast(SendWindowSimulation simulation, int seconds)
    {
        var count = seconds * simulation.Requests[^1].Limit;
        return count / (simulation.Requests[^1].Start - simulation.Requests[^(count + 1)].Start).TotalSeconds;
    }

    private static TimeSpan Milliseconds(double milliseconds) => TimeSpan.FromMilliseconds(milliseconds);
}

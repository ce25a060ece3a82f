using OrleansBsp.Core.Pacing;

namespace OrleansBsp.Core.Tests.Pacing;

/// <summary>What an answer, a failure or a message that was not posted says of places in the window.</summary>
public class SendWindowPlacesTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Guard = Milliseconds(50);
    private static readonly TimeSpan LongGuard = TimeSpan.FromMinutes(18);

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
        window.Failed(Enter(window, TimeSpan.Zero), TimeSpan.Zero);
        Assert.Null(roundTrips.Shortest);
        Assert.Equal(0, window.Unheard);
        Assert.Null(window.TryEnter(Second));
        Assert.NotNull(window.TryEnter(Second + Guard));
        Assert.Equal(1, window.Unheard);
    }

    [Fact]
    public void Answered_TellsOfAllThatWereWrittenEarlier()
    {
        var window = new SendWindow(3, Guard, new RoundTrips());
        var first = Enter(window, TimeSpan.Zero);
        window.Failed(Enter(window, Second * 0.2), Second * 0.2);
        var third = Enter(window, Second * 0.4);
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

    /// <summary>A request that has started and waits to be written, on a busy machine, has not arrived when a later one is answered. Sending goes on meanwhile: that is no silence.</summary>
    [Fact]
    public void Answered_TellsNothingOfOneThatWasNotWrittenYet()
    {
        var window = new SendWindow(3, LongGuard, new RoundTrips());
        var waiting = window.TryEnter(TimeSpan.Zero)!;
        window.Answered(Enter(window, Second * 0.2), Second * 0.21);
        Assert.Null(window.LatestArrivalOf(waiting));
        Assert.False(window.IsSilent(Second * 2));
        Assert.Equal(1, window.Unheard);

        waiting.Written(Second * 2);
        var later = Enter(window, Second * 2.1);
        window.Answered(later, Second * 2.11);
        Assert.Equal(Second * 2.11, window.LatestArrivalOf(waiting));
        Assert.Equal(0, window.Unheard);
        Assert.NotNull(window.TryEnter(Second * 2.5));
        Assert.Null(window.TryEnter(Second * 3.1));
        Assert.NotNull(window.TryEnter(Second * 3.11));
    }

    /// <summary>A process that has no time says late that a request was written. What was written before the answered one was, and not before it said so, is what its answer tells of.</summary>
    [Fact]
    public void Answered_ItsWritingWasSaidLate_TellsNothingOfWhatWasWrittenMeanwhile()
    {
        var roundTrips = new RoundTrips();
        var window = new SendWindow(80, LongGuard, roundTrips);
        var answered = window.TryEnter(TimeSpan.Zero)!;
        answered.Writing(TimeSpan.Zero);
        var meanwhile = Enter(window, Milliseconds(35));
        answered.Written(Milliseconds(50));
        window.Answered(answered, Milliseconds(60));
        Assert.Null(window.LatestArrivalOf(meanwhile));
        Assert.Equal(Milliseconds(60), roundTrips.Shortest); // nor is the way to Meta shorter for it
    }

    /// <summary>One that failed before it was written keeps its place until something that was written later is answered; whatever is answered meanwhile, others may try the way.</summary>
    [Fact]
    public void Failed_RightBeforeAnotherIsWritten_DoesNotShutTheWindow()
    {
        var window = new SendWindow(1, LongGuard, new RoundTrips());
        var failed = window.TryEnter(Second)!;
        window.Failed(failed, Second * 6);
        window.Answered(Enter(window, Second * 6.005), Second * 6.02);
        Assert.Null(window.LatestArrivalOf(failed));
        window.Answered(Enter(window, Second * 12), Second * 12.02);
        Assert.Equal(Second * 12.02, window.LatestArrivalOf(failed));
        Assert.NotNull(window.TryEnter(Second * 13.1));
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
        var failed = Enter(window, Second);
        window.Failed(failed, Second);
        Assert.Null(window.LatestArrivalOf(failed));
        var next = Enter(window, Second * 600);
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
        var earlier = Enter(other, Second);
        var (failed, waiting) = (Enter(window, Second * 1.1), Enter(window, Second * 1.2));
        window.Failed(failed, Second * 1.3);
        other.Answered(earlier, Second * 2);
        window.Leave(Second * 2);
        Assert.Null(window.LatestArrivalOf(failed));

        other.Answered(Enter(other, Second * 3), Second * 3.1);
        window.Leave(Second * 3.2);
        Assert.Equal(Second * 3.2, window.LatestArrivalOf(failed));
        Assert.Null(window.LatestArrivalOf(waiting));
    }

    /// <summary>A request that is written at once.</summary>
    private static SendWindow.Place Enter(SendWindow window, TimeSpan now)
    {
        var place = window.TryEnter(now)!;
        place.Writing(now);
        place.Written(now);
        return place;
    }

    private static TimeSpan Milliseconds(double milliseconds) => TimeSpan.FromMilliseconds(milliseconds);
}

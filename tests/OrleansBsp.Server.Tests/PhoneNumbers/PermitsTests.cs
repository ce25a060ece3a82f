using OrleansBsp.Core.PhoneNumbers;
using OrleansBsp.Server.PhoneNumbers;

namespace OrleansBsp.Server.Tests.PhoneNumbers;

/// <summary>What a process makes of a number's answer that comes at once, late, too late or never.</summary>
public sealed class PermitsTests : IDisposable
{
    private static readonly PermitAnswer Answer = new(Count: 3, StartsIn: TimeSpan.FromMilliseconds(50), Interval: TimeSpan.FromMilliseconds(10), LimitPerSecond: 100, LimitedBy: "", First: 7);

    private readonly SendClock _clock = new();
    private readonly SendLane _lane;

    public PermitsTests() => _lane = _clock.LaneOf(new PhoneNumberId("1"));

    [Fact]
    public async Task AskAsync_AtOnce_MomentsAreFromTheAnswerOn()
    {
        var before = _clock.Now;
        var permits = await AskAsync(TimeSpan.Zero);
        Assert.Equal((3, 7), (permits.Grant.Count, permits.Grant.First));
        Assert.InRange(permits.Grant.Start, before + Answer.StartsIn, _clock.Now + Answer.StartsIn);
    }

    /// <summary>Of a number on a silo that has no time each answer comes late: if none were used, its campaigns would stand. The moments are not earlier than the number meant, and the time in which they may be used is shorter.</summary>
    [Fact]
    public async Task AskAsync_Late_IsUsedAndSaysHowLateItIs()
    {
        var before = _clock.Now;
        var permits = await AskAsync(TimeSpan.FromMilliseconds(800));
        Assert.Equal(3, permits.Grant.Count);
        Assert.InRange(permits.Grant.Start, before + TimeSpan.FromMilliseconds(750) + Answer.StartsIn, _clock.Now + Answer.StartsIn); // a delay may end a little early
        Assert.InRange(permits.Grant.Late, TimeSpan.FromMilliseconds(750), _clock.Now - before);
    }

    [Fact]
    public async Task AskAsync_NoAnswerInTime_FailsAndSparesWhatComesAfterAll()
    {
        var asked = new TaskCompletionSource<PermitAnswer>();
        var failure = await Assert.ThrowsAsync<TimeoutException>(() => Permits.AskAsync(_lane, _clock, () => asked.Task));
        Assert.Contains("phone number 1", failure.Message, StringComparison.Ordinal);
        Assert.Empty(_lane.TakeArrivals(out _).Permits);

        asked.SetResult(Answer);
        var told = new List<long>();
        await Wait.UntilAsync(() =>
        {
            told.AddRange(_lane.TakeArrivals(out _).Permits);
            return told.Count == 3;
        }, "the number is told that its permits are not used");
        Assert.Equal([7, 8, 9], told);
    }

    [Fact]
    public async Task AskAsync_TheNumberFails_IsItsFailure() =>
        await Assert.ThrowsAsync<InvalidOperationException>(() => Permits.AskAsync(_lane, _clock, () => Task.FromException<PermitAnswer>(new InvalidOperationException("test"))));

    public void Dispose() => _clock.Dispose();

    private Task<Permits> AskAsync(TimeSpan takes) => Permits.AskAsync(_lane, _clock, async () =>
    {
        await Task.Delay(takes);
        return Answer;
    });
}

using OrleansBsp.Core.Messages;
using OrleansBsp.Core.Pacing;
using OrleansBsp.Core.PhoneNumbers;
using OrleansBsp.Server.Meta;
using OrleansBsp.Server.PhoneNumbers;

namespace OrleansBsp.Server.Tests.PhoneNumbers;

public sealed class SendLaneTests : IDisposable
{
    private const int Limit = 80;
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private readonly SendClock _clock = new();
    private readonly SendLane _lane;

    public SendLaneTests() => _lane = _clock.LaneOf(new PhoneNumberId("106540352242922"));

    [Fact]
    public async Task Throttled_CampaignsRestAndRepliesGo()
    {
        _lane.HoldCampaignsUntil(_clock.Now + Hour);
        var ofCampaign = Grant();
        var reply = new Message();
        _lane.EnqueueReply(reply, new PermitGrant(1, _clock.Now, TimeSpan.Zero), Limit);

        await reply.Started;
        Assert.False(ofCampaign.Started.IsCompleted);
        Assert.Equal(1, _lane.Waiting);

        _lane.StartDue(_clock.Now + 2 * Hour);
        await ofCampaign.Started;
    }

    [Fact]
    public async Task Stopped_NothingGoes()
    {
        _lane.HoldUntil(_clock.Now + Hour);
        var ofCampaign = Grant();
        var reply = new Message();
        _lane.EnqueueReply(reply, new PermitGrant(1, _clock.Now, TimeSpan.Zero), Limit);

        _lane.StartDue(_clock.Now + Hour / 2);
        Assert.Equal(2, _lane.Waiting);

        _lane.StartDue(_clock.Now + 2 * Hour);
        await reply.Started;
        _lane.StartDue(_clock.Now + 3 * Hour);
        await ofCampaign.Started;
    }

    [Theory, InlineData(true), InlineData(false)]
    public void Late_IsOfTheOldestWhoeverWaits(bool replyIsOlder)
    {
        _lane.HoldUntil(_clock.Now + Hour);
        Assert.Equal(TimeSpan.Zero, _lane.Late);
        var (reply, ofCampaign) = replyIsOlder ? (Hour / 2, Hour / 4) : (Hour / 4, Hour / 2);
        _lane.EnqueueReply(new Message(), new PermitGrant(1, _clock.Now - reply, TimeSpan.Zero), Limit);
        Assert.InRange(_lane.Late, reply, Hour);
        _lane.Enqueue([new Message()], new PermitGrant(1, _clock.Now - ofCampaign, TimeSpan.Zero), Limit);
        Assert.InRange(_lane.Late, Hour / 2, Hour);
    }

    [Fact]
    public void Late_BeforeItsMoment_IsNothing()
    {
        _lane.EnqueueReply(new Message(), new PermitGrant(1, _clock.Now + Hour, TimeSpan.Zero), Limit);
        Assert.Equal(TimeSpan.Zero, _lane.Late);
    }

    /// <summary>A number must know that it is under way for longer than it would assume by itself, and does not have to hear it at each look.</summary>
    [Fact]
    public async Task TakeArrivals_NoAnswer_SaysEverySecondThatTheRequestIsOnItsWay()
    {
        var message = new Message();
        var before = _clock.Now;
        _lane.EnqueueReply(message, new PermitGrant(1, before, TimeSpan.Zero, First: 7), Limit);
        await message.Started;
        Assert.True(_lane.TakeArrivals(out _).OnTheirWay!.Length == 0 || _clock.Now - before >= TimeSpan.FromSeconds(1), "it says so within the first second");
        foreach (var _ in (int[])[1, 2])
        {
            var report = await Wait.UntilAsync(() => Task.FromResult(_lane.TakeArrivals(out var _)), report => report.OnTheirWay!.Length > 0, "it says that the request is on its way");
            Assert.Equal([7L], report.OnTheirWay!);
            Assert.Empty(report.Permits);
            Assert.Empty(_lane.TakeArrivals(out var nothingLeft).OnTheirWay!);
            Assert.False(nothingLeft);
        }

        Assert.True(_lane.IsSilent);
    }

    /// <summary>Meta may count a request whose headers have left, though its body was forbidden: only one that was never written gives its permit back.</summary>
    [Theory, InlineData(true), InlineData(false)]
    public async Task NotSent_ItsHeadersHaveLeft_KeepsItsPlace(bool headersHaveLeft)
    {
        var message = new UnsentMessage(headersHaveLeft);
        _lane.EnqueueReply(message, new PermitGrant(1, _clock.Now, TimeSpan.Zero, First: 7), Limit);
        await message.Finished;
        if (!headersHaveLeft)
        {
            Assert.Equal([7L], _lane.TakeArrivals(out var nothingLeft).Permits);
            Assert.True(nothingLeft);
            return;
        }

        var report = await Wait.UntilAsync(() => Task.FromResult(_lane.TakeArrivals(out var _)), report => report.OnTheirWay!.Length > 0, "it says that the request is on its way");
        Assert.Equal([7L], report.OnTheirWay!);
        Assert.Empty(report.Permits);
    }

    public void Dispose() => _clock.Dispose();

    private Message Grant()
    {
        var message = new Message();
        _lane.Enqueue([message], new PermitGrant(1, _clock.Now, TimeSpan.FromSeconds(1.0 / Limit)), Limit);
        return message;
    }

    /// <summary>Could not be written before its time was over.</summary>
    /// <param name="headersHaveLeft">By then its body was asked for; else it still waited for a connection.</param>
    private sealed class UnsentMessage(bool headersHaveLeft) : OutgoingMessage
    {
        private readonly TaskCompletionSource _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Finished => _finished.Task.WaitAsync(TimeSpan.FromSeconds(30));

        protected override async Task<SendOutcome> PostAsync()
        {
            if (headersHaveLeft) await Wait.UntilAsync(() => Task.FromResult(((IPosted)this).MayBeWritten()), may => !may, "it is too late to write it");
            return SendOutcome.NotSent("too late", jitter: 0);
        }

        protected override void Finish(SendOutcome outcome) => _finished.SetResult();
    }

    private sealed class Message : OutgoingMessage
    {
        private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Started => _started.Task.WaitAsync(TimeSpan.FromSeconds(30));

        // Never ends: these tests start messages hours ahead of the clock, and such an end would come before its start.
        protected override Task<SendOutcome> PostAsync()
        {
            _started.SetResult();
            return new TaskCompletionSource<SendOutcome>().Task;
        }

        protected override void Finish(SendOutcome outcome)
        {
        }
    }
}

using OrleansBsp.Core.Messages;
using OrleansBsp.Core.Pacing;
using OrleansBsp.Core.PhoneNumbers;

namespace OrleansBsp.Server.PhoneNumbers;

/// <summary>
/// The one door of this process through which a number's messages leave: at the moments that were granted, replies first, and
/// never more than the limit in any second (<see cref="SendWindow"/>).
/// </summary>
/// <remarks>Guarded by its own lock; filled by campaigns and conversations, emptied by the <see cref="SendClock"/>'s thread.</remarks>
public sealed class SendLane(PhoneNumberId number, SendClock clock)
{
    // How late Meta may see a request that it has not answered: Linux gives up a connection on which nothing is acknowledged after 15.4 to 17.4 minutes, and nothing of
    // it arrives after that. Longer costs nothing while anything is answered. Shorter breaks the limit when a way is silent for longer and then delivers.
    private static readonly TimeSpan ArrivalGuard = TimeSpan.FromMinutes(18);

    // Requests that are on their way for so long are told of, so often: a number assumes the arrival of those of which it hears nothing for five seconds.
    private static readonly TimeSpan TellAgain = TimeSpan.FromSeconds(1);

    // And for so long: where nothing more is sent, nothing will ever be heard of them, and other processes that send for the number lose their places meanwhile.
    private static readonly TimeSpan TellFor = TimeSpan.FromMinutes(1);

    // A request is written no later after its moment, or not at all. Others may send for the number meanwhile: of a process that tells nothing for 5 s
    // the number assumes that all has arrived, and who takes the number over from a lost process grants 2.9 s after its last permit.
    private static readonly TimeSpan LatestStart = TimeSpan.FromSeconds(2.5);

    // What is started must be written by then. A request whose headers have left and whose body is forbidden counts at Meta, perhaps, and is for nothing.
    private static readonly TimeSpan ToBeWritten = TimeSpan.FromMilliseconds(250);

    // After a word of Meta's that we are too fast. The number's own answer to it comes a little later, and is longer.
    private static readonly TimeSpan FirstRest = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    // A cold process, or a cold way to Meta, must not be given a second's worth of requests at once: so many may be unheard of at
    // first, and one more with each answer.
    private const int UnheardAtFirst = 32;

    // So long may ordinary answers take, and five times the shortest seen: more requests than come back in that time are not started,
    // once the process's share (SendClock.ShareUnheard) is used up. When answers are slow because this machine is, further requests
    // would only wait.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(25);

    // Campaigns are granted up to a slot and a half ahead.
    private static readonly TimeSpan MostWaiting = PhoneNumberGrain.Slot * 1.5;

    private readonly Lock _lock = new();
    private readonly SendWindow _window = new(1, ArrivalGuard, clock.RoundTrips);
    private readonly PriorityQueue<OutgoingMessage, TimeSpan> _granted = new();
    private readonly Queue<OutgoingMessage> _replies = new();
    private readonly RateMeter _meter = new();
    private readonly List<Told> _toTell = [];
    private TimeSpan _holdUntil = TimeSpan.MinValue;
    private TimeSpan _holdCampaignsUntil = TimeSpan.MinValue;
    private int _warmUp = UnheardAtFirst;
    private long _started;

    public PhoneNumberId Number => number;

    /// <summary>Messages waiting for their moment.</summary>
    public int Waiting
    {
        get { lock (_lock) return _granted.Count + _replies.Count; }
    }

    /// <summary>Messages that have left since this lane was made.</summary>
    public long Started
    {
        get { lock (_lock) return _started; }
    }

    /// <summary>Requests of which nothing is known yet: neither they nor later ones were answered.</summary>
    public int Unheard
    {
        get { lock (_lock) return _window.Unheard; }
    }

    /// <summary>Age of the oldest of them.</summary>
    public TimeSpan UnheardFor
    {
        get { lock (_lock) return _window.OldestUnheard is { } start ? clock.Now - start : TimeSpan.Zero; }
    }

    /// <summary>Permits of whose arrival the number is still to be told.</summary>
    public int Untold
    {
        get { lock (_lock) return _toTell.Count; }
    }

    /// <summary>How long ago the oldest of them left.</summary>
    public TimeSpan UntoldFor
    {
        get { lock (_lock) return _toTell.Count > 0 ? clock.Now - _toTell[0].Since : TimeSpan.Zero; }
    }

    /// <summary>How long the moment of the oldest waiting message is over, be it a campaign's or a reply.</summary>
    public TimeSpan Late
    {
        get
        {
            lock (_lock)
            {
                var now = clock.Now;
                var oldest = _granted.TryPeek(out _, out var moment) ? moment : now;
                if (_replies.TryPeek(out var reply) && reply.Moment < oldest) oldest = reply.Moment;
                return oldest < now ? now - oldest : TimeSpan.Zero;
            }
        }
    }

    /// <summary>
    /// More is waiting than was granted for the next moments, because answers are slow and their places are still taken. More must
    /// not be released: it would go out long after a pause, and be uncertain after a crash.
    /// </summary>
    public bool IsBehind
    {
        get { lock (_lock) return _granted.Count > (_window.IsSilent(clock.Now) ? 0 : Math.Max(2, _window.Limit * MostWaiting.TotalSeconds)); }
    }

    /// <summary>Meta has not been answering for a while: single messages try the way.</summary>
    public bool IsSilent
    {
        get { lock (_lock) return _window.IsSilent(clock.Now); }
    }

    /// <summary>Messages started in the last full second.</summary>
    public int SentPerSecond
    {
        get { lock (_lock) return _meter.PerSecond(clock.Now); }
    }

    /// <param name="limit">Messages per second that may leave here.</param>
    public void Enqueue(ReadOnlySpan<OutgoingMessage> messages, PermitGrant grant, int limit)
    {
        lock (_lock)
        {
            _window.Limit = limit;
            for (var index = 0; index < messages.Length; index++)
            {
                Take(messages[index], grant, index);
                _granted.Enqueue(messages[index], grant.MomentOf(index));
            }
        }

        clock.Wake(this);
    }

    /// <summary>A reply or single send: goes before everything else.</summary>
    /// <param name="grant">Of one permit.</param>
    public void EnqueueReply(OutgoingMessage message, PermitGrant grant, int limit)
    {
        lock (_lock)
        {
            Take(message, grant, 0);
            _window.Limit = limit;
            _replies.Enqueue(message);
        }

        clock.Wake(this);
    }

    /// <summary>Everything would be refused: nothing leaves before <paramref name="until"/>.</summary>
    public void HoldUntil(TimeSpan until)
    {
        lock (_lock) _holdUntil = until > _holdUntil ? until : _holdUntil;
    }

    /// <summary>
    /// Meta asked for a slower pace: no campaign's message leaves before <paramref name="until"/>. Replies do; they are few, and while
    /// campaigns rest the number's throughput is theirs.
    /// </summary>
    public void HoldCampaignsUntil(TimeSpan until)
    {
        lock (_lock) _holdCampaignsUntil = until > _holdCampaignsUntil ? until : _holdCampaignsUntil;
    }

    /// <summary>These permits will not be used.</summary>
    /// <param name="first">0: nobody needs to know.</param>
    public void Spare(long first, int count)
    {
        if (first == 0 || count <= 0) return;
        lock (_lock)
        {
            for (var index = 0; index < count; index++) Tell(new Told(first + index, null, clock.Now) { WasNotPosted = true });
        }
    }

    /// <summary>What can be told of permits since it was asked last.</summary>
    /// <param name="nothingLeft">True: nothing will be to be told before another message has left.</param>
    internal ArrivalReport TakeArrivals(out bool nothingLeft)
    {
        lock (_lock)
        {
            var now = clock.Now;
            _window.Leave(now);
            List<long> permits = [];
            List<TimeSpan> ages = [];
            List<long> onTheirWay = [];
            _toTell.RemoveAll(told =>
            {
                var latest = told.WasNotPosted ? now - Second : told.Place is { } place ? _window.LatestArrivalOf(place) : null;
                if (latest is null)
                {
                    if (now - told.Since > TellFor) return true;
                    if (now - told.LastTold < TellAgain) return false;
                    told.LastTold = now;
                    onTheirWay.Add(told.Permit);
                    return false;
                }

                permits.Add(told.Permit);
                ages.Add(now - latest.Value);
                return true;
            });
            nothingLeft = _toTell.Count == 0;
            return new ArrivalReport([.. permits], [.. ages], [.. onTheirWay]);
        }
    }

    /// <summary>Whether a message that was started may be posted now: the process may have stood still meanwhile.</summary>
    internal bool MayStillGo(OutgoingMessage message) => clock.Now < message.Deadline - ToBeWritten;

    /// <summary>Whether its body may be written now; its headers have left.</summary>
    internal bool MayBeWritten(OutgoingMessage message, SendWindow.Place place)
    {
        var now = clock.Now;
        place.Writing(now);
        message.HasLeft |= now >= message.Deadline;
        return !message.HasLeft;
    }

    /// <summary>The request of the message in this place has been handed to the network.</summary>
    internal void Written(SendWindow.Place place) => place.Written(clock.Now);

    /// <summary>The message's request has ended, with an answer of Meta or without (then it may not have been posted at all).</summary>
    internal void Ended(OutgoingMessage message, SendWindow.Place place, SendOutcome outcome)
    {
        if (outcome.Problem is { Rule.Class: MetaErrorClass.SlowDown }) HoldCampaignsUntil(clock.Now + FirstRest);
        lock (_lock)
        {
            var hasNotLeft = outcome.IsUnposted && !message.HasLeft;
            if (message.Permit != 0 && hasNotLeft)
                foreach (var told in _toTell.Where(told => told.Permit == message.Permit)) told.WasNotPosted = true;
            if (!outcome.IsAnswer)
            {
                if (hasNotLeft) _window.NotPosted(place);
                else _window.Failed(place, clock.Now);
                return;
            }

            _window.Answered(place, clock.Now);
            if (_warmUp < _window.Limit) _warmUp++;
        }
    }

    /// <summary>Starts what is due. Called by the clock's thread only.</summary>
    /// <returns>False when nothing is waiting any more.</returns>
    internal bool StartDue(TimeSpan now)
    {
        lock (_lock)
        {
            while (now >= _holdUntil && NextDue(now) is { } message)
            {
                if (_window.TryEnter(now) is not { } place) break;
                if (_replies.TryPeek(out var reply) && reply == message) _replies.Dequeue();
                else _granted.Dequeue();
                _meter.Count(now);
                _started++;
                if (message.Permit != 0) Tell(new Told(message.Permit, place, now));
                message.Start(this, place);
            }

            return _replies.Count + _granted.Count > 0;
        }
    }

    private static void Take(OutgoingMessage message, PermitGrant grant, int index) =>
        (message.Permit, message.Moment, message.Deadline) = (grant.PermitOf(index), grant.MomentOf(index), grant.MomentOf(index) - grant.Late + LatestStart);

    private void Tell(Told told)
    {
        _toTell.Add(told);
        if (_toTell.Count == 1) clock.HasToTell(this);
    }

    private int MayBeUnheard
    {
        get
        {
            if (clock.RoundTrips.Shortest is not { } shortest) return _warmUp;
            var ordinary = (int)(_window.Limit * (Patience + 5 * shortest).TotalSeconds);
            return Math.Min(_warmUp, Math.Max(Math.Max(UnheardAtFirst, clock.ShareUnheard), ordinary));
        }
    }

    private OutgoingMessage? NextDue(TimeSpan now)
    {
        if (_replies.TryPeek(out var reply) && reply.Moment <= now) return reply;
        if (now < _holdCampaignsUntil || !_granted.TryPeek(out var message, out var moment) || moment > now) return null;
        return _window.Unheard < MayBeUnheard ? message : null;
    }

    /// <summary>A permit whose arrival is to be told.</summary>
    private sealed record Told(long Permit, SendWindow.Place? Place, TimeSpan Since)
    {
        public bool WasNotPosted { get; set; }

        public TimeSpan LastTold { get; set; } = Since;
    }
}

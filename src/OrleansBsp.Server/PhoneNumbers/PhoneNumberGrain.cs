using System.Diagnostics;
using OrleansBsp.Core.Pacing;
using OrleansBsp.Core.PhoneNumbers;
using OrleansBsp.Server.Cluster;

namespace OrleansBsp.Server.PhoneNumbers;

/// <inheritdoc cref="IPhoneNumberGrain"/>
/// <remarks>Turns never await (but for <see cref="Refresh"/>), so permits are granted one after another without locks.</remarks>
[Orleans.Placement.RandomPlacement]
[Orleans.GrainDirectory.GrainDirectory(PostgresDirectory.Name)]
[CollectionAgeLimit(Minutes = 5)]
public sealed class PhoneNumberGrain(PhoneNumberStore store, SendClock clock, ILocalSiloDetails silo, ILogger<PhoneNumberGrain> log)
    : Grain, IPhoneNumberGrain
{
    /// <summary>
    /// A campaign gets permits for at most this much time at once. Longer means fewer calls; shorter means fewer recipients
    /// released and unsent when a silo is killed: they become uncertain.
    /// </summary>
    internal static readonly TimeSpan Slot = TimeSpan.FromMilliseconds(100);

    // Of the limit, where several processes send: their messages arrive a little less evenly, and without some room each delay would shift all that follows.
    private const double ShareOfShared = 0.99;

    // So long a request may be on its way of which nobody says anything: its process was lost, or stands still. Longer takes more of the rate after a loss; shorter
    // breaks the limit when a process stands still for longer after it has posted.
    private static readonly TimeSpan ArrivalGuard = TimeSpan.FromSeconds(5);

    // A process that has asked so recently may still have permits, or requests on the way of which it has not told yet.
    private static readonly TimeSpan Recently = ArrivalGuard + TimeSpan.FromSeconds(2);

    // Places come free as soon as arrivals are told.
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(50);

    // The right of a former owner may be given back at any moment, though at first it seems to last for seconds.
    private static readonly TimeSpan LookForFormer = TimeSpan.FromMilliseconds(100);

    // Older versions do not say how they send. This is what they need if they do so by a queue, and harmless if not.
    private static readonly TimeSpan UnsaidLead = TimeSpan.FromMilliseconds(400);

    // What goes by a queue, any process sends.
    private const string AnyProcess = "any process";

    private readonly PermitSchedule _schedule = new(1);
    private readonly Dictionary<string, TimeSpan> _asked = [];
    private readonly AdaptiveRate _adaptive = new();
    private readonly FairShares _shares = new(active: TimeSpan.FromMilliseconds(500));
    private readonly RateMeter _granted = new();
    private readonly RateMeter _replies = new();
    private readonly RateMeter _repliesAsked = new();
    private readonly Dictionary<long, TimeSpan> _toldBefore = [];
    private SharedWindow? _window;
    private bool _hasBegun;
    private bool _isShared;
    private TimeSpan _lead; // one for all: moments are handed out in their order, and behind those that one takes farther ahead there are none left for the others
    private GrantRight? _right;
    private PhoneNumberRow? _row;
    private volatile NumberSeen? _seen;

    /// <summary>For measures; read from any thread.</summary>
    internal NumberSeen Seen => _seen ?? new NumberSeen(0, "", 0, 0, 1, "");

    private PhoneNumberId Number => new(this.GetPrimaryKeyString()["p:".Length..]);

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        await Refresh(); // before anything is taken: an activation that fails gives nothing back
        _right = await GrantRight.TakeAsync(Number, silo.Name, store, clock, DeactivateOnIdle, cancellationToken)
            ?? throw new KeyNotFoundException($"There is no phone number {Number}.");
        _window = new SharedWindow(_right.Epoch << 32, ArrivalGuard); // numbers of permits begin with the epoch: what another granted is not taken for ours
        PhoneNumberMetrics.Add(this);
        log.NumberTaken(Number.Value, _right.Epoch, _right.WaitAt(clock.Now).TotalMilliseconds);
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        PhoneNumberMetrics.Remove(this);
        if (_right is null) return;
        if (_window is not null)
        {
            Begin(); // if nothing was granted here, what those before us granted still counts
            _right.Arrivals = KnownArrivals.Of(_window, clock.Now);
        }

        await _right.DisposeAsync();
    }

    public Task<PermitAnswer> AskPermits(long campaignId, int want, string process, TimeSpan? lead)
    {
        var now = clock.Now;
        Asks(process, lead ?? UnsaidLead, now);
        var wait = _right!.Ask(now);
        ApplyRate(now);
        See(now);
        if (Obstacle(wait) is { } obstacle) return Task.FromResult(obstacle);

        var most = _shares.MostFor(campaignId, want, _schedule.PerSecond * Slot.TotalSeconds, now);
        // Ahead of the clock, so that the next slot is granted while the present one is being sent.
        var (from, horizon) = (now + _lead, _shares.LeavesRoom(campaignId) ? Slot : Slot * 1.5);
        // Who waits for a reply gets the places that come free first.
        var limit = Math.Max(1, _row!.Limit - Math.Min(_row.Limit / 4, _repliesAsked.PerSecond(now)));
        var grant = Grant(_schedule.Offer(from, most, horizon), limit, from + horizon, now, process);
        _schedule.Take(grant);
        _shares.Granted(campaignId, grant.Count);
        if (grant.Count > 0) return Task.FromResult(Answer(grant, now));
        // At random within a few milliseconds: campaigns that ask in step would find the slot taken by the same one each time.
        var again = Max(grant.Start - from - Slot, TimeSpan.Zero);
        if (_isShared && again > LookAgain) again = LookAgain;
        again += TimeSpan.FromMilliseconds(2 + 8 * Random.Shared.NextDouble());
        return Task.FromResult(new PermitAnswer(0, again, grant.Interval, _row!.Limit, LimitedBy(now)));
    }

    public Task<PermitAnswer> AskReplyPermit(string process)
    {
        var now = clock.Now;
        Asks(process, TimeSpan.Zero, now);
        if (Obstacle(_right!.Ask(now)) is { } obstacle) return Task.FromResult(obstacle);

        ApplyRate(now);
        // Within the reserved share a reply goes at once and campaigns wait a moment longer; beyond it, it queues like everybody.
        var reserved = _replies.PerSecond(now) < _row!.ReservedForReplies;
        _repliesAsked.Count(now);
        // Beyond it as far ahead as campaigns may take moments: they have all that are nearer.
        var longest = !_isShared ? TimeSpan.FromMinutes(1) : reserved ? Slot : _lead + Slot * 1.5;
        var offer = reserved ? new PermitGrant(1, now, _schedule.Interval) : _schedule.Offer(now, 1, longest);
        var grant = Grant(offer, _row.Limit, now + longest, now, process);
        if (grant.Count == 0) return Task.FromResult(new PermitAnswer(0, LookAgain * (0.5 + Random.Shared.NextDouble()), _schedule.Interval, _row.Limit, LimitedBy(now)));
        if (reserved) _schedule.Spend(now, 1);
        else _schedule.Take(grant);
        _replies.Count(now);
        return Task.FromResult(Answer(grant, now));
    }

    public Task ReportArrivals(ArrivalReport report)
    {
        var now = clock.Now;
        for (var index = 0; index < report.Permits.Length; index++)
        {
            var arrival = now - report.Ages[index];
            if (_hasBegun) _window!.Arrived(report.Permits[index], arrival);
            else _toldBefore[report.Permits[index]] = arrival;
        }

        foreach (var permit in report.OnTheirWay ?? []) _window!.StillOnItsWay(permit, now);
        return Task.CompletedTask;
    }

    public Task ReportThrottled()
    {
        var now = clock.Now;
        if (_adaptive.Throttled(now, Random.Shared.NextDouble()) is not { } until) return Task.CompletedTask;
        ApplyRate(now);
        _schedule.HoldUntil(until);
        clock.LaneOf(Number).HoldCampaignsUntil(until);
        See(now);
        PhoneNumberMetrics.Throttled(Number.Value);
        log.Throttled(Number.Value, _schedule.PerSecond);
        return Task.CompletedTask;
    }

    public Task ReportInbound(int count)
    {
        var now = clock.Now;
        ApplyRate(now); // of a number that was just activated nobody may have asked: at its first rate each would cost a second
        _schedule.Spend(now, count, TimeSpan.FromSeconds(1));
        return Task.CompletedTask;
    }

    public async Task Refresh()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        _row = await store.FindAsync(Number, limit.Token) ?? throw new KeyNotFoundException($"There is no phone number {Number}.");
    }

    public Task<PhoneNumberLive> GetLive()
    {
        var now = clock.Now;
        ApplyRate(now);
        return Task.FromResult(new PhoneNumberLive(silo.Name, _right!.Epoch, _schedule.PerSecond, _granted.PerSecond(now), LimitedByNow(now)));
    }

    private void ApplyRate(TimeSpan now) => _schedule.SetRate(Math.Max(0.1, _row!.Limit * _adaptive.FactorAt(now) * (_isShared ? ShareOfShared : 1)));

    /// <summary>Notes who sends for this number: while it is one process, its lane keeps the limit by itself, exactly and without losing anything.</summary>
    private void Asks(string? process, TimeSpan lead, TimeSpan now)
    {
        _asked[process ?? "another version"] = now; // older ones do not say their name
        if (lead > TimeSpan.Zero) (_asked[AnyProcess], _lead) = (now, Max(_lead, lead));
        if (_asked.Count > 1)
            foreach (var (name, at) in _asked)
                if (now - at > Recently) _asked.Remove(name);
        if (!_asked.ContainsKey(AnyProcess)) _lead = TimeSpan.Zero;
        _isShared = _asked.Count > 1 || _window!.IsAnyOnItsWay(now);
    }

    /// <summary>Grants what the present second has room for.</summary>
    private PermitGrant Grant(PermitGrant offer, int limit, TimeSpan until, TimeSpan now, string? process)
    {
        Begin();
        var grant = _isShared ? _window!.Fit(offer, limit, until) : offer;
        if (grant.Count == 0) return grant;
        var isTold = process is not null;
        var first = _window!.Enter(grant, now, isTold);
        _right!.GrantedUntil = Max(_right.GrantedUntil, grant.MomentOf(grant.Count));
        for (var index = 0; index < grant.Count; index++) _granted.Count(now);
        return isTold ? grant with { First = first } : grant;
    }

    private PermitAnswer Answer(PermitGrant grant, TimeSpan now) => new(grant.Count, grant.Start - now, grant.Interval, _row!.Limit, LimitedBy(now), grant.First);

    /// <summary>With the first permit: what the former activation granted still counts. Later than the activation, as it may end after that.</summary>
    private void Begin()
    {
        if (_hasBegun) return;
        _hasBegun = true;
        var (right, second) = (_right!, TimeSpan.FromSeconds(1));
        if (right.Former is var (arrivals, at))
        {
            var onTheirWay = _window!.OnTheirWay;
            _window = arrivals.ToWindow(ArrivalGuard, at, clock.Now);
            foreach (var permit in onTheirWay) _window.StillOnItsWay(permit, clock.Now);
        }
        else if (right.Epoch > 1)
        {
            // It may have granted everything until ours begin, to another process, and what it knew went with it.
            _window!.Enter(new PermitGrant(_row!.Limit, right.From - second, second / _row.Limit), right.From - second, isTold: false);
        }

        foreach (var (permit, arrival) in _toldBefore) _window!.Arrived(permit, arrival);
        _toldBefore.Clear();
        _asked[""] = clock.Now; // somebody, before us
        _isShared = true;
    }

    private void See(TimeSpan now) =>
        _seen = new NumberSeen(Stopwatch.GetTimestamp(), Number.Value, _row!.Limit, _schedule.PerSecond, _adaptive.FactorAt(now), LimitedByNow(now));

    /// <summary>An answer without permits, if none may be granted now.</summary>
    /// <param name="wait">For the right to grant.</param>
    private PermitAnswer? Obstacle(TimeSpan wait)
    {
        if (_right!.IsLost) return None(LimitingFactor.Moving, TimeSpan.FromMilliseconds(200)); // it ends as soon as it is idle
        if (_row!.CannotSend is { } reason) return None(reason, TimeSpan.FromSeconds(1)) with { IsStopped = true };
        return wait > TimeSpan.Zero ? None(LimitingFactor.FormerOwner, wait < LookForFormer ? wait : LookForFormer) : null;
    }

    /// <summary>For who only looks. Nothing is in the way of a number whose right rests.</summary>
    private string LimitedByNow(TimeSpan now) => Obstacle(_right!.IsResting ? TimeSpan.Zero : _right.WaitAt(now))?.LimitedBy ?? LimitedBy(now);

    private PermitAnswer None(string limitedBy, TimeSpan wait) => new(0, wait, TimeSpan.Zero, _row?.Limit ?? 1, limitedBy);

    private string LimitedBy(TimeSpan now) =>
        _adaptive.FactorAt(now) < 1 ? LimitingFactor.Throttled
        : _row!.MaxPerSecond < _row.Throughput ? LimitingFactor.OwnLimitOfNumber
        : LimitingFactor.Throughput;

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;
}

using System.Diagnostics;
using OrleansBsp.Core.Pacing;
using OrleansBsp.Server.Campaigns.Sending;
using OrleansBsp.Server.PhoneNumbers;
using OrleansBsp.Server.Storage;

namespace OrleansBsp.Server.Campaigns;

/// <summary>
/// Releases a running campaign's recipients slot by slot: asks the number for permits, commits the checkpoint, and only then puts
/// the messages on their way (<see cref="ICampaignDispatcher"/>). Messages to be repeated go before new ones.
/// </summary>
/// <remarks>
/// One loop, the only one that moves the checkpoint. After a crash everything released and unanswered is uncertain, so the
/// loop works at most about a slot and a half ahead of the clock.
/// </remarks>
internal sealed class CampaignReleaser(
    CampaignDispatch dispatch, CampaignLedger ledger, CampaignProgress progress, CampaignSender sender, CampaignRecorder recorder,
    ICampaignDispatcher dispatcher, RecipientReader recipients, IPhoneNumberGrain number, SendClock clock, CampaignOptions options, ILogger log)
{
    // While there is nothing to do, look again this often: a missed signal costs no more than this.
    private static readonly TimeSpan Idle = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan TokenAgain = TimeSpan.FromSeconds(2);

    // How long a stop waits to learn what became of a release; then its recipients are the next owner's uncertain ones.
    private static readonly TimeSpan AbandonAfter = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _signal = new(0, 1);
    private readonly Queue<DueRow> _due = new();
    private int _dueInHand; // taken from there, and not yet released or put back
    private readonly PermitSchedule? _own = dispatch.Campaign.MaxPerSecond is { } max ? new PermitSchedule(max) : null;
    private CancellationToken _abandon;
    private volatile bool _isRunning;
    private volatile string _limitedBy = "";
    private DateTimeOffset _askedAt; // these two of the loop only
    private DateTimeOffset _grantedAt;

    /// <summary>What keeps the campaign from sending faster at present; empty when it is not sending.</summary>
    public string LimitedBy => _isRunning ? _limitedBy : "";

    /// <summary>Whether recipients may be released. Takes effect before the next release.</summary>
    public void SetRunning(bool running)
    {
        _isRunning = running;
        Signal();
    }

    /// <summary>These messages may be sent again now.</summary>
    public void Repeat(IEnumerable<DueRow> due)
    {
        PutBack(due);
        Signal();
    }

    /// <summary>
    /// Messages given to <see cref="Repeat"/> of which it is not decided whether they are released. Until then the rows must not be read again: of two readings of one
    /// message the second would find the release of the first, take it for its own whose answer was lost, and send it once more.
    /// </summary>
    public int WaitingToRepeat
    {
        get { lock (_due) return _due.Count + _dueInHand; }
    }

    /// <summary>Runs until <paramref name="stop"/>, which it answers within a slot.</summary>
    /// <exception cref="OwnershipLostException">Another activation owns the campaign.</exception>
    public async Task RunAsync(CancellationToken stop)
    {
        using var abandon = new CancellationTokenSource();
        using var stopping = stop.Register(() => abandon.CancelAfter(AbandonAfter));
        _abandon = abandon.Token;
        for (var failures = 0; !stop.IsCancellationRequested;)
        {
            try
            {
                var wait = _isRunning ? await ReleaseSlotAsync(stop) : Idle;
                failures = 0;
                if (wait > TimeSpan.Zero) await _signal.WaitAsync(wait, stop);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure) when (IsPassing(failure))
            {
                // Before a release: nothing has happened. Releases themselves find out what became of them.
                log.ReleaseFailed(dispatch.Campaign.Id, failure.Message);
                _limitedBy = LimitingFactor.DatabaseOrClusterDown;
                await PauseAsync(failures++, stop);
            }
            finally
            {
                lock (_due) _dueInHand = 0;
            }
        }
    }

    /// <returns>How long to wait before the next slot; zero: not at all.</returns>
    private async Task<TimeSpan> ReleaseSlotAsync(CancellationToken stop)
    {
        if (!await dispatch.Access.HasTokenAsync(dispatch.Campaign.WabaId, stop)) return Limited(LimitingFactor.TokenUnreadable, TokenAgain);
        if (dispatch.Circuit.IsOpen) return Limited(LimitingFactor.NoAnswer, Idle);
        var isToBeTried = dispatch.Circuit.IsToBeTried;
        if (isToBeTried && sender.InFlight > 0) return Limited(LimitingFactor.NoAnswer, TimeSpan.FromMilliseconds(20)); // one is enough
        if (dispatcher.Obstacle is { } obstacle) return Limited(obstacle, TimeSpan.FromMilliseconds(20));
        if (sender.InFlight >= options.MaxInFlight) return Limited(LimitingFactor.Answers, TimeSpan.FromMilliseconds(20));
        if (recorder.Unrecorded >= options.MaxUnrecorded) return Limited(LimitingFactor.Unrecorded, TimeSpan.FromMilliseconds(20));

        var want = isToBeTried ? 1 : dispatcher.MostAtOnce;
        var repeat = TakeDue(want);
        var next = repeat.Count > 0 ? [] : await recipients.PeekAsync(want, stop);
        var available = Math.Max(repeat.Count, next.Count);
        if (available == 0) return Limited(LimitingFactor.NothingLeft, Idle);

        var own = _own?.Offer(clock.Now + dispatcher.Lead, available, PhoneNumberGrain.Slot * 1.5) ?? new PermitGrant(available, TimeSpan.Zero, TimeSpan.Zero);
        if (own.Count == 0)
        {
            PutBack(repeat);
            return Limited(LimitingFactor.OwnLimitOfCampaign, own.Start - dispatcher.Lead - clock.Now - PhoneNumberGrain.Slot);
        }

        _askedAt = dispatch.Clock.GetUtcNow();
        var (answer, given) = await Permits.AskAsync(Lane, clock, () => number.AskPermits(dispatch.Campaign.Id, own.Count, dispatch.Silo, dispatcher.Lead));
        _grantedAt = dispatch.Clock.GetUtcNow();
        _own?.Take(own with { Count = answer.Count }); // what the number does not grant is not spent
        var grant = given with { Start = Later(given.Start, own.Start), Interval = Longer(given.Interval, own.Interval) };
        _limitedBy = answer.Count > 0 && own.Interval > answer.Interval ? LimitingFactor.OwnLimitOfCampaign : answer.LimitedBy;
        if (answer.Count == 0)
        {
            PutBack(repeat);
            return answer.StartsIn;
        }

        if (repeat.Count > 0) await ReleaseAgainAsync(repeat, grant, answer.LimitPerSecond, stop);
        else await ReleaseNextAsync(next.GetRange(0, Math.Min(next.Count, answer.Count)), grant, answer.LimitPerSecond, stop);
        return TimeSpan.Zero;
    }

    private async Task ReleaseNextAsync(List<RecipientRow> batch, PermitGrant grant, int limit, CancellationToken stop)
    {
        // Not cancelled half-way: recipients of a checkpoint that moved without our knowing would be uncertain.
        SpareIfStopped(grant, stop);
        var (from, started) = (progress.ReleasedThrough, Stopwatch.GetTimestamp());
        var skipped = await FinishAsync(() => ledger.ReleaseAsync(from, batch, CancellationToken.None), () => ledger.SettleReleaseAsync(from, batch, CancellationToken.None));
        if (skipped is null)
        {
            _isRunning = false; // the campaign was stopped; its run says so, or knows why not
            Lane.Spare(grant.First, grant.Count);
            // With nothing in flight no other write would tell, and a superseded releaser would go on asking for permits.
            // A checkpoint that is not where we know it holds recipients of whom nobody knows: a new owner explains them.
            if (await ledger.ReadRunAsync(stop) is not { } run || run.ReleasedThrough != from) throw new OwnershipLostException($"campaign {dispatch.Campaign.Id}");
            return;
        }

        progress.Released(batch[^1].Position, skipped);
        recipients.Skip(batch.Count);
        CampaignMetrics.Released(batch.Count, started);
        Send([.. batch.Where(recipient => !skipped.Contains(recipient.Position))
            .Select(recipient => new ReleasedMessage(recipient.Position, 1, recipient.Phone, recipient.Values))], grant, limit);
    }

    private async Task ReleaseAgainAsync(List<DueRow> due, PermitGrant grant, int limit, CancellationToken stop)
    {
        SpareIfStopped(grant, stop);
        var batch = due.GetRange(0, Math.Min(due.Count, grant.Count));
        PutBack(due.Skip(batch.Count));
        var window = TimeSpan.FromSeconds(options.UncertainWindowSeconds);
        var released = await FinishAsync(
            () => ledger.ReleaseAgainAsync(batch, window, CancellationToken.None), () => ledger.SettleReleaseAgainAsync(batch, window, CancellationToken.None));
        Send([.. batch.Where(row => released.Contains(row.Position))
            .Select(row => new ReleasedMessage(row.Position, row.Attempt + 1, row.Phone, row.Values))], grant, limit);
    }

    /// <summary>
    /// Runs a release. If its answer is lost, asks what became of it for as long as it takes, or until a stop has waited long enough: only this activation knows which
    /// messages it meant, and that none of them has been sent.
    /// </summary>
    private async Task<T> FinishAsync<T>(Func<Task<T>> release, Func<Task<T>> find)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                return await (attempt == 0 ? release() : find());
            }
            catch (Exception failure) when (IsPassing(failure))
            {
                log.ReleaseFailed(dispatch.Campaign.Id, failure.Message);
                _limitedBy = LimitingFactor.DatabaseDown;
                await PauseAsync(attempt, _abandon);
                _abandon.ThrowIfCancellationRequested();
            }
        }
    }

    private void Send(ReleasedMessage[] messages, PermitGrant grant, int limit)
    {
        dispatch.Traces.Released(messages, _askedAt, _grantedAt);
        dispatcher.Dispatch(messages, grant, limit);
        Lane.Spare(grant.PermitOf(messages.Length), grant.Count - messages.Length);
    }

    private SendLane Lane => dispatch.SendClock.LaneOf(dispatch.PhoneNumber);

    private void SpareIfStopped(PermitGrant grant, CancellationToken stop)
    {
        if (!stop.IsCancellationRequested) return;
        Lane.Spare(grant.First, grant.Count);
        stop.ThrowIfCancellationRequested();
    }

    // Without a signal: there were no permits for them, and the wait for the next ones must not end at once.
    private void PutBack(IEnumerable<DueRow> due)
    {
        lock (_due)
        {
            foreach (var row in due) _due.Enqueue(row);
        }
    }

    private List<DueRow> TakeDue(int most)
    {
        var taken = new List<DueRow>();
        lock (_due)
        {
            while (taken.Count < most && _due.TryDequeue(out var row)) taken.Add(row);
            _dueInHand = taken.Count;
        }

        return taken;
    }

    private TimeSpan Limited(string by, TimeSpan wait)
    {
        _limitedBy = by;
        return wait > TimeSpan.Zero ? wait : TimeSpan.FromMilliseconds(1);
    }

    private void Signal()
    {
        lock (_signal)
            if (_signal.CurrentCount == 0) _signal.Release();
    }

    // Wider than Passing.Is: whatever the database says, nobody else can find out what became of a release.
    private static bool IsPassing(Exception failure) =>
        failure is Npgsql.NpgsqlException or TimeoutException or IOException or Orleans.Runtime.OrleansException;

    private static Task PauseAsync(int failures, CancellationToken stop) =>
        Task.Delay(Backoff.Ordinary.After(failures), TimeProvider.System, stop).ContinueWith(static _ => { }, TaskScheduler.Default);

    private static TimeSpan Later(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => Later(one, other);
}

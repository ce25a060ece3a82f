using OrleansBsp.Core.Campaigns;
using OrleansBsp.Core.Messages;
using OrleansBsp.Server.Campaigns.Sending;
using OrleansBsp.Server.Cluster;
using OrleansBsp.Server.Storage;

namespace OrleansBsp.Server.Campaigns;

/// <summary>
/// One campaign under one epoch, from the taking of the row to the loss or the end of the activation: the releaser, the sender and the
/// recorder, and a clockwork that starts what is scheduled, repeats what is due, applies the policy to what stays uncertain and
/// notices the end.
/// </summary>
/// <remarks>
/// Runs beside the grain's turns. The grain is its only caller; <see cref="State"/> mirrors the stored state and is changed after
/// the row was. When ownership is lost everything stops and <see cref="Ended"/> completes.
/// </remarks>
internal sealed class CampaignRun : IAsyncDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(500);

    // From the first wish to the end; the last part is the recorder's, for what has come in. While Meta hangs a campaign that moves stands for so long. Three seconds less were tried: a campaign that
    // goes on elsewhere in the midst of a silence made 401 of 400 when the line delivered everything (SilosSilentLineTests).
    private static readonly TimeSpan EndWithin = TimeSpan.FromSeconds(11);
    private static readonly TimeSpan RecordWithin = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan RecordAtLeast = TimeSpan.FromSeconds(1.5); // whatever the stop has left: a send that has happened should be stored

    private const int DueAtOnce = 1000;

    private readonly CampaignDefinition _campaign;
    private readonly CampaignLedger _ledger;
    private readonly CampaignProgress _progress;
    private readonly CampaignRecorder _recorder;
    private readonly CampaignSender? _sender;
    private readonly CampaignReleaser? _releaser;
    private readonly ICampaignDispatcher? _dispatcher;
    private readonly CampaignOptions _options;
    private readonly Drain _drain;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _loops = [];
    private volatile int _state;
    private bool _isDisposed;

    public CampaignRun(CampaignParts parts, CampaignRunRow row)
    {
        (_campaign, _ledger, _progress, _recorder) = (parts.Campaign, parts.Ledger, parts.Progress, parts.Recorder);
        (_sender, _releaser, _dispatcher) = (parts.Sender, parts.Releaser, parts.Dispatcher);
        (_options, _drain, _clock, _log) = (parts.Options, parts.Drain, parts.Clock, parts.Log);
        _recorder.Recorded = () => _ = TryCompleteAsync();
        SetState(row.CampaignState);
        CampaignMetrics.Add(this);
        Ended = RunAsync();
    }

    public CampaignState State => (CampaignState)_state;

    public string Number => _campaign.PhoneNumberId;

    /// <summary>Completes when the run has stopped by itself: another activation owns the campaign, or something broke.</summary>
    public Task Ended { get; }

    /// <summary>This run has stopped by itself, and with it the activation should end: another one owns the campaign, or something broke.</summary>
    public bool MustEnd { get; private set; }

    public int InFlight => _sender?.InFlight ?? 0;

    /// <summary>Answers of the last full second.</summary>
    public int SendingPerSecond => _sender?.PerSecond ?? 0;

    public string LimitedBy => _releaser?.LimitedBy ?? "";

    /// <summary>The row's state has been changed to this.</summary>
    public void SetState(CampaignState state)
    {
        _state = (int)state;
        _sender?.SetRunning(state == CampaignState.Running);
        _releaser?.SetRunning(state == CampaignState.Running);
    }

    /// <summary>Changes the stored state and the running one.</summary>
    public async Task<bool> ChangeStateAsync(CampaignState state, string? reason, CampaignState[] from, CancellationToken cancel)
    {
        if (!await _ledger.SetStateAsync(state, reason, from, cancel)) return false;
        SetState(state);
        _log.StateChanged(_campaign.Id, state.ToString(), reason ?? "asked for");
        return true;
    }

    /// <summary>Freezes the template with the campaign and leaves the draft state. The launched campaign needs another run: this one cannot send.</summary>
    public Task<bool> LaunchAsync(DateTime? startAt, TimeSpan? startWindow, string template, string category) =>
        _ledger.LaunchAsync(startAt, startWindow, template, category, CancellationToken.None);

    /// <summary>Goes on after a pause; the database decides whether the start is still to come.</summary>
    public async Task<bool> ResumeAsync()
    {
        if (!await _ledger.ResumeAsync(CancellationToken.None)) return false;
        await RereadStateAsync("resumed", CancellationToken.None);
        return true;
    }

    /// <summary>Merges statuses into this campaign's messages; completes when they are committed.</summary>
    /// <exception cref="OwnershipLostException">Another activation owns the campaign.</exception>
    public async Task ApplyAsync(IReadOnlyList<CampaignReceipt> receipts)
    {
        var released = await ReleasedAsync(receipts.Select(receipt => receipt.Position));
        var changes = new List<Change>(receipts.Count);
        foreach (var receipt in receipts)
            if (receipt.Position >= 1 && receipt.Position <= released && (receipt.TokenKey is null || receipt.TokenKey == _campaign.TokenKey))
                changes.Add(new StatusSeen(receipt));
        if (changes.Count < receipts.Count) _log.ForeignReceipts(_campaign.Id, receipts.Count - changes.Count);
        if (changes.Count > 0) await _recorder.AddAsync(changes);
    }

    /// <summary>Takes outcomes that other processes report; completes when they are committed. They may be of messages that a former owner released.</summary>
    /// <exception cref="OwnershipLostException">Another activation owns the campaign.</exception>
    public async Task HearAsync(IReadOnlyList<ReportedOutcome> outcomes)
    {
        var released = await ReleasedAsync(outcomes.Select(one => one.Position));
        var ours = outcomes.Where(one => one.Position >= 1 && one.Position <= released && one.TokenKey == _campaign.TokenKey).ToList();
        if (ours.Count < outcomes.Count) _log.ForeignReceipts(_campaign.Id, outcomes.Count - ours.Count);
        if (ours.Count == 0) return;
        var now = _clock.GetUtcNow();
        await (_sender is not null
            ? _sender.HearAsync(ours, one => _dispatcher!.Heard(one))
            : _recorder.AddAsync([.. ours.Select(one => new AttemptEnded(one.Position, one.Attempt, one.Phone, one.ToOutcome(), now, _options.MaxAttempts))]));
    }

    /// <summary>
    /// How far the campaign is released. Where somebody speaks of later positions than this run knows of, the row is asked: another activation may own the campaign and have
    /// released them, and what is said of them is for its ears.
    /// </summary>
    private async Task<int> ReleasedAsync(IEnumerable<int> positions)
    {
        var known = _progress.ReleasedThrough;
        if (positions.All(position => position <= known)) return known;
        return (await _ledger.ReadRunAsync(CancellationToken.None) ?? throw new OwnershipLostException($"campaign {_campaign.Id}")).ReleasedThrough;
    }

    /// <summary>Stops releasing, lets what is on its way finish (bounded), stores what is known.</summary>
    public async ValueTask DisposeAsync()
    {
        // Twice when a launched campaign's run could not be started after its draft's had ended; calls meanwhile still read from this one.
        if (_isDisposed) return;
        _isDisposed = true;
        CampaignMetrics.Remove(this);
        var (began, limit) = (_clock.GetTimestamp(), _drain.Limit(EndWithin, Drain.GrainsWithin));
        await _stop.CancelAsync();
        await Ended.ContinueWith(static _ => { }, TaskScheduler.Default);
        while (_dispatcher is { MustBeAwaited: > 0 } && !_recorder.Lost.IsCompleted && _clock.GetElapsedTime(began) < limit - RecordWithin)
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, CancellationToken.None);
        await _recorder.EndAsync(Longer(limit - _clock.GetElapsedTime(began), RecordAtLeast));
        _stop.Dispose();
    }

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private async Task RunAsync()
    {
        await Task.Yield();
        if (_releaser is not null) _loops.Add(_releaser.RunAsync(_stop.Token));
        _loops.Add(TickAsync(_stop.Token));
        _loops.Add(_recorder.Lost.WaitAsync(_stop.Token));
        try
        {
            await await Task.WhenAny(_loops);
        }
        catch (OwnershipLostException)
        {
            _log.OwnershipLost(_campaign.Id);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            return;
        }
        catch (Exception failure)
        {
            // A bug. The next activation starts from the rows, as after a crash.
            _log.RunFailed(_campaign.Id, failure);
        }
        finally
        {
            _releaser?.SetRunning(false);
            await _stop.CancelAsync();
            await Task.WhenAll(_loops).ContinueWith(static _ => { }, TaskScheduler.Default);
        }

        MustEnd = true;
    }

    private async Task TickAsync(CancellationToken stop)
    {
        while (true)
        {
            try
            {
                if (State == CampaignState.Scheduled && await _ledger.StartIfDueAsync(stop)) await RereadStateAsync("its time has come", stop);
                if (_dispatcher is not null) await _dispatcher.FindLostAsync(stop);
                await HandleDueAsync(stop);
                await TryCompleteAsync();
                // A releaser that found the row not running stands still; if the row does run, it goes on here.
                if (State == CampaignState.Running) _releaser?.SetRunning(true);
            }
            catch (Exception failure) when (failure is Npgsql.NpgsqlException or TimeoutException or IOException)
            {
                _log.ReleaseFailed(_campaign.Id, failure.Message);
            }

            await Task.Delay(Tick * (0.9 + 0.2 * Random.Shared.NextDouble()), TimeProvider.System, stop);
        }
    }

    private async Task RereadStateAsync(string why, CancellationToken stop)
    {
        var row = await _ledger.ReadRunAsync(stop) ?? throw new OwnershipLostException($"campaign {_campaign.Id}");
        SetState(row.CampaignState);
        _log.StateChanged(_campaign.Id, row.State, row.StateReason ?? why);
    }

    /// <summary>Messages whose timer has run out: repeated, settled by policy, or given up.</summary>
    private async Task HandleDueAsync(CancellationToken stop)
    {
        if (State is CampaignState.Draft or CampaignState.Scheduled || _releaser is { WaitingToRepeat: > 0 }) return;
        PendingKind[] kinds = State is CampaignState.Paused ? [PendingKind.Uncertain] : [PendingKind.Uncertain, PendingKind.Retry];
        var due = await _ledger.ReadDueAsync(kinds, State == CampaignState.Cancelled, DueAtOnce, stop);
        if (due.Count == 0) return;

        var now = _clock.GetUtcNow();
        var changes = due.Where(row => row.Kind == PendingKind.Uncertain).Select(row => Settle(row, now)).ToList();
        var repeat = new List<DueRow>();
        foreach (var row in due.Where(row => row.Kind == PendingKind.Retry))
        {
            if (State == CampaignState.Cancelled) changes.Add(new GivenUp(row.Position, MessageState.Cancelled, "the campaign was cancelled", now));
            else if (row.OptedOut == "all" || (row.OptedOut == "marketing" && _campaign.IsMarketing))
                changes.Add(new GivenUp(row.Position, MessageState.Skipped, MessageStates.OptedOut, now));
            else repeat.Add(row);
        }

        if (changes.Count > 0) await _recorder.AddAsync(changes).WaitAsync(stop);
        if (repeat.Count > 0) _releaser?.Repeat(repeat);
    }

    /// <summary>The written policy (design 4.7): marketing is never sent again; others once, if the operator chose so.</summary>
    private Change Settle(DueRow row, DateTimeOffset now) =>
        !_campaign.IsMarketing && _campaign.ResendUncertain && row.Attempt == 1 && State is CampaignState.Running
            ? new SentAgainByPolicy(row.Position, row.Attempt, now)
            : new GivenUp(row.Position, MessageState.Unknown, "no status came in time", now);

    private async Task TryCompleteAsync()
    {
        if (State != CampaignState.Running || _progress.ReleasedThrough < _progress.Planned || InFlight > 0 || _recorder.Unrecorded > 0) return;
        try
        {
            if (await _ledger.CompleteAsync(CancellationToken.None))
            {
                SetState(CampaignState.Completed);
                _log.StateChanged(_campaign.Id, "Completed", "every recipient is explained");
            }
        }
        catch (Exception failure) when (failure is Npgsql.NpgsqlException or TimeoutException or IOException)
        {
            // The next tick tries again.
        }
    }
}

/// <summary>What a run is made of.</summary>
/// <param name="Sender">Null, like <paramref name="Releaser"/> and <paramref name="Dispatcher"/>, when nothing can be sent any more: only receipts are applied.</param>
internal sealed record CampaignParts(
    CampaignDefinition Campaign, CampaignLedger Ledger, CampaignProgress Progress, CampaignRecorder Recorder,
    CampaignSender? Sender, CampaignReleaser? Releaser, ICampaignDispatcher? Dispatcher, CampaignOptions Options, Drain Drain, TimeProvider Clock, ILogger Log);

using System.Net.Http.Headers;
using Orleans.Concurrency;
using OrleansBsp.Core.Campaigns;
using OrleansBsp.Core.Messages;
using OrleansBsp.Core.PhoneNumbers;
using OrleansBsp.Server.Accounts;
using OrleansBsp.Server.Campaigns.Sending;
using OrleansBsp.Server.Cluster;

namespace OrleansBsp.Server.Campaigns;

/// <inheritdoc cref="ICampaignGrain"/>
/// <remarks>
/// Reentrant: the grain is a thin shell around a <see cref="CampaignRun"/>, which has its own guards. Receipts wait for their commit
/// while commands and further receipts come in; a pause must not queue behind a write. Commands change the stored row under
/// the epoch and are decided there, so two of them cannot both win.
/// </remarks>
[Reentrant]
[Orleans.Placement.RandomPlacement]
[Orleans.GrainDirectory.GrainDirectory(PostgresDirectory.Name)]
[CollectionAgeLimit(Minutes = 10)]
public sealed class CampaignGrain(
    CampaignStore store, CampaignFactory factory, Preflight preflight, AccountStop stop, ILocalSiloDetails silo, ILogger<CampaignGrain> log) : Grain, ICampaignGrain
{
    private CampaignRun? _run;
    private long _epoch;
    private PhoneNumberId _number;

    private CampaignId Campaign => new(long.Parse(this.GetPrimaryKeyString().AsSpan("c:".Length), System.Globalization.CultureInfo.InvariantCulture));

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        // First of all, before any turn: whoever still runs elsewhere can write nothing from here on.
        _epoch = await store.TakeAsync(Campaign, silo.Name, cancellationToken)
            ?? throw new KeyNotFoundException($"There is no campaign {Campaign}.");
        await StartRunAsync(cancellationToken);
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        if (_run is not null) await _run.DisposeAsync();
    }

    public async Task<CommandResult> Launch(DateTime? startAt, int? startWindowMinutes)
    {
        var state = Run.State;
        if (state is CampaignState.Scheduled or CampaignState.Running) return Done();
        if (state.After(CampaignCommand.Launch) is null) return Impossible("launch", "only a draft can be launched; make a new campaign to send it again");

        var check = await preflight.CheckAsync(Campaign, CancellationToken.None);
        if (check.Problems.Length > 0) return new CommandResult(Text(state), check.Problems);
        var window = startWindowMinutes is { } minutes ? TimeSpan.FromMinutes(minutes) : (TimeSpan?)null;
        try
        {
            if (!await Run.LaunchAsync(startAt, window, check.TemplateJson, check.Category)) return await LostRaceAsync("launch");
            // The template is frozen now: the run that sends is built from the row as it is.
            await _run!.DisposeAsync();
            await StartRunAsync(CancellationToken.None);
            log.StateChanged(Campaign.Value, Run.State.ToString(), "launched");
        }
        catch
        {
            DeactivateOnIdle(); // whether or not it was launched, the next activation starts from the row
            throw;
        }

        return Done();
    }

    public Task<CommandResult> Pause(string reason) =>
        ChangeAsync(CampaignCommand.Pause, "pause", reason, [CampaignState.Scheduled, CampaignState.Running], "only a scheduled or running campaign can be paused");

    public async Task<CommandResult> Resume()
    {
        if (Run.State is CampaignState.Running or CampaignState.Scheduled) return Done();
        if (Run.State != CampaignState.Paused) return Impossible("resume", "only a paused campaign can be resumed");
        return await Run.ResumeAsync() ? Done() : await LostRaceAsync("resume");
    }

    public Task<CommandResult> Cancel() => ChangeAsync(
        CampaignCommand.Cancel, "cancel", "cancelled by an operator",
        [CampaignState.Draft, CampaignState.Scheduled, CampaignState.Running, CampaignState.Paused], "it has ended");

    public Task Wake() => Task.CompletedTask; // the activation itself is what was wanted

    public Task ApplyReceipts(CampaignReceiptBatch batch) => Run.ApplyAsync(batch.Receipts);

    public Task ReportOutcomes(OutcomeBatch batch) => Run.HearAsync(batch.Outcomes);

    public Task<CampaignLive> GetLive() => Task.FromResult(new CampaignLive(Run.InFlight, Run.LimitedBy, silo.Name, _epoch, Run.SendingPerSecond));

    private CampaignRun Run => _run ?? throw new InvalidOperationException("The campaign is not active.");

    private async Task StartRunAsync(CancellationToken cancel)
    {
        var definition = (await store.FindDefinitionAsync(Campaign, cancel))!;
        var row = (await store.FindRunAsync(Campaign, cancel))!;
        _number = new PhoneNumberId(definition.PhoneNumberId);
        _run = await factory.StartAsync(definition, row, _epoch, OnFault, cancel);
        log.CampaignTaken(Campaign.Value, _epoch, row.ReleasedThrough, row.Planned, row.State);
        var run = _run;
        _ = run.Ended.ContinueWith(_ => { if (run == _run && run.MustEnd) DeactivateOnIdle(); }, TaskScheduler.Current);
    }

    /// <summary>Called from the sender, outside the grain's turns.</summary>
    private void OnFault(SendFault fault, AuthenticationHeaderValue? token) => _ = stop.HandleAsync(_number, fault, token, reason => Run.ChangeStateAsync(
        CampaignState.Paused, reason, [CampaignState.Running], CancellationToken.None));

    private async Task<CommandResult> ChangeAsync(CampaignCommand command, string name, string? reason, CampaignState[] from, string rule)
    {
        var state = Run.State;
        if (state.After(command) is not { } target) return Impossible(name, rule);
        if (target == state) return Done();
        return await Run.ChangeStateAsync(target, reason, from, CancellationToken.None) ? Done() : await LostRaceAsync(name);
    }

    private async Task<CommandResult> LostRaceAsync(string command)
    {
        var row = await store.FindRunAsync(Campaign, CancellationToken.None);
        // A draft's run cannot send, whoever has launched the campaign: a request whose answer was lost.
        if (row is null || row.Epoch != _epoch || _run is not { State: not CampaignState.Draft }) DeactivateOnIdle();
        else _run.SetState(row.CampaignState);
        return Impossible(row?.CampaignState ?? CampaignState.Draft, command, "its state has just changed; look at it again");
    }

    private CommandResult Done() => new(Text(Run.State), []);

    private CommandResult Impossible(string command, string rule) => Impossible(Run.State, command, rule);

    private CommandResult Impossible(CampaignState state, string command, string rule) => new(
        Text(state), [new CommandProblem("", "wrong-state", $"Campaign {Campaign} is {Text(state)} and cannot {command}: {rule}.")]);

    private static string Text(CampaignState state) => state.ToString().ToLowerInvariant();
}

using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.Extensions.Options;
using OrleansBsp.Core.Campaigns;
using OrleansBsp.Core.Messages;
using OrleansBsp.Core.PhoneNumbers;
using OrleansBsp.Core.Templates;
using OrleansBsp.Server.Accounts;
using OrleansBsp.Server.Campaigns.Sending;
using OrleansBsp.Server.Cluster;
using OrleansBsp.Server.Meta;
using OrleansBsp.Server.PhoneNumbers;
using OrleansBsp.Server.Storage;
using OrleansBsp.Server.Telemetry;
using OrleansBsp.Server.Templates;

namespace OrleansBsp.Server.Campaigns;

/// <summary>Puts a campaign's run together from its rows.</summary>
public sealed class CampaignFactory(
    Database database, GraphClient graph, AccountAccess access, SendClock sendClock, IGrainFactory grains,
    IOptions<CampaignOptions> options, MessageTraces traces, ILocalSiloDetails silo, Drain drain, TimeProvider clock, ILogger<CampaignFactory> log, IServiceProvider services)
{
    // Null: everything is sent by the process that owns the campaign.
    private readonly QueuedSending? _queued = services.GetService<QueuedSending>();

    /// <summary>Finds what a former owner left uncertain, stores it, and starts the run.</summary>
    internal async Task<CampaignRun> StartAsync(CampaignDefinition campaign, CampaignRunRow row, long epoch, Action<SendFault, AuthenticationHeaderValue?> onFault, CancellationToken cancel)
    {
        var window = TimeSpan.FromSeconds(options.Value.UncertainWindowSeconds);
        var ledger = new CampaignLedger(campaign, epoch, row.Month, database);
        var progress = new CampaignProgress(row);
        if (row.CampaignState != CampaignState.Draft) await ledger.MarkUncertainAsync(progress, window, cancel);

        var steps = new CampaignTraces(traces, campaign.Id, campaign.TokenKey, clock);
        var recorder = new CampaignRecorder(ledger, progress, window, log, steps);
        CampaignSender? sender = null;
        CampaignReleaser? releaser = null;
        ICampaignDispatcher? dispatcher = null;
        if (row.CampaignState is CampaignState.Scheduled or CampaignState.Running or CampaignState.Paused)
        {
            var dispatch = Dispatch(campaign, steps);
            sender = new CampaignSender(dispatch, recorder, onFault, options.Value.MaxAttempts);
            dispatcher = _queued is null
                ? new LaneDispatcher(sendClock.LaneOf(dispatch.PhoneNumber), sender)
                : new QueueDispatcher(dispatch, sender, _queued, options.Value);
            releaser = new CampaignReleaser(
                dispatch, ledger, progress, sender, recorder, dispatcher, new RecipientReader(campaign.AudienceId!.Value, row.ReleasedThrough, database),
                grains.GetGrain<IPhoneNumberGrain>($"p:{campaign.PhoneNumberId}"), sendClock, options.Value, log);
        }

        return new CampaignRun(new CampaignParts(campaign, ledger, progress, recorder, sender, releaser, dispatcher, options.Value, drain, clock, log), row);
    }

    private CampaignDispatch Dispatch(CampaignDefinition campaign, CampaignTraces steps)
    {
        var template = CompiledTemplate.Compile(
            StoredTemplate.Read(campaign.Template!), Bindings(campaign), campaign.Columns ?? []);
        access.TryLearn(campaign.WabaId, campaign.AccessToken); // without it nothing is released, and receipts are applied all the same
        return new CampaignDispatch(
            campaign, template, access, new PhoneNumberId(campaign.PhoneNumberId),
            graph, access.CircuitOf(campaign.WabaId), sendClock, silo.Name, clock, steps);
    }

    private static ParameterBindings Bindings(CampaignDefinition campaign)
    {
        using var document = JsonDocument.Parse(campaign.Parameters);
        return ParameterBindings.TryParse(document.RootElement, out var bindings, out var errors)
            ? bindings
            : throw new InvalidOperationException($"The stored parameters of campaign {campaign.Id} cannot be read: {errors[0].Message}");
    }
}

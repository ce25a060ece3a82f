using OrleansBsp.Core.Messages;
using OrleansBsp.Core.PhoneNumbers;
using OrleansBsp.Core.Webhooks;
using OrleansBsp.Server.Accounts;
using OrleansBsp.Server.Campaigns;
using OrleansBsp.Server.PhoneNumbers;
using OrleansBsp.Server.Templates;

namespace OrleansBsp.Server.Webhooks;

/// <summary>
/// What Meta reports of templates, numbers and accounts: stores it, and pauses or stops what it touches, with a reason in words.
/// </summary>
public sealed class MetaChanges(
    TemplateStore templates, AccountStore accounts, CampaignStore campaigns, AccountStop stop, IGrainFactory grains)
{
    /// <summary>Whether there is anything in it for <see cref="ApplyAsync(WebhookContent, CancellationToken)"/>.</summary>
    public static bool IsIn(WebhookContent content) =>
        content.Templates.Count + content.Numbers.Count + content.Accounts.Count + content.Errors.Count > 0;

    public async Task ApplyAsync(WebhookContent content, CancellationToken cancel)
    {
        foreach (var change in content.Templates) await ApplyAsync(change, cancel);
        foreach (var change in content.Numbers) await ApplyAsync(change, cancel);
        foreach (var change in content.Accounts.OfType<AccountEvent.Updated>()) await ApplyAsync(change, cancel);
        foreach (var error in content.Errors)
            if (error is { PhoneNumberId: { } number, Error.Code: { } code })
                await stop.HandleAsync(new PhoneNumberId(number), new SendFault(code, error.Error.Details ?? "", null, MetaErrorTable.ForFailed(code)), null, _ => Task.CompletedTask);
    }

    private Task ApplyAsync(TemplateEvent change, CancellationToken cancel) => change.Match<Task>(
        status => ApplyStatusAsync(status, cancel),
        quality => quality.TemplateId is { } id ? templates.UpdateQualityAsync(id, quality.Current, quality.At, cancel) : Task.CompletedTask,
        components => Task.CompletedTask, // an excerpt; the next sync reads all of it
        category => ApplyCategoryAsync(category, cancel));

    private async Task ApplyStatusAsync(TemplateEvent.StatusChanged change, CancellationToken cancel)
    {
        // Meta's word for quality alone; the template can still be sent.
        if (change.Event is "FLAGGED" or "REINSTATED" or "UNARCHIVED") return;
        var reason = change.RejectionReason ?? change.Note ?? change.Reason;
        var isOvertaken = change.TemplateId is { } id
            && await templates.UpdateStatusAsync(id, change.Event, change.Category?.ToUpperInvariant(), reason, change.At, cancel) == false;
        if (change.Event is "APPROVED" || isOvertaken) return;
        await PauseAsync(change.WabaId, change.Name, change.Language,
            $"Meta reports the template as {change.Event}{(reason is null ? "" : $": {reason.TrimEnd('.')}")}. Resume when it is APPROVED again.", cancel);
    }

    private async Task ApplyCategoryAsync(TemplateEvent.CategoryChanged change, CancellationToken cancel)
    {
        // What is only announced is reported again when it happens.
        if (change.Upcoming is not null || change.Current is not { } category) return;
        var isOvertaken = change.TemplateId is { } id && await templates.UpdateCategoryAsync(id, category.ToUpperInvariant(), change.At, cancel) == false;
        if (isOvertaken) return;
        await PauseAsync(change.WabaId, change.Name, change.Language,
            $"Meta changed the template's category from {change.Previous} to {category}: price and consent rules change. Check them and resume.", cancel);
    }

    private async Task PauseAsync(string? waba, string? name, string? language, string reason, CancellationToken cancel)
    {
        if (waba is null || name is null || language is null) return;
        foreach (var campaign in await campaigns.FindActiveByTemplateAsync(waba, name, language, cancel))
            await grains.GetGrain<ICampaignGrain>($"c:{campaign}").Pause(reason);
    }

    private async Task<bool> ApplyAsync(NumberEvent change, CancellationToken cancel)
    {
        if (change is not { WabaId: { } waba, DisplayPhoneNumber: { } digits }) return false;
        var id = await change.Match(
            limit => limit.Event == "THROUGHPUT_UPGRADE"
                ? accounts.UpdateNumberAsync(waba, digits, "HIGH", Throughput.High, null, cancel)
                : Task.FromResult<PhoneNumberId?>(null),
            name => name.Decision == "APPROVED"
                ? accounts.UpdateNumberAsync(waba, digits, null, null, name.RequestedName, cancel)
                : Task.FromResult<PhoneNumberId?>(null),
            username => Task.FromResult<PhoneNumberId?>(null));
        if (id is not { } number) return false;
        await grains.GetGrain<IPhoneNumberGrain>($"p:{number}").Refresh();
        return true;
    }

    private async Task ApplyAsync(AccountEvent.Updated change, CancellationToken cancel)
    {
        if (change.WabaId is not { } waba || Reason(change) is not { } reason) return;
        await accounts.StopAsync(waba, reason, null, cancel);
        foreach (var number in await accounts.AwakeNumbersOfAsync(waba, cancel)) await grains.GetGrain<IPhoneNumberGrain>($"p:{number}").Refresh();
    }

    /// <summary>Why nothing may be sent from the account; null if the event does not say so.</summary>
    private static string? Reason(AccountEvent.Updated change) => change switch
    {
        { Event: "ACCOUNT_DELETED" } => "Meta reports the account as deleted",
        { BanState: "DISABLE" } => $"Meta disabled the account ({change.BanDate})",
        _ when change.Restrictions.FirstOrDefault(restriction => restriction.Type == "RESTRICTED_BIZ_INITIATED_MESSAGING") is { } restriction =>
            $"Meta restricted messages that the business begins{(restriction.Until is { } until ? $" until {until:yyyy-MM-dd HH:mm} UTC" : "")}",
        _ => null,
    };
}

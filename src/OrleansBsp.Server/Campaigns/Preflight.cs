using System.Text.Json;
using OrleansBsp.Core.Campaigns;
using OrleansBsp.Core.PhoneNumbers;
using OrleansBsp.Core.Templates;
using OrleansBsp.Server.PhoneNumbers;
using OrleansBsp.Server.Templates;

namespace OrleansBsp.Server.Campaigns;

/// <summary>What stands in the way of a launch, and what deserves a look.</summary>
/// <param name="Level">"ok", "warning" or "error".</param>
/// <param name="Action">What to do about it.</param>
public sealed record PreflightCheck(string Code, string Level, string Message, string? Action = null, string Pointer = "");

/// <param name="TemplateJson">The template to freeze, if nothing stands in the way.</param>
public sealed record PreflightResult(IReadOnlyList<PreflightCheck> Checks, string TemplateJson, string Category, int RatePerSecond, int Planned, string LimitedBy)
{
    public CommandProblem[] Problems => [.. Checks.Where(check => check.Level == "error").Select(check => new CommandProblem(check.Pointer, check.Code, Sentence(check)))];

    private static string Sentence(PreflightCheck check) => check.Action is null ? check.Message : $"{check.Message} {check.Action}";
}

/// <summary>Checks a campaign before it is launched. Changes nothing.</summary>
public sealed class Preflight(CampaignStore campaigns, PhoneNumberStore numbers, TemplateStore templates)
{
    public async Task<PreflightResult> CheckAsync(CampaignId id, CancellationToken cancel)
    {
        var campaign = await campaigns.FindDefinitionAsync(id, cancel) ?? throw new KeyNotFoundException($"There is no campaign {id}.");
        var run = (await campaigns.FindRunAsync(id, cancel))!;
        var number = (await numbers.FindAsync(new PhoneNumberId(campaign.PhoneNumberId), cancel))!;
        var template = await templates.FindAsync(campaign.WabaId, campaign.TemplateName, campaign.TemplateLanguage, cancel);

        List<PreflightCheck> checks = [Audience(campaign, run), Number(number), .. Template(campaign, template)];
        var rate = Math.Min(number.Limit, campaign.MaxPerSecond ?? int.MaxValue);
        var limitedBy = campaign.MaxPerSecond < number.Limit ? "your own limit for this campaign"
            : number.MaxPerSecond < number.Throughput ? "your own limit for this number"
            : "Meta's throughput for this number";
        return new PreflightResult(checks, template?.ToStoredJson() ?? "", template?.Category ?? campaign.Category, rate, run.Planned, limitedBy);
    }

    private static PreflightCheck Audience(CampaignDefinition campaign, CampaignRunRow run) =>
        campaign.AudienceId is null ? new("audience", "error", "The campaign has no audience.", $"Upload a CSV file with PUT /api/v1/campaigns/{campaign.Id}/audience.")
        : run.Planned == 0 ? new("audience", "error", "No row of the uploaded file was accepted.", "Look at the rejects file, mend the rows and upload them again.")
        : new("audience", "ok", run.Planned == 1 ? "1 recipient." : $"{run.Planned} recipients.");

    private static PreflightCheck Number(PhoneNumberRow number) => number.CannotSend is { } reason
        ? new("number", "error", $"Phone number {number.DisplayNumber} ({number.Id}) cannot send: {reason}.", "Mend that, or choose another number.", "/phoneNumberId")
        : number.QualityRating == "RED" ? new("number", "warning", $"Meta rates the quality of {number.DisplayNumber} as RED.", "Send less, and to people who asked for it.")
        : new("number", "ok", $"{number.DisplayNumber} sends up to {number.Limit} messages per second.");

    private static IEnumerable<PreflightCheck> Template(CampaignDefinition campaign, TemplateRow? row)
    {
        if (row is null)
        {
            yield return new("template", "error", $"There is no template \"{campaign.TemplateName}\" in language {campaign.TemplateLanguage}.",
                "Check name and language, or fetch the templates anew with POST /api/v1/templates/sync.", "/template");
            yield break;
        }

        var template = row.ToDefinition();
        if (!template.IsApproved)
        {
            yield return new("template", "error", $"Template \"{row.Name}\" ({row.Language}) is {row.Status}, and Meta sends only APPROVED ones.",
                "Wait for Meta's approval, or choose another template.", "/template");
            yield break;
        }

        using var document = JsonDocument.Parse(campaign.Parameters);
        if (!ParameterBindings.TryParse(document.RootElement, out var bindings, out var errors)) errors ??= [];
        else errors = TemplateBinding.Check(template, bindings, campaign.Columns);
        foreach (var error in errors) yield return new(error.Code, "error", error.Message, Pointer: $"/parameters{error.Pointer}");
        if (errors.Count == 0) yield return new("template", "ok", $"Template \"{row.Name}\" ({row.Language}) is approved and all its variables are bound.");
    }
}

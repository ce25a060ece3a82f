using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Microsoft.AspNetCore.Mvc;
using OrleansBsp.Core.Campaigns;
using OrleansBsp.Core.PhoneNumbers;
using OrleansBsp.Core.Templates;
using OrleansBsp.Server.Access;
using OrleansBsp.Server.Http;
using OrleansBsp.Server.PhoneNumbers;
using OrleansBsp.Server.Templates;

namespace OrleansBsp.Server.Campaigns;

/// <summary>Campaigns: make, check, launch, pause, resume, cancel, look at.</summary>
public static class CampaignEndpoints
{
    private const int MostPerSecond = 1000;
    private const int LongestWindowMinutes = 7 * 24 * 60;

    public static void MapCampaigns(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/api/v1/campaigns").WithTags("Campaigns");
        api.MapPost("", CreateAsync).RequireScope(Scope.Send).WithSummary("Make a draft").Produces<CampaignView>(201);
        api.MapGet("", ListAsync).RequireScope(Scope.Read).WithSummary("The campaigns, newest first").Produces<Page<CampaignView>>();
        api.MapGet("/{id}", GetAsync).RequireScope(Scope.Read).WithSummary("A campaign with its books").Produces<CampaignView>();
        api.MapGet("/{id}/preflight", PreflightAsync).RequireScope(Scope.Read).WithSummary("What stands in the way of a launch, and how long it would take").Produces<PreflightView>();
        api.MapPost("/{id}/launch", LaunchAsync).RequireScope(Scope.Send).WithSummary("Start it, now or later").Produces<CampaignView>();
        api.MapPost("/{id}/pause", PauseAsync).RequireScope(Scope.Send).WithSummary("Release nothing more until it is resumed").Produces<CampaignView>();
        api.MapPost("/{id}/resume", ResumeAsync).RequireScope(Scope.Send).WithSummary("Go on").Produces<CampaignView>();
        api.MapPost("/{id}/cancel", CancelAsync).RequireScope(Scope.Send).WithSummary("End it for good: who has not been sent to is not sent to").Produces<CampaignView>();
        CampaignAudienceEndpoints.Map(api);
        CampaignLiveEndpoint.Map(api);
    }

    /// <param name="Parameters">
    /// What each variable of the template is filled with: <c>header</c>, <c>body</c>, <c>buttons</c>, <c>limitedTimeOffer</c>, <c>cards</c>. In <c>body</c> the keys are
    /// "1", "2" … or the variables' names, in <c>buttons</c> the places from "0". A binding is {"column", "fallback"?} or {"value"}; a value may hold {{column}}.
    /// </param>
    /// <param name="DefaultCountry">ISO 3166 alpha-2, for phone numbers without a country code.</param>
    /// <param name="MaxPerSecond">Messages/s; null: as many as the number allows.</param>
    /// <param name="ResendUncertain">Utility and authentication only: send a message once more when nobody knows whether Meta took it.</param>
    public sealed record CreateCampaign(
        string Name, string PhoneNumberId, TemplateName Template, [property: ReadAs(typeof(object))] JsonElement? Parameters = null, string DefaultCountry = "IN",
        [property: Range(1, MostPerSecond)] int? MaxPerSecond = null, bool ResendUncertain = false);

    private static async Task<IResult> CreateAsync(
        CreateCampaign request, CampaignDrafts drafts, CampaignStore store, PhoneNumberStore numbers, TemplateStore templates, TimeProvider clock,
        Caller caller, CancellationToken cancel)
    {
        List<InputError> errors = [];
        if (string.IsNullOrWhiteSpace(request.Name) || request.Name.Length > 200) errors.Add(InputError.At("/name", "bad-length", "name must have 1 to 200 characters."));
        if (request.MaxPerSecond is < 1 or > MostPerSecond) errors.Add(InputError.At("/maxPerSecond", "out-of-range", $"maxPerSecond must be 1 to {MostPerSecond}, but was {request.MaxPerSecond}."));
        if (Audience.PhoneNormaliser.ForCountryOrNull(request.DefaultCountry) is null)
            errors.Add(InputError.At("/defaultCountry", "unknown-country", $"'{request.DefaultCountry}' is not an ISO 3166 country code such as IN."));

        var number = await numbers.FindAsync(new PhoneNumberId(request.PhoneNumberId), cancel);
        if (number is null)
            errors.Add(InputError.At("/phoneNumberId", "unknown-number", $"There is no phone number {request.PhoneNumberId}. GET /api/v1/phone-numbers lists them."));
        var template = number is null ? null : await templates.FindAsync(number.WabaId, request.Template.Name, request.Template.Language, cancel);
        if (number is not null && template is null)
            errors.Add(InputError.At("/template", "unknown-template",
                $"Account {number.WabaId} has no template \"{request.Template.Name}\" in language {request.Template.Language}. GET /api/v1/templates lists them."));

        if (!ParameterBindings.TryParse(request.Parameters, out var bindings, out var found)) errors.AddRange(found.Select(Error));
        else if (template is not null) errors.AddRange(TemplateBinding.Check(template.ToDefinition(), bindings, null).Select(Error));
        if (errors.Count > 0) return Problems.BadInput("The campaign was not made.", errors);

        var id = await drafts.CreateAsync(request, template!.Category, caller.Name, cancel);
        return Results.Created($"/api/v1/campaigns/{id}", await ViewAsync(id, store, null, clock, cancel));
    }

    private static async Task<IResult> ListAsync(PageRequest page, CampaignDrafts drafts, TimeProvider clock, CancellationToken cancel)
    {
        var rows = await drafts.ListAsync(page.TryGetPosition<long>(out var before) ? before : long.MaxValue, page.RowsToRead, cancel);
        return Results.Ok(Page.Of(rows, page, row => CampaignView.Of(row.Campaign, row.Run, null, 0, clock.GetUtcNow().UtcDateTime), row => row.Campaign.Id));
    }

    private static async Task<IResult> GetAsync(string id, CampaignStore store, CampaignLiveReader live, TimeProvider clock, CancellationToken cancel) =>
        CampaignId.ParseOrNull(id) is { } campaign && await ViewAsync(campaign, store, live, clock, cancel) is { } view ? Results.Ok(view) : Problems.NotFound("campaign", id);

    private static async Task<IResult> PreflightAsync(string id, CampaignStore store, Preflight preflight, TimeProvider clock, CancellationToken cancel)
    {
        if (CampaignId.ParseOrNull(id) is not { } campaign || await store.FindRunAsync(campaign, cancel) is null) return Problems.NotFound("campaign", id);
        var result = await preflight.CheckAsync(campaign, cancel);
        return Results.Ok(new PreflightView(
            result.Problems.Length == 0,
            [.. result.Checks.Select(check => new CheckView(check.Code, check.Level, check.Message, check.Action))],
            null,
            ForecastView.Of(result.Planned, result.RatePerSecond, result.LimitedBy, clock.GetUtcNow().UtcDateTime)));
    }

    /// <param name="Ok">Nothing stands in the way: no check has the level <c>error</c>.</param>
    /// <param name="Cost">Null, not zero: rate cards are not part of the platform yet.</param>
    public sealed record PreflightView(bool Ok, IReadOnlyList<CheckView> Checks, object? Cost, ForecastView Forecast);

    /// <param name="Level"><c>ok</c>, <c>warning</c> or <c>error</c>.</param>
    /// <param name="Action">What to do about it.</param>
    public sealed record CheckView(string Code, string Level, string Message, string? Action);

    /// <param name="StartAt">Null or past: now.</param>
    /// <param name="StartWindowMinutes">If the start is missed by more than this (an outage), the campaign waits and asks.</param>
    public sealed record LaunchCampaign(DateTimeOffset? StartAt = null, [property: Range(1, LongestWindowMinutes)] int? StartWindowMinutes = null);

    private static Task<IResult> LaunchAsync(
        string id, [FromBody(EmptyBodyBehavior = Microsoft.AspNetCore.Mvc.ModelBinding.EmptyBodyBehavior.Allow)] LaunchCampaign? request,
        CampaignStore store, CampaignLiveReader live, IGrainFactory grains, TimeProvider clock, CancellationToken cancel)
    {
        if (request?.StartWindowMinutes is < 1 or > LongestWindowMinutes)
            return Task.FromResult<IResult>(Problems.BadInput(InputError.At("/startWindowMinutes", "out-of-range",
                $"startWindowMinutes must be 1 to {LongestWindowMinutes} (a week), but was {request.StartWindowMinutes}.")));
        return CommandAsync(id, campaign => campaign.Launch(request?.StartAt?.UtcDateTime, request?.StartWindowMinutes), store, live, grains, clock, cancel);
    }

    private static Task<IResult> PauseAsync(string id, CampaignStore store, CampaignLiveReader live, IGrainFactory grains, TimeProvider clock, CancellationToken cancel) =>
        CommandAsync(id, campaign => campaign.Pause("paused by an operator"), store, live, grains, clock, cancel);

    private static Task<IResult> ResumeAsync(string id, CampaignStore store, CampaignLiveReader live, IGrainFactory grains, TimeProvider clock, CancellationToken cancel) =>
        CommandAsync(id, campaign => campaign.Resume(), store, live, grains, clock, cancel);

    private static Task<IResult> CancelAsync(string id, CampaignStore store, CampaignLiveReader live, IGrainFactory grains, TimeProvider clock, CancellationToken cancel) =>
        CommandAsync(id, campaign => campaign.Cancel(), store, live, grains, clock, cancel);

    private static async Task<IResult> CommandAsync(
        string id, Func<ICampaignGrain, Task<CommandResult>> command, CampaignStore store, CampaignLiveReader live, IGrainFactory grains, TimeProvider clock,
        CancellationToken cancel)
    {
        if (CampaignId.ParseOrNull(id) is not { } campaign || await store.FindRunAsync(campaign, cancel) is null) return Problems.NotFound("campaign", id);
        var result = await command(grains.GetGrain<ICampaignGrain>($"c:{campaign}"));
        if (result.Succeeded) return Results.Ok(await ViewAsync(campaign, store, live, clock, cancel));
        var errors = result.Problems.Select(problem => problem.Pointer.Length == 0 ? new InputError(problem.Code, problem.Message) : InputError.At(problem.Pointer, problem.Code, problem.Message)).ToList();
        return result.Problems is [{ Code: "wrong-state" } state] ? Problems.Conflict(state.Message, errors)
            : Problems.Unprocessable($"Campaign {campaign} cannot be launched: {string.Join(" ", result.Problems.Select(problem => problem.Message))}", errors);
    }

    private static async Task<CampaignView?> ViewAsync(CampaignId id, CampaignStore store, CampaignLiveReader? live, TimeProvider clock, CancellationToken cancel)
    {
        if (await store.FindDefinitionAsync(id, cancel) is not { } campaign || await store.FindRunAsync(id, cancel) is not { } run) return null;
        var (now, perSecond) = live is null ? (null, 0) : await live.ReadAsync(id, run);
        return CampaignView.Of(campaign, run, now, perSecond, clock.GetUtcNow().UtcDateTime);
    }

    private static InputError Error(BindingError error) => InputError.At($"/parameters{error.Pointer}", error.Code, error.Message);
}

using OrleansBsp.Core.Campaigns;
using OrleansBsp.Server.Access;
using OrleansBsp.Server.Campaigns.Audience;
using OrleansBsp.Server.Http;

namespace OrleansBsp.Server.Campaigns;

/// <summary>A campaign's audience: the upload, its rejects, and the recipients with what became of them.</summary>
internal static class CampaignAudienceEndpoints
{
    private const string Csv = "text/csv";

    public static void Map(RouteGroupBuilder api)
    {
        api.MapPut("/{id}/audience", UploadAsync).RequireScope(Scope.Send).WithSummary("Replace the draft's audience by this file, all of it or nothing").Produces<AudienceView>()
            .WithMetadata(new QueryParameters(new QueryParameter("phoneColumn", "The column with phone numbers. Default: phone.")))
            .WithMetadata(BodyDescription.File(Csv, "A CSV file with a header row."))
            .WithMetadata(new Microsoft.AspNetCore.Mvc.DisableRequestSizeLimitAttribute()); // the importer has its own bound
        api.MapGet("/{id}/audience/rejects.csv", RejectsAsync).RequireScope(Scope.Read).WithSummary("The rows that were not accepted, each with its reason").Produces<string>(contentType: Csv);
        api.MapGet("/{id}/recipients", RecipientsAsync).RequireScope(Scope.Read).WithSummary("The recipients in the order of the file").Produces<Page<RecipientView>>()
            .WithMetadata(new QueryParameters(
                new QueryParameter("state", "Only recipients in this state, named as in the books.", RecipientStates.All),
                new QueryParameter("q", "Only the recipient with this phone number, country code included; what is no digit is left out.")));
        api.MapGet("/{id}/recipients/{position:int}", RecipientAsync).RequireScope(Scope.Read).WithSummary("A recipient with the whole timeline").Produces<RecipientDetail>();
        api.MapGet("/{id}/recipients.csv", RecipientsCsvAsync).RequireScope(Scope.Read).WithSummary("All recipients with the file's columns and the outcome").Produces<string>(contentType: Csv);
    }

    private static async Task<IResult> UploadAsync(string id, HttpRequest request, CampaignStore store, AudienceImporter importer, CancellationToken cancel)
    {
        if (CampaignId.ParseOrNull(id) is not { } campaign || await store.FindDefinitionAsync(campaign, cancel) is not { } definition)
            return Problems.NotFound("campaign", id);
        var phoneColumn = request.Query.TryGetValue("phoneColumn", out var given) && given.ToString() is { Length: > 0 } name ? name : "phone";
        var result = AudienceContentType.Check(request.ContentType)
            ?? await importer.ImportAsync(campaign.Value, phoneColumn, definition.DefaultCountry, request.Body, cancel);
        return result.Match(
            imported => Results.Ok(new AudienceView(
                imported.Rows, imported.Accepted, imported.Duplicates, imported.Invalid, imported.Encoding, imported.Delimiter, imported.Columns,
                imported.Accepted < imported.Rows ? $"/api/v1/campaigns/{campaign}/audience/rejects.csv" : null,
                imported.Sample)),
            refused => new ProblemResult(new Problem("/problems/bad-audience", refused.Title, refused.Status, refused.Detail)
            {
                Errors = [.. refused.Errors.Select(error => new InputError(error.Code, error.Message) { Row = error.Row, Column = error.Column })],
            }));
    }

    /// <inheritdoc cref="AudienceSummary"/>
    /// <param name="RejectsUrl">Where the rows that were not accepted are listed; null if there are none.</param>
    public sealed record AudienceView(
        int Rows, int Accepted, int Duplicates, int Invalid, string Encoding, string Delimiter, IReadOnlyList<string> Columns, string? RejectsUrl, IReadOnlyList<AudienceSample> Sample);

    private static async Task<IResult> RejectsAsync(string id, CampaignStore store, AudienceRejects rejects, CancellationToken cancel)
    {
        if (CampaignId.ParseOrNull(id) is not { } campaign || await store.FindDefinitionAsync(campaign, cancel) is not { } definition)
            return Problems.NotFound("campaign", id);
        if (definition.AudienceId is not { } audience) return Problems.NotFound($"Campaign {id} has no audience yet.");
        return Results.Stream(output => rejects.WriteCsvAsync(audience, output, cancel), $"{Csv}; charset=utf-8", $"rejects-{campaign}.csv");
    }

    private static async Task<IResult> RecipientsAsync(string id, PageRequest page, string? state, string? q, RecipientStore recipients, CampaignStore store, CancellationToken cancel)
    {
        if (CampaignId.ParseOrNull(id) is not { } campaign || await store.FindRunAsync(campaign, cancel) is null) return Problems.NotFound("campaign", id);
        if (state is not null && !RecipientStates.IsKnown(state))
            return Problems.BadInput(InputError.Query("state", "unknown-value", $"'{state}' is not a state. Known: {string.Join(", ", RecipientStates.All)}."));
        var rows = await recipients.ListAsync(campaign, page.TryGetPosition<int>(out var after) ? after : 0, state, q, page.RowsToRead, cancel);
        return Results.Ok(Page.Of(rows, page, row => row, row => row.Position));
    }

    private static async Task<IResult> RecipientAsync(string id, int position, RecipientStore recipients, CancellationToken cancel) =>
        CampaignId.ParseOrNull(id) is { } campaign && await recipients.FindAsync(campaign, position, cancel) is { } recipient
            ? Results.Ok(recipient)
            : Problems.NotFound($"Campaign {id} has no recipient {position}.");

    private static async Task<IResult> RecipientsCsvAsync(string id, RecipientStore recipients, CampaignStore store, CancellationToken cancel) =>
        CampaignId.ParseOrNull(id) is { } campaign && await store.FindDefinitionAsync(campaign, cancel) is not null
            ? Results.Stream(output => recipients.WriteCsvAsync(campaign, output, cancel), $"{Csv}; charset=utf-8", $"recipients-{campaign}.csv")
            : Problems.NotFound("campaign", id);
}

using System.Text.Json;
using Dapper;
using OrleansBsp.Core.Campaigns;
using OrleansBsp.Server.Storage;

namespace OrleansBsp.Server.Campaigns;

/// <summary>Makes drafts and lists campaigns. A draft has no owner yet; from its launch on only its grain writes it.</summary>
public sealed class CampaignDrafts(Database database)
{
    public async Task<CampaignId> CreateAsync(CampaignEndpoints.CreateCampaign request, string category, string createdBy, CancellationToken cancel)
    {
        await using var connection = await database.Main.OpenConnectionAsync(cancel);
        var id = await connection.ExecuteScalarAsync<long>(new(CampaignSql.Create, new
        {
            name = request.Name,
            phoneNumberId = request.PhoneNumberId,
            templateName = request.Template.Name,
            templateLanguage = request.Template.Language,
            category,
            parameters = request.Parameters is { ValueKind: JsonValueKind.Object } given ? given.GetRawText() : "{}",
            country = request.DefaultCountry.ToUpperInvariant(),
            maxPerSecond = request.MaxPerSecond,
            resendUncertain = request.ResendUncertain,
            createdBy,
        }, cancellationToken: cancel));
        return new CampaignId(id);
    }

    /// <summary>Newest first.</summary>
    public async Task<List<(CampaignDefinition Campaign, CampaignRunRow Run)>> ListAsync(long before, int limit, CancellationToken cancel)
    {
        await using var connection = await database.Main.OpenConnectionAsync(cancel);
        return [.. await connection.QueryAsync<CampaignDefinition, CampaignRunRow, (CampaignDefinition, CampaignRunRow)>(
            new(CampaignSql.List, new { before, limit }, cancellationToken: cancel), (campaign, run) => (campaign, run), splitOn: "State")];
    }
}

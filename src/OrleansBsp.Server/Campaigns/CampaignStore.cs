using Dapper;
using OrleansBsp.Core.Campaigns;
using OrleansBsp.Server.Storage;

namespace OrleansBsp.Server.Campaigns;

/// <summary>Reads campaigns, and takes ownership of them.</summary>
public sealed class CampaignStore(Database database)
{
    /// <summary>Raises the epoch: from now on no other activation can change the campaign.</summary>
    /// <returns>The new epoch; null if there is no such campaign.</returns>
    public async Task<long?> TakeAsync(CampaignId id, string owner, CancellationToken cancel)
    {
        await using var connection = await database.Control.OpenConnectionAsync(cancel);
        return await connection.ExecuteScalarAsync<long?>(new(CampaignSql.Take, new { id = id.Value, owner }, cancellationToken: cancel));
    }

    /// <summary>Scheduled and running campaigns with this template.</summary>
    public async Task<List<long>> FindActiveByTemplateAsync(string wabaId, string name, string language, CancellationToken cancel)
    {
        await using var connection = await database.Main.OpenConnectionAsync(cancel);
        return [.. await connection.QueryAsync<long>(new(CampaignSql.FindActiveByTemplate, new { wabaId, name, language }, cancellationToken: cancel))];
    }

    /// <summary>Campaigns that must be alive: running, due to start, or with messages whose timer has run out.</summary>
    public async Task<List<long>> FindToWakeAsync(CancellationToken cancel)
    {
        await using var connection = await database.Control.OpenConnectionAsync(cancel);
        return [.. await connection.QueryAsync<long>(new(CampaignSql.FindToWake, cancellationToken: cancel))];
    }

    public async Task<CampaignDefinition?> FindDefinitionAsync(CampaignId id, CancellationToken cancel)
    {
        await using var connection = await database.Main.OpenConnectionAsync(cancel);
        return await connection.QuerySingleOrDefaultAsync<CampaignDefinition>(new(CampaignSql.ReadDefinition, new { id = id.Value }, cancellationToken: cancel));
    }

    public async Task<CampaignRunRow?> FindRunAsync(CampaignId id, CancellationToken cancel)
    {
        await using var connection = await database.Main.OpenConnectionAsync(cancel);
        return await connection.QuerySingleOrDefaultAsync<CampaignRunRow>(new(CampaignSql.ReadRun, new { id = id.Value }, cancellationToken: cancel));
    }
}

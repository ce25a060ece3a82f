using System.Text.Json;
using Dapper;
using OrleansBsp.Core.Templates;
using OrleansBsp.Server.Storage;

namespace OrleansBsp.Server.Templates;

/// <summary>A template as last fetched from Meta, with all its components.</summary>
public sealed class TemplateRow
{
    public string Id { get; set; } = "";
    public string WabaId { get; set; } = "";
    public string Name { get; set; } = "";
    public string Language { get; set; } = "";
    public string Category { get; set; } = "";
    public string Status { get; set; } = "";
    public string ParameterFormat { get; set; } = "POSITIONAL";
    public string Components { get; set; } = "[]";
    public string? Quality { get; set; }
    public string? Reason { get; set; }
    public DateTime SyncedAt { get; set; }

    public TemplateDefinition ToDefinition()
    {
        using var components = JsonDocument.Parse(Components);
        return TemplateDefinition.Parse(Name, Language, Category, Status, ParameterFormat, components.RootElement);
    }

    public string ToStoredJson() => StoredTemplate.Write(Name, Language, Category, Status, ParameterFormat, Components);
}

/// <summary>Reads and writes templates.</summary>
public sealed class TemplateStore(Database database)
{
    public async Task<TemplateRow?> FindAsync(string wabaId, string name, string language, CancellationToken cancel)
    {
        await using var connection = await database.Main.OpenConnectionAsync(cancel);
        return await connection.QuerySingleOrDefaultAsync<TemplateRow>(new(TemplateSql.FindByName, new { wabaId, name, language }, cancellationToken: cancel));
    }

    public async Task<TemplateRow?> FindAsync(string id, CancellationToken cancel)
    {
        await using var connection = await database.Main.OpenConnectionAsync(cancel);
        return await connection.QuerySingleOrDefaultAsync<TemplateRow>(new(TemplateSql.FindById, new { id }, cancellationToken: cancel));
    }

    public async Task<List<TemplateRow>> ListAsync(string after, int limit, CancellationToken cancel)
    {
        await using var connection = await database.Main.OpenConnectionAsync(cancel);
        return [.. await connection.QueryAsync<TemplateRow>(new(TemplateSql.ReadPage, new { after, limit }, cancellationToken: cancel))];
    }

    /// <summary>Stores the status that a webhook reported.</summary>
    /// <param name="category">Null leaves it as it is, as does a null <paramref name="reason"/>.</param>
    /// <param name="at">Meta's time of it.</param>
    /// <returns>False: Meta has told a later one before. Null: there is no such template here.</returns>
    public Task<bool?> UpdateStatusAsync(string id, string status, string? category, string? reason, DateTimeOffset? at, CancellationToken cancel) =>
        UpdateAsync(TemplateSql.UpdateStatus, new { id, status, category, reason, at = at?.UtcDateTime }, cancel);

    /// <inheritdoc cref="UpdateStatusAsync"/>
    public Task<bool?> UpdateCategoryAsync(string id, string category, DateTimeOffset? at, CancellationToken cancel) =>
        UpdateAsync(TemplateSql.UpdateCategory, new { id, category, at = at?.UtcDateTime }, cancel);

    /// <inheritdoc cref="UpdateStatusAsync"/>
    public Task<bool?> UpdateQualityAsync(string id, string quality, DateTimeOffset? at, CancellationToken cancel) =>
        UpdateAsync(TemplateSql.UpdateQuality, new { id, quality, at = at?.UtcDateTime }, cancel);

    private async Task<bool?> UpdateAsync(string sql, object change, CancellationToken cancel)
    {
        await using var connection = await database.Main.OpenConnectionAsync(cancel);
        return await connection.ExecuteScalarAsync<bool?>(new(sql, change, cancellationToken: cancel));
    }
}

using System.Text.Json.Nodes;

namespace OrleansBsp.Server.Templates;

/// <summary>A template in the API: Meta's own words, with what it needs to be sent.</summary>
public sealed record TemplateView(
    string Id, string WabaId, string Name, string Language, string Category, string Status, string ParameterFormat, JsonNode? Components,
    string? Quality, string? Reason, DateTime SyncedAt, IReadOnlyList<string> Problems)
{
    public static TemplateView Of(TemplateRow row) => new(
        row.Id, row.WabaId, row.Name, row.Language, row.Category, row.Status, row.ParameterFormat, JsonNode.Parse(row.Components),
        row.Quality, row.Reason, row.SyncedAt, [.. row.ToDefinition().Problems.Select(problem => problem.Message)]);
}

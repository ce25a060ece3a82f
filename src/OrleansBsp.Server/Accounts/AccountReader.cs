using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.Extensions.Options;
using OrleansBsp.Core.PhoneNumbers;
using OrleansBsp.Server.Meta;

namespace OrleansBsp.Server.Accounts;

/// <summary>Fetches an account's numbers and templates from Meta, page by page (reference 4.1, 6.1).</summary>
public sealed class AccountReader(GraphClient graph, IOptions<MetaOptions> options)
{
    private const string NumberFields = "id,display_phone_number,verified_name,status,quality_rating,throughput,platform_type";
    private const string TemplateFields = "id,name,language,status,category,parameter_format,components,quality_score";

    // A paging loop in Meta's answer must not become ours.
    private const int MaxPages = 200;

    /// <exception cref="GraphException">Meta refused or did not answer.</exception>
    public async Task<List<FetchedNumber>> ReadNumbersAsync(string wabaId, AuthenticationHeaderValue token, CancellationToken cancel)
    {
        var numbers = new List<FetchedNumber>();
        await foreach (var number in ReadAsync($"{wabaId}/phone_numbers?fields={NumberFields}&limit=100", token, cancel))
        {
            var level = number.TryGetProperty("throughput", out var throughput) ? Text(throughput, "level") ?? "STANDARD" : "STANDARD";
            numbers.Add(new FetchedNumber(
                Required(number, "id"), Text(number, "display_phone_number") ?? "", Text(number, "verified_name") ?? "",
                Text(number, "quality_rating") ?? "UNKNOWN", Text(number, "status") ?? "CONNECTED", level, Throughput.Of(level)));
        }

        return numbers;
    }

    /// <exception cref="GraphException">Meta refused or did not answer.</exception>
    public async Task<List<FetchedTemplate>> ReadTemplatesAsync(string wabaId, AuthenticationHeaderValue token, CancellationToken cancel)
    {
        var templates = new List<FetchedTemplate>();
        await foreach (var template in ReadAsync($"{wabaId}/message_templates?fields={TemplateFields}&limit=100", token, cancel))
        {
            templates.Add(new FetchedTemplate(
                Required(template, "id"), Required(template, "name"), Required(template, "language").Replace('-', '_'),
                Required(template, "category").ToUpperInvariant(), Required(template, "status").ToUpperInvariant(),
                (Text(template, "parameter_format") ?? "POSITIONAL").ToUpperInvariant(),
                template.TryGetProperty("components", out var components) ? components.GetRawText() : "[]",
                template.TryGetProperty("quality_score", out var quality) ? Text(quality, "score") : null));
        }

        return templates;
    }

    private async IAsyncEnumerable<JsonElement> ReadAsync(
        string path, AuthenticationHeaderValue token, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        var timeout = TimeSpan.FromSeconds(options.Value.ControlTimeoutSeconds);
        string? next = path;
        for (var page = 0; next is not null; page++)
        {
            if (page == MaxPages) throw new GraphException($"Meta's list {path} has more than {MaxPages} pages", null);
            var body = await graph.GetAsync(token, next, timeout, cancel);
            using var document = Parse(body);
            if (!document.RootElement.TryGetProperty("data", out var data) || data.ValueKind != JsonValueKind.Array)
                throw new GraphException($"Meta's answer to {path} has no list \"data\"", null);
            foreach (var item in data.EnumerateArray()) yield return item;
            next = document.RootElement.TryGetProperty("paging", out var paging) && Text(paging, "next") is not null
                && paging.TryGetProperty("cursors", out var cursors) && Text(cursors, "after") is { } after
                // The cursor, not Meta's ready-made link: the token must not be sent to an address that an answer names.
                ? $"{path}&after={Uri.EscapeDataString(after)}"
                : null;
        }
    }

    private static JsonDocument Parse(byte[] body)
    {
        try
        {
            return JsonDocument.Parse(body);
        }
        catch (JsonException failure)
        {
            throw new GraphException("Meta's answer is not JSON", null, failure);
        }
    }

    private static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static string Required(JsonElement element, string name) =>
        Text(element, name) ?? throw new GraphException($"An item of Meta's list lacks \"{name}\"", null);
}

using System.Globalization;
using OrleansBsp.Server.Http;

namespace OrleansBsp.Server.Access;

/// <summary>Making, listing and removing API keys. For administrators.</summary>
internal static class ApiKeyEndpoints
{
    private const int MaxNameLength = 100;

    public static void Map(IEndpointRouteBuilder app)
    {
        var keys = app.MapGroup("/api/v1/api-keys").RequireScope(Scope.Admin).WithTags("API keys");
        keys.MapPost("", AddAsync).WithMetadata(NotKept.Instance).WithSummary("Make a key; the answer is the only place that ever shows it").Produces<NewKeyView>(201);
        keys.MapGet("", ListAsync).WithSummary("The keys, without their text");
        keys.MapDelete("{id}", RemoveAsync).WithSummary("Remove a key; it stops at once here and within 30 s everywhere").Produces(204);
    }

    private static async Task<IResult> AddAsync(NewKey wanted, Caller caller, ApiKeyStore store, ILogger<ApiKeyStore> log, CancellationToken cancel)
    {
        var errors = Check(wanted).ToArray();
        if (errors.Length > 0) return Problems.BadInput(errors[0].Message, errors);
        var name = wanted.Name.Trim();
        var scopes = wanted.Scopes.Distinct().ToArray();
        var (id, key, createdAt) = await store.AddAsync(name, scopes, cancel);
        AccessLog.KeyMade(log, id, caller.Id, string.Join(' ', scopes));
        return Results.Created($"/api/v1/api-keys/{id}", new NewKeyView(Text(id), name, scopes, createdAt, key));
    }

    private static async Task<Page<KeyView>> ListAsync(PageRequest page, ApiKeyStore store, CancellationToken cancel)
    {
        var rows = await store.ListAsync(page.TryGetPosition(out long after) ? after : 0, page.RowsToRead, cancel);
        return Page.Of(rows, page, row => new KeyView(Text(row.Id), row.Name, row.Scopes, row.CreatedAt), row => row.Id);
    }

    private static async Task<IResult> RemoveAsync(long id, Caller caller, ApiKeyStore store, ILogger<ApiKeyStore> log, CancellationToken cancel)
    {
        if (!await store.RemoveAsync(id, cancel)) return Problems.NotFound("API key", id);
        AccessLog.KeyRemoved(log, id, caller.Id);
        return Results.NoContent();
    }

    private static IEnumerable<InputError> Check(NewKey wanted)
    {
        if (wanted.Name.Trim().Length is 0 or > MaxNameLength)
            yield return InputError.At("/name", "out-of-range", $"'name' must have 1 to {MaxNameLength} characters.");
        if (wanted.Scopes.Length == 0)
            yield return InputError.At("/scopes", "missing", $"'scopes' must have at least one of {string.Join(", ", Scope.All)}.");
        for (var i = 0; i < wanted.Scopes.Length; i++)
            if (!Scope.All.Contains(wanted.Scopes[i]))
                yield return InputError.At($"/scopes/{i}", "unknown-scope", $"There is no scope '{wanted.Scopes[i]}'; there are {string.Join(", ", Scope.All)}.");
    }

    private static string Text(long id) => id.ToString(CultureInfo.InvariantCulture);

    private sealed record NewKey(string Name, string[] Scopes);

    private sealed record NewKeyView(string Id, string Name, string[] Scopes, DateTime CreatedAt, string Key);

    private sealed record KeyView(string Id, string Name, string[] Scopes, DateTime CreatedAt);
}

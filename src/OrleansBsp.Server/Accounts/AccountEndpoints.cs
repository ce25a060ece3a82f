using System.Net.Http.Headers;
using OrleansBsp.Server.Http;
using OrleansBsp.Server.Access;
using OrleansBsp.Server.Meta;
using OrleansBsp.Server.PhoneNumbers;
using OrleansBsp.Server.Templates;

namespace OrleansBsp.Server.Accounts;

/// <summary>WhatsApp Business Accounts and their templates.</summary>
public static class AccountEndpoints
{
    public static void MapAccounts(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/api/v1").WithTags("Accounts");
        api.MapPost("/wabas", AddAsync).RequireScope(Scope.Admin)
            .WithSummary("Add a WhatsApp Business Account, or give it a new token; its numbers and templates are fetched from Meta").Produces<WabaView>(201);
        api.MapGet("/wabas", ListAsync).RequireScope(Scope.Read).WithSummary("The accounts, without their tokens").Produces<Page<WabaView>>();
        api.MapPost("/templates/sync", SyncAsync).RequireScope(Scope.Send).WithSummary("Fetch numbers and templates of one account, or of all, anew").Produces<SyncedView>();
        api.MapGet("/templates", ListTemplatesAsync).RequireScope(Scope.Read).WithSummary("The templates as last fetched from Meta").Produces<Page<TemplateView>>();
        api.MapGet("/templates/{id}", GetTemplateAsync).RequireScope(Scope.Read).WithSummary("A template as last fetched from Meta").Produces<TemplateView>();
    }

    /// <param name="Id">Meta's id of the account: digits.</param>
    /// <param name="AccessToken">A system user's token. It is never returned.</param>
    /// <param name="TimeZone">An IANA zone, such as Asia/Kolkata.</param>
    /// <param name="Currency">ISO 4217.</param>
    public sealed record AddWaba(string Id, string Name, string AccessToken, string TimeZone = "UTC", string Currency = "USD");

    /// <param name="State"><c>active</c>, or <c>stopped</c> with its reason: nothing can be sent until somebody has acted.</param>
    /// <param name="PhoneNumbers">How many were fetched; null in lists, as is <paramref name="Templates"/>.</param>
    public sealed record WabaView(string Id, string Name, string TimeZone, string Currency, string State, string? StateReason, int? PhoneNumbers, int? Templates);

    private static async Task<IResult> AddAsync(
        AddWaba request, AccountStore store, AccountReader reader, TokenCipher cipher, IGrainFactory grains, CancellationToken cancel)
    {
        List<InputError> errors = [];
        if (request.Id.Length is 0 or > 40 || !request.Id.All(char.IsAsciiDigit))
            errors.Add(InputError.At("/id", "bad-id", $"'{request.Id}' is not the id of a WhatsApp Business Account: Meta's ids are digits only."));
        if (request.Name.Length is 0 or > 200) errors.Add(InputError.At("/name", "bad-length", "name must have 1 to 200 characters."));
        if (request.AccessToken.Length == 0 || request.AccessToken.Any(char.IsWhiteSpace))
            errors.Add(InputError.At("/accessToken", "bad-token", "accessToken must be a system user's token, without spaces."));
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(request.TimeZone, out _))
            errors.Add(InputError.At("/timeZone", "unknown-zone", $"'{request.TimeZone}' is not an IANA time zone such as Asia/Kolkata."));
        if (request.Currency.Length != 3 || !request.Currency.All(char.IsAsciiLetterUpper))
            errors.Add(InputError.At("/currency", "bad-currency", $"'{request.Currency}' is not an ISO 4217 currency such as INR."));
        if (errors.Count > 0) return Problems.BadInput("The account was not added.", errors);

        return await FetchAsync(request.Id, request.Name, request.AccessToken, request.TimeZone, request.Currency, store, reader, cipher, grains, cancel)
            is var (view, problem) && problem is null ? Results.Created($"/api/v1/wabas/{request.Id}", view) : problem!;
    }

    private static async Task<(WabaView? View, IResult? Problem)> FetchAsync(
        string id, string name, string accessToken, string timeZone, string currency,
        AccountStore store, AccountReader reader, TokenCipher cipher, IGrainFactory grains, CancellationToken cancel)
    {
        try
        {
            var token = new AuthenticationHeaderValue("Bearer", accessToken);
            var numbers = await reader.ReadNumbersAsync(id, token, cancel);
            var templates = await reader.ReadTemplatesAsync(id, token, cancel);
            await store.SaveAsync(id, name, cipher.Encrypt(id, accessToken), timeZone, currency, numbers, templates, cancel);
            foreach (var number in await store.AwakeNumbersOfAsync(id, cancel)) await grains.GetGrain<IPhoneNumberGrain>($"p:{number}").Refresh();
            return (new WabaView(id, name, timeZone, currency, "active", null, numbers.Count, templates.Count), null);
        }
        catch (GraphException failure)
        {
            return (null, failure.Code is null
                ? Problems.Unavailable($"{failure.Message.TrimEnd('.')}. Nothing was stored; try again.", TimeSpan.FromSeconds(5))
                : Problems.Unprocessable($"{failure.Message.TrimEnd('.')}. Nothing was stored; check the account's id and the token's rights.",
                    InputError.At("/accessToken", "refused-by-meta", failure.Message)));
        }
    }

    private static async Task<IResult> ListAsync(PageRequest page, AccountStore store, CancellationToken cancel)
    {
        var rows = await store.ListAsync(page.TryGetPosition<string>(out var after) ? after : "", page.RowsToRead, cancel);
        return Results.Ok(Page.Of(rows, page, row => new WabaView(row.Id, row.Name, row.TimeZone, row.Currency, row.State, row.StateReason, null, null), row => row.Id));
    }

    /// <param name="WabaId">Null: all accounts, as without a body.</param>
    public sealed record SyncTemplates(string? WabaId = null);

    public sealed record SyncedView(IReadOnlyList<WabaView> Wabas);

    private static async Task<IResult> SyncAsync(
        SyncTemplates? request, AccountStore store, AccountReader reader, TokenCipher cipher, IGrainFactory grains, CancellationToken cancel)
    {
        var accounts = request?.WabaId is null ? await store.ListAsync("", 1000, cancel) : [];
        if (request?.WabaId is { } id)
        {
            if (await store.FindAsync(id, cancel) is not { } one) return Problems.NotFound("WhatsApp Business Account", id);
            accounts.Add(one);
        }

        var views = new List<WabaView>();
        foreach (var account in accounts)
        {
            var (view, problem) = await FetchAsync(
                account.Id, account.Name, cipher.Decrypt(account.Id, account.AccessToken), account.TimeZone, account.Currency, store, reader, cipher, grains, cancel);
            if (problem is not null) return problem;
            views.Add(view!);
        }

        return Results.Ok(new SyncedView(views));
    }

    private static async Task<IResult> ListTemplatesAsync(PageRequest page, TemplateStore store, CancellationToken cancel)
    {
        var rows = await store.ListAsync(page.TryGetPosition<string>(out var after) ? after : "", page.RowsToRead, cancel);
        return Results.Ok(Page.Of(rows, page, TemplateView.Of, row => row.Id));
    }

    private static async Task<IResult> GetTemplateAsync(string id, TemplateStore store, CancellationToken cancel) =>
        await store.FindAsync(id, cancel) is { } row ? Results.Ok(TemplateView.Of(row)) : Problems.NotFound("template", id);
}

using System.Globalization;
using OrleansBsp.Server.Access;
using OrleansBsp.Server.Http;

namespace OrleansBsp.Server.Contacts;

/// <summary>Contacts and their consent.</summary>
public static class ContactEndpoints
{
    public static void MapContacts(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/api/v1/contacts").WithTags("Contacts");
        api.MapGet("", ListAsync).RequireScope(Scope.Read).WithSummary("The contacts").Produces<Page<ContactView>>()
            .WithMetadata(new QueryParameters(new QueryParameter("phone", "Only the contact with this phone number in E.164.")));
        api.MapPost("", SaveAsync).RequireScope(Scope.Send).WithSummary("Add a contact, or give the one with this phone number another name").Produces<ContactView>(201);
        api.MapGet("/{id:long}", GetAsync).RequireScope(Scope.Read).WithSummary("A contact").Produces<ContactView>();
        api.MapPost("/{id:long}/opt-out", (long id, Wish? wish, ContactStore store, Caller caller, CancellationToken cancel) => SetAsync(id, true, wish, store, caller, cancel)).RequireScope(Scope.Send)
            .WithSummary("The person wants no more messages, of marketing or at all").Produces<ContactView>();
        api.MapPost("/{id:long}/opt-in", (long id, Wish? wish, ContactStore store, Caller caller, CancellationToken cancel) => SetAsync(id, false, wish, store, caller, cancel)).RequireScope(Scope.Send)
            .WithSummary("The person wants messages again").Produces<ContactView>();
        api.MapGet("/{id:long}/consent", ConsentAsync).RequireScope(Scope.Read).WithSummary("Each wish of the person, with its evidence").Produces<ConsentView>();
    }

    /// <param name="OptedOut">"marketing", "all", or null.</param>
    public sealed record ContactView(string Id, string? Phone, string? UserId, string Name, string? OptedOut, DateTime CreatedAt)
    {
        public static ContactView Of(ContactRow row) => new(
            row.Id.ToString(CultureInfo.InvariantCulture), row.Phone is { } phone ? $"+{phone}" : null, row.UserId, row.Name, row.OptedOut, row.CreatedAt);
    }

    public sealed record SaveContact(string Phone, string? Name = null);

    public sealed record ConsentView(IReadOnlyList<ConsentRow> Items);

    /// <param name="Scope">"marketing" or "all".</param>
    public sealed record Wish(string Scope = "all", string? Detail = null);

    private static async Task<IResult> ListAsync(PageRequest page, string? phone, ContactStore store, CancellationToken cancel)
    {
        long? digits = null;
        if (phone is not null && !TryPhone(phone, out digits)) return Problems.BadInput(InputError.Query("phone", "bad-phone", $"'{phone}' is not a phone number in E.164, such as +919812345678."));
        var rows = await store.ListAsync(page.TryGetPosition<long>(out var after) ? after : 0, digits, page.RowsToRead, cancel);
        return Results.Ok(Page.Of(rows, page, ContactView.Of, row => row.Id));
    }

    private static async Task<IResult> SaveAsync(SaveContact request, ContactStore store, CancellationToken cancel)
    {
        if (!TryPhone(request.Phone, out var phone))
            return Problems.BadInput(InputError.At("/phone", "bad-phone", $"'{request.Phone}' is not a phone number in E.164, such as +919812345678."));
        var id = await store.SaveAsync(phone!.Value, request.Name ?? "", cancel);
        return Results.Created($"/api/v1/contacts/{id}", ContactView.Of((await store.FindAsync(id, cancel))!));
    }

    private static async Task<IResult> GetAsync(long id, ContactStore store, CancellationToken cancel) =>
        await store.FindAsync(id, cancel) is { } row ? Results.Ok(ContactView.Of(row)) : Problems.NotFound("contact", id);

    private static async Task<IResult> SetAsync(long id, bool optOut, Wish? wish, ContactStore store, Caller caller, CancellationToken cancel)
    {
        if (await store.FindAsync(id, cancel) is not { } row) return Problems.NotFound("contact", id);
        var scope = wish?.Scope ?? "all";
        if (scope is not ("all" or "marketing")) return Problems.BadInput(InputError.At("/scope", "unknown-value", $"scope must be all or marketing, but was '{scope}'."));
        await store.SetConsentAsync(row.Phone?.ToString(CultureInfo.InvariantCulture), row.UserId, "", optOut, scope, "api", wish?.Detail ?? $"by {caller.Name}", null, cancel);
        return Results.Ok(ContactView.Of((await store.FindAsync(id, cancel))!));
    }

    private static async Task<IResult> ConsentAsync(long id, ContactStore store, CancellationToken cancel) =>
        await store.FindAsync(id, cancel) is null ? Problems.NotFound("contact", id) : Results.Ok(new ConsentView(await store.ReadConsentAsync(id, cancel)));

    private static bool TryPhone(string text, out long? phone)
    {
        phone = text.Length is >= 8 and <= 16 && text[0] == '+' && long.TryParse(text.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out var digits) ? digits : null;
        return phone is not null;
    }
}

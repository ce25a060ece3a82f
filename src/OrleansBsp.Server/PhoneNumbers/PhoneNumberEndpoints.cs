using System.Text.Json;
using OrleansBsp.Core.PhoneNumbers;
using OrleansBsp.Server.Access;
using OrleansBsp.Server.Http;

namespace OrleansBsp.Server.PhoneNumbers;

/// <summary>Phone numbers: what Meta allows them, what the operator allows them, and what they do at present.</summary>
public static class PhoneNumberEndpoints
{
    public static void MapPhoneNumbers(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/api/v1/phone-numbers").WithTags("Phone numbers");
        api.MapGet("", ListAsync).RequireScope(Scope.Read).WithSummary("The phone numbers, with what they do at present").Produces<Page<PhoneNumberView>>();
        api.MapGet("/{id}", GetAsync).RequireScope(Scope.Read).WithSummary("A phone number, with what it does at present").Produces<PhoneNumberView>();
        api.MapPatch("/{id}", ConfigureAsync).RequireScope(Scope.Admin).WithSummary("Change the operator's settings of a number; what is left out stays as it is").Produces<PhoneNumberView>();
    }

    /// <param name="Throughput">Messages/s that Meta allows.</param>
    /// <param name="MaxPerSecond">The operator's own cap; null: none.</param>
    /// <param name="State"><c>active</c> or <c>stopped</c>.</param>
    /// <param name="LimitedBy">What keeps the number from sending faster; null while it rests.</param>
    /// <param name="Silo">Where the number is active at present; null if it is not.</param>
    /// <param name="SendingPerSecond">Permits granted in the last second.</param>
    public sealed record PhoneNumberView(
        string Id, string WabaId, string DisplayNumber, string VerifiedName, string QualityRating, string Status, int Throughput, int? MaxPerSecond,
        int ReservedForReplies, string State, string? StateReason, string? Silo, int SendingPerSecond, string? LimitedBy);

    private static async Task<IResult> ListAsync(PageRequest page, PhoneNumberStore store, IGrainFactory grains, CancellationToken cancel)
    {
        var rows = await store.ListAsync(page.TryGetPosition<string>(out var after) ? after : "", page.RowsToRead, cancel);
        var views = await Task.WhenAll(rows.Select(row => ViewAsync(row, grains)));
        return Results.Ok(Page.Of(views, page, view => view, view => view.Id));
    }

    private static async Task<IResult> GetAsync(string id, PhoneNumberStore store, IGrainFactory grains, CancellationToken cancel) =>
        await store.FindAsync(new PhoneNumberId(id), cancel) is { } row ? Results.Ok(await ViewAsync(row, grains)) : Problems.NotFound("phone number", id);

    /// <param name="MaxPerSecond">1 to what Meta allows the number, or null for no cap; leave it out to change nothing.</param>
    /// <param name="ReservedForReplies">Messages/s that campaigns leave to replies.</param>
    /// <param name="State"><c>active</c> or <c>stopped</c>.</param>
    public sealed record ConfigureNumber(
        [property: ReadAs(typeof(int))] JsonElement? MaxPerSecond = null, int? ReservedForReplies = null, string? State = null);

    private static async Task<IResult> ConfigureAsync(string id, ConfigureNumber request, PhoneNumberStore store, IGrainFactory grains, CancellationToken cancel)
    {
        if (await store.FindAsync(new PhoneNumberId(id), cancel) is not { } row) return Problems.NotFound("phone number", id);
        List<InputError> errors = [];
        int? max = null;
        if (request.MaxPerSecond is { ValueKind: not JsonValueKind.Null } given)
        {
            if (given.ValueKind == JsonValueKind.Number && given.TryGetInt32(out var value) && value >= 1 && value <= row.Throughput) max = value;
            else errors.Add(InputError.At("/maxPerSecond", "out-of-range", $"maxPerSecond must be null or 1 to {row.Throughput}, which Meta allows, but was {given.GetRawText()}."));
        }

        if (request.ReservedForReplies is { } reserved && (reserved < 0 || reserved > row.Throughput))
            errors.Add(InputError.At("/reservedForReplies", "out-of-range", $"reservedForReplies must be 0 to {row.Throughput}, but was {reserved}."));
        if (request.State is not (null or "active" or "stopped"))
            errors.Add(InputError.At("/state", "unknown-value", $"state must be active or stopped, but was '{request.State}'."));
        if (errors.Count > 0) return Problems.BadInput("The number was not changed.", errors);

        await store.ConfigureAsync(new PhoneNumberId(id), request.MaxPerSecond is not null, max, request.ReservedForReplies, request.State, cancel);
        await grains.GetGrain<IPhoneNumberGrain>($"p:{id}").Refresh();
        return Results.Ok(await ViewAsync((await store.FindAsync(new PhoneNumberId(id), cancel))!, grains));
    }

    private static async Task<PhoneNumberView> ViewAsync(PhoneNumberRow row, IGrainFactory grains)
    {
        // An idle number is not woken for a list.
        var live = row.Owner is null ? null : await grains.GetGrain<IPhoneNumberGrain>($"p:{row.Id}").GetLive();
        return new PhoneNumberView(
            row.Id, row.WabaId, row.DisplayNumber, row.VerifiedName, row.QualityRating, row.Status, row.Throughput, row.MaxPerSecond,
            row.ReservedForReplies, row.State, row.StateReason, live?.Silo, live?.GrantedPerSecond ?? 0, row.CannotSend ?? live?.LimitedBy);
    }
}

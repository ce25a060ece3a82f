using System.Text.Json;
using OrleansBsp.Core.Messages;

namespace OrleansBsp.Core.Webhooks;

/// <summary>Reads <c>statuses[]</c>. The hot path: three of these come for every message sent.</summary>
internal static class StatusReader
{
    public static string? Read(JsonElement element, Change change, ContentBuilder found)
    {
        if (MetaJson.Text(element, "id"u8) is not { } wamid)
        {
            return "Status without id.";
        }

        if (KindOf(MetaJson.Child(element, "status"u8)) is not { } kind)
        {
            return "Unknown status.";
        }

        found.Add(new StatusUpdate(
            wamid,
            kind,
            MetaJson.Moment(element, "timestamp"u8),
            MetaJson.Text(element, "biz_opaque_callback_data"u8),
            MetaJson.Text(element, "recipient_id"u8),
            MetaJson.Text(element, "recipient_user_id"u8),
            change.WabaId,
            change.PhoneNumberId,
            kind == StatusKind.Failed ? MessagingReader.FirstError(element) : null,
            MetaJson.TryGet(element, "pricing"u8, out var pricing) ? PricingOf(pricing) : null));
        return null;
    }

    private static StatusKind? KindOf(JsonElement status) =>
        MetaJson.Is(status, "sent"u8) ? StatusKind.Sent
        : MetaJson.Is(status, "delivered"u8) ? StatusKind.Delivered
        : MetaJson.Is(status, "read"u8) ? StatusKind.Read
        : MetaJson.Is(status, "failed"u8) ? StatusKind.Failed
        : MetaJson.Is(status, "played"u8) ? StatusKind.Played
        : MetaJson.Is(status, "deleted"u8) ? StatusKind.Deleted
        : null;

    private static StatusPricing? PricingOf(JsonElement pricing)
    {
        if (pricing.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        var cost = MetaJson.Child(pricing, "cost"u8);
        return new(
            Category(MetaJson.Child(pricing, "category"u8)),
            PriceType(MetaJson.TryGet(pricing, "type"u8, out var type) ? type : MetaJson.Child(pricing, "pricing_type"u8)),
            MetaJson.Flag(pricing, "billable"u8),
            Known(MetaJson.Child(pricing, "pricing_model"u8), "PMP"u8, "PMP"),
            MetaJson.Child(cost, "amount"u8) is { ValueKind: JsonValueKind.Number } amount && amount.TryGetDecimal(out var value) ? value : null,
            MetaJson.Text(cost, "currency"u8));
    }

    // The common words are shared: a million statuses need not hold a million copies of "marketing".

    private static string? Category(JsonElement element) =>
        MetaJson.Is(element, "marketing"u8) ? "marketing"
        : MetaJson.Is(element, "utility"u8) ? "utility"
        : MetaJson.Is(element, "service"u8) ? "service"
        : MetaJson.Is(element, "authentication"u8) ? "authentication"
        : MetaJson.Text(element)?.Replace('-', '_');

    private static string? PriceType(JsonElement element) =>
        MetaJson.Is(element, "regular"u8) ? "regular"
        : MetaJson.Is(element, "free_customer_service"u8) ? "free_customer_service"
        : MetaJson.Text(element);

    private static string? Known(JsonElement element, ReadOnlySpan<byte> utf8, string text) =>
        MetaJson.Is(element, utf8) ? text : MetaJson.Text(element);
}

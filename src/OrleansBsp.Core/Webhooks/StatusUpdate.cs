namespace OrleansBsp.Core.Webhooks;

/// <summary>Meta's delivery status of a message we sent (reference 5.6).</summary>
public enum StatusKind
{
    /// <summary>Meta passed it on.</summary>
    Sent,

    /// <summary>It reached the user's device.</summary>
    Delivered,

    /// <summary>The user opened it. May come without <see cref="Delivered"/>, which it implies.</summary>
    Read,

    /// <summary>The user listened to the voice message.</summary>
    Played,

    /// <summary>It will not be delivered; see the error.</summary>
    Failed,

    /// <summary>Historical; the message was deleted.</summary>
    Deleted,
}

/// <summary>One element of <c>statuses[]</c>.</summary>
/// <param name="Wamid">Meta's id of our message.</param>
/// <param name="Kind">What happened.</param>
/// <param name="At">Meta's time; null if it was missing or nonsense: a receipt without a clock is still a receipt.</param>
/// <param name="Token">Our own reference (<c>biz_opaque_callback_data</c>) that leads to the message; null where we sent none.</param>
/// <param name="RecipientId">The user's WhatsApp id, or a group's id; null for a hidden phone.</param>
/// <param name="RecipientUserId">The user's BSUID; null in payloads before 2026.</param>
/// <param name="WabaId">The WABA (<c>entry.id</c>).</param>
/// <param name="PhoneNumberId">The number that sent the message.</param>
/// <param name="Error">The first error, with <see cref="StatusKind.Failed"/>.</param>
/// <param name="Pricing">What Meta charges; on <c>sent</c> and one of <c>delivered</c>/<c>read</c> only.</param>
public sealed record StatusUpdate(
    string Wamid,
    StatusKind Kind,
    DateTimeOffset? At,
    string? Token,
    string? RecipientId,
    string? RecipientUserId,
    string? WabaId,
    string? PhoneNumberId,
    WebhookError? Error,
    StatusPricing? Pricing);

/// <summary>The <c>pricing</c> of a status. A delivered message is charged once although two statuses carry it.</summary>
/// <param name="Category">E.g. <c>marketing</c>, <c>utility</c>, <c>service</c>; hyphens as underscores.</param>
/// <param name="Type"><c>regular</c>, <c>free_customer_service</c>, <c>free_entry_point</c>.</param>
/// <param name="Billable">Meta will drop it one day; then null.</param>
/// <param name="Model"><c>PMP</c>, or <c>CBP</c> before July 2025.</param>
/// <param name="Cost">Amount, with the Marketing Messages API only.</param>
/// <param name="Currency">Currency of <paramref name="Cost"/>.</param>
public sealed record StatusPricing(string? Category, string? Type, bool? Billable, string? Model, decimal? Cost, string? Currency);

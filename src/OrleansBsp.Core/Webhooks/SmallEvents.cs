namespace OrleansBsp.Core.Webhooks;

/// <summary>An error element of a webhook (reference 2.1). What the code means is in the table of error codes.</summary>
/// <param name="Code">Null if missing or no number.</param>
/// <param name="Title">Meta's title, or its message.</param>
/// <param name="Details">Meta's explanation, at most 300 characters.</param>
public sealed record WebhookError(int? Code, string? Title, string? Details);

/// <summary>A problem of the number, app or account (<c>value.errors[]</c>).</summary>
public sealed record ValueError(string? WabaId, string? PhoneNumberId, WebhookError Error);

/// <summary>What a user decided about marketing messages.</summary>
public enum PreferenceChange
{
    /// <summary>No marketing any more; sends would fail with the opt-out code.</summary>
    Stop,

    /// <summary>Marketing is welcome again.</summary>
    Resume,

    /// <summary>Opted in through a sign-up link.</summary>
    Signup,
}

/// <summary>One element of <c>user_preferences[]</c> (reference 5.8).</summary>
/// <param name="WabaId">The WABA it concerns.</param>
/// <param name="PhoneNumberId">The number it concerns.</param>
/// <param name="WaId">The user's WhatsApp id; null for a hidden phone, then <paramref name="UserId"/> is there.</param>
/// <param name="UserId">The user's BSUID.</param>
/// <param name="Change">Stop, resume or sign-up.</param>
/// <param name="Category">Today always <c>marketing_messages</c>.</param>
/// <param name="Detail">Meta's words.</param>
/// <param name="SignupId">The sign-up link, for a sign-up.</param>
/// <param name="At">Meta's time; null if missing.</param>
public sealed record Preference(
    string? WabaId, string? PhoneNumberId, string? WaId, string? UserId, PreferenceChange Change, string? Category, string? Detail, string? SignupId, DateTimeOffset? At);

/// <summary>A click on a marketing message (reference 5.6, <c>user_actions[]</c>).</summary>
/// <param name="WabaId">The WABA it concerns.</param>
/// <param name="PhoneNumberId">The number it concerns.</param>
/// <param name="ActionType"><c>marketing_messages_link_click</c>.</param>
/// <param name="ClickComponent"><c>cta</c> or <c>body</c>.</param>
/// <param name="ClickId">Meta's id of the click.</param>
/// <param name="TrackingToken">Leads to the message.</param>
/// <param name="ProductId">The product, for catalog messages.</param>
/// <param name="At">Meta's time; null if missing.</param>
public sealed record UserAction(
    string? WabaId, string? PhoneNumberId, string ActionType, string? ClickComponent, string? ClickId, string? TrackingToken, string? ProductId, DateTimeOffset? At);

/// <summary>A message the business sent from its phone app; free, and outside our books (reference 5.9).</summary>
/// <param name="WabaId">The WABA it concerns.</param>
/// <param name="PhoneNumberId">The number that sent it.</param>
/// <param name="To">The user's WhatsApp id, or null.</param>
/// <param name="ToUserId">The user's BSUID, or null; one of the two is there.</param>
/// <param name="Wamid">Meta's id.</param>
/// <param name="At">Meta's time; null if missing.</param>
/// <param name="Type">Meta's type, <c>edit</c> and <c>revoke</c> included.</param>
/// <param name="Text">What a thread shows; null where there is nothing in words.</param>
/// <param name="TargetWamid">The message that is edited, revoked or reacted to.</param>
/// <param name="Raw">The element as JSON.</param>
public sealed record MessageEcho(
    string? WabaId, string? PhoneNumberId, string? To, string? ToUserId, string Wamid, DateTimeOffset? At, string Type, string? Text, string? TargetWamid, string Raw);

/// <summary>A change of a field that we know and do not act on.</summary>
/// <param name="WabaId">The WABA it concerns.</param>
/// <param name="PhoneNumberId">The number, where the payload names one.</param>
/// <param name="Field">Meta's field, e.g. <c>history</c>.</param>
/// <param name="Event">The payload's own <c>event</c>, if any.</param>
/// <param name="At">Time of the entry; null where Meta sends none.</param>
/// <param name="Raw">The value as JSON.</param>
public sealed record OtherEvent(string? WabaId, string? PhoneNumberId, string Field, string? Event, DateTimeOffset? At, string Raw);

/// <summary>Something in a body that could not be read.</summary>
/// <param name="Path">Where, e.g. <c>entry[0].changes[1].value.statuses[3]</c>; empty for the whole body.</param>
/// <param name="Reason">Why, in words.</param>
/// <param name="Snippet">The beginning of the raw JSON, at most <see cref="MaxSnippet"/> characters.</param>
public sealed record NotUnderstood(string Path, string Reason, string Snippet)
{
    /// <summary>Enough to see what it is; the whole body is in the inbox.</summary>
    public const int MaxSnippet = 500;
}

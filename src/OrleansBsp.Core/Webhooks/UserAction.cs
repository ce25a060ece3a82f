namespace OrleansBsp.Core.Webhooks;

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

namespace OrleansBsp.Core.Webhooks;

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

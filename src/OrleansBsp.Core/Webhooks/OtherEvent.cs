namespace OrleansBsp.Core.Webhooks;

/// <summary>A change of a field that we know and do not act on, or not on all of it.</summary>
/// <param name="WabaId">The WABA it concerns.</param>
/// <param name="PhoneNumberId">The number, where the payload names one.</param>
/// <param name="Field">Meta's field, e.g. <c>history</c>.</param>
/// <param name="Event">The payload's own <c>event</c>, if any.</param>
/// <param name="At">Time of the entry; null where Meta sends none.</param>
/// <param name="Raw">The value as JSON.</param>
public sealed record OtherEvent(string? WabaId, string? PhoneNumberId, string Field, string? Event, DateTimeOffset? At, string Raw);

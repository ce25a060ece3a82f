namespace OrleansBsp.Core.Webhooks;

/// <summary>An error element of a webhook (reference 2.1). What the code means is in the table of error codes.</summary>
/// <param name="Code">Null if missing or no number.</param>
/// <param name="Title">Meta's title, or its message.</param>
/// <param name="Details">Meta's explanation, at most 300 characters.</param>
public sealed record WebhookError(int? Code, string? Title, string? Details);

/// <summary>A problem of the number, app or account (<c>value.errors[]</c>).</summary>
public sealed record ValueError(string? WabaId, string? PhoneNumberId, WebhookError Error);

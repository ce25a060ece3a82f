using OrleansBsp.Core.Messages;

namespace OrleansBsp.Core.Webhooks;

/// <summary>Reads the fields about phone numbers (reference 5.8).</summary>
internal static class NumberReader
{
    public static string? ReadLimit(Change change, ContentBuilder found)
    {
        var value = change.Value;
        var kind = MetaJson.Text(value, "event"u8);

        // Payloads before 2026 carry the limit under current_limit.
        var limit = MetaJson.Text(value, "max_daily_conversations_per_business"u8) ?? MetaJson.Text(value, "current_limit"u8);
        if (kind is null && limit is null)
        {
            return "Neither event nor limit.";
        }

        found.Add(new NumberEvent.LimitChanged(
            change.WabaId, Display(change), change.At, kind, MessagingLimit.Parse(limit), MessagingLimit.Parse(MetaJson.Text(value, "old_limit"u8))));
        return null;
    }

    public static string? ReadName(Change change, ContentBuilder found)
    {
        if (MetaJson.Text(change.Value, "decision"u8) is not { } decision)
        {
            return "No decision on the name.";
        }

        found.Add(new NumberEvent.NameReviewed(
            change.WabaId,
            Display(change),
            change.At,
            decision,
            MetaJson.Text(change.Value, "requested_verified_name"u8),
            MetaJson.Text(change.Value, "rejection_reason"u8)));
        return null;
    }

    public static string? ReadUsername(Change change, ContentBuilder found)
    {
        if (MetaJson.Text(change.Value, "status"u8) is not { } status)
        {
            return "No status of the username.";
        }

        found.Add(new NumberEvent.UsernameChanged(
            change.WabaId, Display(change), change.At, MetaJson.Text(change.Value, "username"u8), status));
        return null;
    }

    private static string? Display(Change change) => MetaJson.Text(change.Value, "display_phone_number"u8);
}

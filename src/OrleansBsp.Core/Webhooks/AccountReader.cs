using System.Text.Json;
using OrleansBsp.Core.Messages;

namespace OrleansBsp.Core.Webhooks;

/// <summary>Reads the fields about the account (reference 5.8).</summary>
internal static class AccountReader
{
    public static string? ReadUpdate(Change change, ContentBuilder found)
    {
        var value = change.Value;
        if (MetaJson.Text(value, "event"u8) is not { } kind)
        {
            return "No event.";
        }

        var ban = MetaJson.Child(value, "ban_info"u8);
        found.Add(new AccountEvent.Updated(change.WabaId, change.At, MetaJson.Raw(value))
        {
            Event = kind,
            Restrictions = RestrictionsOf(MetaJson.Child(value, "restriction_info"u8)),
            ViolationType = MetaJson.Text(MetaJson.Child(value, "violation_info"u8), "violation_type"u8),
            BanState = MetaJson.Text(ban, "waba_ban_state"u8),
            BanDate = MetaJson.Text(ban, "waba_ban_date"u8),
            DisconnectionReason = MetaJson.Text(MetaJson.Child(value, "disconnection_info"u8), "reason"u8),
        });
        return null;
    }

    public static string? ReadAlert(Change change, ContentBuilder found)
    {
        var value = change.Value;

        // The alert's own keys stand in alert_info; some captures have them beside it.
        var info = MetaJson.TryGet(value, "alert_info"u8, out var inside) ? inside : value;
        if (MetaJson.Text(info, "alert_type"u8) is not { } type)
        {
            return "No type of alert.";
        }

        found.Add(new AccountEvent.Alerted(
            change.WabaId,
            change.At,
            MetaJson.Raw(value),
            MetaJson.Text(value, "entity_type"u8),
            MetaJson.Text(value, "entity_id"u8),
            MetaJson.Text(info, "alert_severity"u8),
            MetaJson.Text(info, "alert_status"u8),
            type,
            MetaJson.Text(info, "alert_description"u8)));
        return null;
    }

    public static string? ReadReview(Change change, ContentBuilder found)
    {
        if (MetaJson.Text(change.Value, "decision"u8) is not { } decision)
        {
            return "No decision.";
        }

        found.Add(new AccountEvent.Reviewed(change.WabaId, change.At, MetaJson.Raw(change.Value), decision));
        return null;
    }

    public static string? ReadCapability(Change change, ContentBuilder found)
    {
        var value = change.Value;
        var limit = MetaJson.Text(value, "max_daily_conversations_per_business"u8) ?? MetaJson.Text(value, "max_daily_conversation_per_phone"u8);
        var numbers = MetaJson.Number(value, "max_phone_numbers_per_business"u8) ?? MetaJson.Number(value, "max_phone_numbers_per_waba"u8);
        if (limit is null && numbers is null)
        {
            return "No capability known.";
        }

        found.Add(new AccountEvent.CapabilityChanged(
            change.WabaId, change.At, MetaJson.Raw(value), MessagingLimit.Parse(limit), numbers));
        return null;
    }

    public static string? ReadPin(Change change, ContentBuilder found)
    {
        if (MetaJson.Text(change.Value, "event"u8) is not { } kind)
        {
            return "No event.";
        }

        found.Add(new AccountEvent.PinEvent(
            change.WabaId,
            change.At,
            MetaJson.Raw(change.Value),
            MetaJson.Text(change.Value, "display_phone_number"u8),
            kind,
            MetaJson.Text(change.Value, "requester"u8)));
        return null;
    }

    private static IReadOnlyList<AccountRestriction> RestrictionsOf(JsonElement list)
    {
        if (list.ValueKind != JsonValueKind.Array)
        {
            return [];
        }

        return
        [
            .. from element in list.EnumerateArray()
               let type = MetaJson.Text(element, "restriction_type"u8)
               where type is not null
               select new AccountRestriction(type, MetaJson.Moment(element, "expiration"u8), MetaJson.Text(element, "remediation"u8)),
        ];
    }
}

using OrleansBsp.Core.Messages;

namespace OrleansBsp.Core.Webhooks;

/// <summary>Leads a change to the reader of its field (reference 5.4).</summary>
internal static class FieldReader
{
    /// <summary>Reads the change into <paramref name="found"/>; a reason if it could not.</summary>
    public static string? Read(Change change, ContentBuilder found) => change.Field switch
    {
        "messages" or "user_preferences" or "smb_message_echoes" or "message_echoes" => MessagingReader.Read(change, found),

        "message_template_status_update" or "message_template_quality_update" or "message_template_components_update"
            or "template_category_update" => TemplateReader.Read(change, found),

        "phone_number_quality_update" => NumberReader.ReadLimit(change, found),
        "phone_number_name_update" => NumberReader.ReadName(change, found),
        "business_username_update" => NumberReader.ReadUsername(change, found),

        "account_update" => AccountReader.ReadUpdate(change, found),
        "account_alerts" => AccountReader.ReadAlert(change, found),
        "account_review_update" => AccountReader.ReadReview(change, found),
        "business_capability_update" => AccountReader.ReadCapability(change, found),
        "security" => AccountReader.ReadPin(change, found),

        "calls" => ReadCalls(change, found),

        // History must not pass for fresh messages: it would open windows and answer old questions.
        "history" or "smb_app_state_sync" or "flows" or "account_settings_update" or "group_lifecycle_update"
            or "group_participants_update" or "group_settings_update" or "group_status_update" or "payment_configuration_update"
            or "partner_solutions" or "automatic_events" or "user_id_update" or "contacts" or "tracking_events" or "standby" =>
            Keep(change, found, change.Field),

        null => ReadByKeys(change, found),
        var unknown => $"Unknown field {MetaJson.Cut(unknown, 80)}.",
    };

    /// <summary>Without a field the keys decide, as far as they are unmistakable.</summary>
    private static string? ReadByKeys(Change change, ContentBuilder found)
    {
        if (MetaJson.TryGet(change.Value, "messaging_product"u8, out _) && !MetaJson.TryGet(change.Value, "calls"u8, out _))
        {
            return MessagingReader.Read(change, found);
        }

        if (MetaJson.TryGet(change.Value, "message_template_id"u8, out _))
        {
            return TemplateReader.Read(change, found);
        }

        return "No field.";
    }

    /// <summary>What a user does by calling is read as a message; the field itself is kept like the others.</summary>
    private static string? ReadCalls(Change change, ContentBuilder found)
    {
        ElementList.Each(change, "calls"u8, InboundReader.ReadCall, found);
        return Keep(change, found, "calls");
    }

    private static string? Keep(Change change, ContentBuilder found, string field)
    {
        found.Add(new OtherEvent(
            change.WabaId, change.PhoneNumberId, field, MetaJson.Text(change.Value, "event"u8), change.At, MetaJson.Raw(change.Value)));
        return null;
    }
}

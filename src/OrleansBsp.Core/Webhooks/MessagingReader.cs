using System.Text.Json;
using OrleansBsp.Core.Messages;

namespace OrleansBsp.Core.Webhooks;

/// <summary>Reads the value of the messaging fields: any mixture of statuses, messages, echoes, preferences, clicks and errors.</summary>
internal static class MessagingReader
{
    public static string? Read(Change change, ContentBuilder found)
    {
        var known = ElementList.Each(change, "statuses"u8, StatusReader.Read, found);
        known |= ElementList.Each(change, "messages"u8, InboundReader.Read, found);
        known |= ElementList.Each(change, "message_echoes"u8, EchoReader.Read, found);
        known |= ElementList.Each(change, "user_preferences"u8, ReadPreference, found);
        known |= ElementList.Each(change, "user_actions"u8, ReadAction, found);
        known |= ElementList.Each(change, "errors"u8, ReadError, found);
        return known ? null : "Nothing known inside.";
    }

    /// <summary>The first error of an <c>errors</c> list, or null.</summary>
    public static WebhookError? FirstError(JsonElement parent)
    {
        var error = MetaJson.First(MetaJson.Child(parent, "errors"u8));
        return error.ValueKind == JsonValueKind.Object ? ErrorOf(error) : null;
    }

    private static WebhookError ErrorOf(JsonElement error)
    {
        var data = MetaJson.Child(error, "error_data"u8);
        var details = MetaJson.Text(data, "details"u8) ?? MetaJson.Text(data);
        return new(
            MetaJson.Number(error, "code"u8),
            MetaJson.Text(error, "title"u8) ?? MetaJson.Text(error, "message"u8),
            details is null ? null : MetaJson.Cut(details, SendFault.MaxDetails));
    }

    private static string? ReadError(JsonElement element, Change change, ContentBuilder found)
    {
        found.Add(new ValueError(change.WabaId, change.PhoneNumberId, ErrorOf(element)));
        return null;
    }

    private static string? ReadPreference(JsonElement element, Change change, ContentBuilder found)
    {
        PreferenceChange? decision = MetaJson.Text(element, "value"u8) switch
        {
            "stop" => PreferenceChange.Stop,
            "resume" => PreferenceChange.Resume,
            "signup" => PreferenceChange.Signup,
            _ => null,
        };
        var waId = MetaJson.Text(element, "wa_id"u8);
        var userId = MetaJson.Text(element, "user_id"u8);
        if (decision is not { } known)
        {
            return "Unknown preference.";
        }

        if (waId is null && userId is null)
        {
            return "No user.";
        }

        found.Add(new Preference(
            change.WabaId,
            change.PhoneNumberId,
            waId,
            userId,
            known,
            MetaJson.Text(element, "category"u8),
            MetaJson.Text(element, "detail"u8),
            MetaJson.Text(element, "signup_id"u8),
            MetaJson.Moment(element, "timestamp"u8)));
        return null;
    }

    private static string? ReadAction(JsonElement element, Change change, ContentBuilder found)
    {
        if (MetaJson.Text(element, "action_type"u8) is not "marketing_messages_link_click" and var type)
        {
            return $"Unknown action {MetaJson.Cut(type ?? "", 80)}.";
        }

        var click = MetaJson.Child(element, "marketing_messages_link_click_data"u8);
        found.Add(new UserAction(
            change.WabaId,
            change.PhoneNumberId,
            "marketing_messages_link_click",
            MetaJson.Text(click, "click_component"u8),
            MetaJson.Text(click, "click_id"u8),
            MetaJson.Text(click, "tracking_token"u8),
            MetaJson.Text(click, "product_id"u8),
            MetaJson.Moment(element, "timestamp"u8)));
        return null;
    }
}

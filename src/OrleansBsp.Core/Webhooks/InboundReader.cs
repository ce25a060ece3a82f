using System.Text.Json;
using OrleansBsp.Core.Messages;

namespace OrleansBsp.Core.Webhooks;

/// <summary>Reads <c>messages[]</c> (reference 5.5) and what users say by calling.</summary>
internal static class InboundReader
{
    /// <summary>
    /// An element without id cannot be told from its repetition, one without sender belongs to no conversation: both are
    /// not understood. One of an unknown type is kept as a message, so that the thread shows that something came, and is noted too.
    /// </summary>
    public static string? Read(JsonElement element, Change change, ContentBuilder found) =>
        Read(element, MetaJson.Text(element, "type"u8) ?? "unknown", change, found);

    /// <summary>Of <c>calls[]</c> (reference 5.9) the beginning of a call by a user, as a message of type <c>call</c>: it opens the window as one.</summary>
    public static string? ReadCall(JsonElement element, Change change, ContentBuilder found) =>
        MetaJson.Text(element, "event"u8) == "connect" && MetaJson.Text(element, "direction"u8) == "USER_INITIATED"
            ? Read(element, "call", change, found)
            : null;

    private static string? Read(JsonElement element, string type, Change change, ContentBuilder found)
    {
        if (MetaJson.Text(element, "id"u8) is not { } wamid)
        {
            return "Message without id.";
        }

        // A hidden phone is a missing key, or an empty one in payloads of 2025.
        var from = MetaJson.Text(element, "from"u8);
        var fromUserId = MetaJson.Text(element, "from_user_id"u8);
        if (from is null && fromUserId is null)
        {
            return "Message without sender.";
        }

        var content = MessageText.ContentOf(element, type);
        var contact = change.ContactOf(from, fromUserId);
        var groupId = MetaJson.Text(element, "group_id"u8);
        var button = MetaJson.Child(content, "button_reply"u8);
        var reply = button.ValueKind == JsonValueKind.Object ? button : MetaJson.Child(content, "list_reply"u8);
        found.Add(new InboundMessage
        {
            WabaId = change.WabaId,
            PhoneNumberId = change.PhoneNumberId,
            From = from,
            FromUserId = fromUserId,
            FromParentUserId = MetaJson.Text(element, "from_parent_user_id"u8),
            ProfileName = contact?.Name,
            Username = contact?.Username,
            GroupId = groupId,
            Wamid = wamid,
            At = MetaJson.Moment(element, "timestamp"u8),
            Type = type,
            Text = MessageText.Of(element, type),
            ContextWamid = MetaJson.Text(MetaJson.Child(element, "context"u8), "id"u8),
            TargetWamid = MessageText.TargetOf(element, type),
            ButtonPayload = type == "button" ? MetaJson.Text(content, "payload"u8) : null,
            ReplyId = MetaJson.Text(reply, "id"u8),
            ReplyTitle = MetaJson.Text(reply, "title"u8),
            FlowResponse = MetaJson.Text(MetaJson.Child(content, "nfm_reply"u8), "response_json"u8),
            Media = type is "image" or "video" or "audio" or "document" or "sticker" ? MediaOf(content) : null,
            System = type == "system" ? NoticeOf(content) : null,
            HasReferral = MetaJson.Child(element, "referral"u8).ValueKind == JsonValueKind.Object,
            Error = MessagingReader.FirstError(element),
            OpensWindow = groupId is null && Opens(type, content),
            Raw = MetaJson.Raw(element),
        });
        return IsKnown(type) ? null : $"Unknown type {MetaJson.Cut(type, 80)}; kept as a message.";
    }

    private static bool Opens(string type, JsonElement content) => type switch
    {
        "text" or "image" or "video" or "audio" or "document" or "sticker" or "location" or "contacts" or "button" or "order" or "call" => true,
        "interactive" => MetaJson.TryGet(content, "button_reply"u8, out _)
            || MetaJson.TryGet(content, "list_reply"u8, out _)
            || MetaJson.TryGet(content, "nfm_reply"u8, out _),
        _ => false,
    };

    private static bool IsKnown(string type) => type
        is "text" or "image" or "video" or "audio" or "document" or "sticker" or "location" or "contacts" or "button" or "order"
        or "interactive" or "reaction" or "edit" or "revoke" or "system" or "unsupported" or "request_welcome" or "call";

    private static InboundMedia? MediaOf(JsonElement content) => content.ValueKind != JsonValueKind.Object ? null : new(
        MetaJson.Text(content, "id"u8),
        MetaJson.Text(content, "mime_type"u8),
        MetaJson.Text(content, "filename"u8),
        MetaJson.Text(content, "sha256"u8),
        MetaJson.Text(content, "url"u8),
        MetaJson.Flag(content, "voice"u8) ?? false);

    private static SystemNotice NoticeOf(JsonElement content) => new(
        MetaJson.Text(content, "type"u8),
        MetaJson.Text(content, "wa_id"u8) ?? MetaJson.Text(content, "new_wa_id"u8),
        MetaJson.Text(content, "user_id"u8));
}

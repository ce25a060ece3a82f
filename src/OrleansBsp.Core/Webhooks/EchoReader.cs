using System.Text.Json;
using OrleansBsp.Core.Messages;

namespace OrleansBsp.Core.Webhooks;

/// <summary>Reads <c>message_echoes[]</c> (reference 5.9).</summary>
internal static class EchoReader
{
    public static string? Read(JsonElement element, Change change, ContentBuilder found)
    {
        var to = MetaJson.Text(element, "to"u8);
        var toUserId = MetaJson.Text(element, "to_user_id"u8);
        if (MetaJson.Text(element, "id"u8) is not { } wamid || MetaJson.Text(element, "type"u8) is not { } type)
        {
            return "Echo without id or type.";
        }

        if (to is null && toUserId is null)
        {
            return "Echo without recipient.";
        }

        found.Add(new MessageEcho(
            change.WabaId,
            change.PhoneNumberId,
            to,
            toUserId,
            wamid,
            MetaJson.Moment(element, "timestamp"u8),
            type,
            MessageText.Of(element, type),
            MessageText.TargetOf(element, type),
            MetaJson.Raw(element)));
        return null;
    }
}

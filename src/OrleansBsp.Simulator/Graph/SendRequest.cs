using System.Text.Json;
using OrleansBsp.Simulator.Accounts;

namespace OrleansBsp.Simulator.Graph;

/// <summary>The envelope of <c>POST /{number}/messages</c> (reference 1.1). Elements point into the request's document.</summary>
internal struct SendRequest
{
    /// <summary>The recipient as it was written.</summary>
    public string Input;

    /// <summary>Key of the recipient: digits, or hash of the BSUID with the top bit set.</summary>
    public ulong Recipient;

    /// <summary>The BSUID, if the recipient was given by it.</summary>
    public string? UserId;

    public string Type;

    /// <summary>The object named like the type.</summary>
    public JsonElement Content;

    /// <summary><c>biz_opaque_callback_data</c>, undefined if absent.</summary>
    public JsonElement Token;

    /// <summary>The message was a read receipt: no recipient, no ledger.</summary>
    public bool IsReadReceipt;

    /// <summary>Reads the envelope; what it refuses has not looked at the content yet.</summary>
    public static GraphError? TryRead(JsonElement root, BusinessNumber sender, bool prependCountryCode, out SendRequest request)
    {
        request = new SendRequest { Input = "", Type = "text" };
        if (root.ValueKind != JsonValueKind.Object || Text(root, "messaging_product"u8) != "whatsapp")
        {
            return GraphErrors.Of(100, "The parameter messaging_product is required.");
        }

        if (Text(root, "status"u8) is { } status)
        {
            request.IsReadReceipt = true;
            return status == "read" && Text(root, "message_id"u8) is { Length: > 0 } ? null : GraphErrors.Of(100, "message_id is required and status must be read.");
        }

        if (ReadRecipient(root, sender, prependCountryCode, ref request) is { } refusal)
        {
            return refusal;
        }

        request.Type = Text(root, "type"u8) ?? "text";
        if (root.TryGetProperty("biz_opaque_callback_data"u8, out request.Token)
            && (request.Token.ValueKind != JsonValueKind.String || (request.Token.GetRawText().Length > 514 && request.Token.GetString()!.Length > 512)))
        {
            return GraphErrors.Of(100, "Param biz_opaque_callback_data must be a string of at most 512 characters.");
        }

        if (!root.TryGetProperty(request.Type, out request.Content))
        {
            return MessageTypes.IsKnown(request.Type)
                ? GraphErrors.Of(131008, $"The parameter {request.Type} is required.")
                : GraphErrors.Of(131051, $"Message type {request.Type} is unknown.");
        }

        return null;
    }

    public static string? Text(JsonElement element, ReadOnlySpan<byte> name)
        => element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static GraphError? ReadRecipient(JsonElement root, BusinessNumber sender, bool prependCountryCode, ref SendRequest request)
    {
        if (Text(root, "to"u8) is { Length: > 0 } to)
        {
            request.Input = to;
            request.Recipient = Wa.Digits(to, out var international);
            if (request.Recipient == 0)
            {
                return GraphErrors.Of(131009, "The recipient phone number is not valid.");
            }

            if (prependCountryCode && !international)
            {
                request.Recipient = Wa.Digits(string.Concat(sender.DisplayPhoneNumber.Split(' ')[0], to), out _);
            }

            return Wa.Digits(sender.Digits, out _) == request.Recipient ? GraphErrors.Of(131021) : null;
        }

        if (Text(root, "recipient"u8) is not { Length: > 0 } userId)
        {
            return GraphErrors.Of(131008, "The parameter to is required.");
        }

        if (userId.Length < 4 || userId[2] != '.' || !char.IsAsciiLetterUpper(userId[0]) || !char.IsAsciiLetterUpper(userId[1]))
        {
            return GraphErrors.Of(131009, "The recipient is not a business-scoped user ID.");
        }

        request.Input = userId;
        request.UserId = userId;
        request.Recipient = Wa.UserIdKey(userId);
        return null;
    }
}

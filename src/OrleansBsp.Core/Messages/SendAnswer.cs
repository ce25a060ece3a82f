using System.Text.Json;

namespace OrleansBsp.Core.Messages;

/// <summary>Reads the answer to <c>POST /{phone_number_id}/messages</c> (reference 1.2, 2.1, 2.9).</summary>
public static class SendAnswer
{
    /// <summary>Longest wamid we take for one; about 128 characters are seen, columns allow 255 (reference 0.4).</summary>
    private const int MaxWamid = 255;

    /// <summary>What the answer means. Never throws; whatever cannot be understood is uncertain, not repeated.</summary>
    /// <param name="httpStatus">Decides only where the body holds no code: rate errors come as 400 and as 429.</param>
    /// <param name="body">The whole body; may be empty, truncated, HTML.</param>
    /// <param name="attempt">Number of this attempt, from 1.</param>
    /// <param name="jitter">Chance drawn by the caller, 0..1.</param>
    public static SendOutcome Read(int httpStatus, ReadOnlySpan<byte> body, int attempt, double jitter)
    {
        try
        {
            var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = MetaJson.MaxDepth });
            using var document = JsonDocument.ParseValue(ref reader);
            return Read(httpStatus, document.RootElement, body, attempt, jitter);
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            return Decide(httpStatus, null, null, MetaJson.Cut(body, SendFault.MaxDetails), null, attempt, jitter);
        }
    }

    private static SendOutcome Read(int httpStatus, JsonElement root, ReadOnlySpan<byte> body, int attempt, double jitter)
    {
        if (MetaJson.TryGet(root, "error"u8, out var error))
        {
            return Decide(
                httpStatus,
                MetaJson.Number(error, "code"u8),
                MetaJson.Number(error, "error_subcode"u8),
                Details(error),
                MetaJson.Text(error, "fbtrace_id"u8),
                attempt,
                jitter);
        }

        var message = MetaJson.First(MetaJson.Child(root, "messages"u8));
        var wamid = MetaJson.Text(message, "id"u8);
        if (httpStatus is >= 200 and < 300 && wamid is { Length: <= MaxWamid })
        {
            var contact = MetaJson.First(MetaJson.Child(root, "contacts"u8));
            var held = MetaJson.Text(message, "message_status"u8) is "held_for_quality_assessment" or "paused";
            return new SendOutcome.Accepted(wamid, MetaJson.Text(contact, "wa_id"u8), MetaJson.Text(contact, "user_id"u8), held);
        }

        // An id under a status that is no success contradicts itself: it may have been sent.
        var status = wamid is null ? httpStatus : 0;
        return Decide(status, null, null, MetaJson.Cut(body, SendFault.MaxDetails), null, attempt, jitter);
    }

    private static SendOutcome Decide(
        int httpStatus, int? code, int? subcode, string details, string? traceId, int attempt, double jitter)
    {
        var rule = MetaErrorTable.ForAnswer(code, subcode, httpStatus);
        var fault = new SendFault(code, MetaJson.Cut(details.Trim(), SendFault.MaxDetails), traceId, rule);
        return rule.Class switch
        {
            MetaErrorClass.RetryLater or MetaErrorClass.SlowDown or MetaErrorClass.RecipientWait =>
                new SendOutcome.Retry(rule.RetryAfter(attempt, jitter), fault),
            MetaErrorClass.RefuseRecipient or MetaErrorClass.Fix => new SendOutcome.Refused(fault),
            MetaErrorClass.StopCampaign or MetaErrorClass.StopAccount => new SendOutcome.Blocked(fault),
            MetaErrorClass.Uncertain => new SendOutcome.Uncertain(fault),
        };
    }

    /// <summary><c>error_data</c> may be missing, an object or a plain string; the message is the last resort (reference 2.1).</summary>
    private static string Details(JsonElement error)
    {
        // Some proxies put a bare string under "error".
        if (error.ValueKind == JsonValueKind.String)
        {
            return MetaJson.Text(error) ?? "";
        }

        var data = MetaJson.Child(error, "error_data"u8);
        return MetaJson.Text(data, "details"u8)
            ?? MetaJson.Text(data)
            ?? MetaJson.Text(error, "error_user_msg"u8)
            ?? MetaJson.Text(error, "message"u8)
            ?? "";
    }
}

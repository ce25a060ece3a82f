namespace OrleansBsp.Core.Webhooks;

/// <summary>One element of <c>messages[]</c>, or a call by a user: something a user did in the chat (reference 5.5, 5.9).</summary>
public sealed record InboundMessage
{
    /// <summary>The WABA (<c>entry.id</c>).</summary>
    public string? WabaId { get; init; }

    /// <summary>The number that was written to.</summary>
    public string? PhoneNumberId { get; init; }

    /// <summary>Sender's WhatsApp id; null when the phone is hidden (then <see cref="FromUserId"/> is there).</summary>
    public string? From { get; init; }

    /// <summary>Sender's BSUID; null in payloads before 2026. Changes with the user's phone number.</summary>
    public string? FromUserId { get; init; }

    /// <summary>Sender's parent BSUID, for portfolios with linked scoping.</summary>
    public string? FromParentUserId { get; init; }

    /// <summary>Profile name, from the contact that matches by id, never by position.</summary>
    public string? ProfileName { get; init; }

    /// <summary>Username; users change it, so it is never a key.</summary>
    public string? Username { get; init; }

    /// <summary>The group, for a message in a group.</summary>
    public string? GroupId { get; init; }

    /// <summary>Meta's id: the key to recognise a repetition.</summary>
    public required string Wamid { get; init; }

    /// <summary>Meta's time; null if missing or nonsense. The service window counts from it, not from receipt.</summary>
    public DateTimeOffset? At { get; init; }

    /// <summary>Meta's type as sent, also one we do not know.</summary>
    public required string Type { get; init; }

    /// <summary>What thread and preview show: body, caption, title, emoji; null where there is nothing in words.</summary>
    public string? Text { get; init; }

    /// <summary>The message that is quoted, or whose button was tapped; a tap may come without.</summary>
    public string? ContextWamid { get; init; }

    /// <summary>The message that is reacted to, edited or revoked.</summary>
    public string? TargetWamid { get; init; }

    /// <summary>Payload of a template's quick reply.</summary>
    public string? ButtonPayload { get; init; }

    /// <summary>Id of the tapped reply button or list row.</summary>
    public string? ReplyId { get; init; }

    /// <summary>Title of the tapped reply button or list row.</summary>
    public string? ReplyTitle { get; init; }

    /// <summary>Answer of a flow, as JSON text; not checked.</summary>
    public string? FlowResponse { get; init; }

    /// <summary>Media with the message. The id can be fetched for 7 days, the address for 5 minutes.</summary>
    public InboundMedia? Media { get; init; }

    /// <summary>Notice about the user instead of a message.</summary>
    public SystemNotice? System { get; init; }

    /// <summary>Came through a click-to-WhatsApp ad or post; details in <see cref="Raw"/>.</summary>
    public bool HasReferral { get; init; }

    /// <summary>Why Meta could not represent the message (type <c>unsupported</c>).</summary>
    public WebhookError? Error { get; init; }

    /// <summary>
    /// Whether it opens or refreshes the customer service window. True for what the user wrote, shared or tapped, and for
    /// calls. False for reactions, edits, revocations, answers to call requests, group messages, system notices, unsupported and unknown types:
    /// whether those open it is documented nowhere (reference 7.1, appendix B 16), and a window believed open costs a failed
    /// send while one believed closed only asks for a template.
    /// </summary>
    public required bool OpensWindow { get; init; }

    /// <summary>The element as JSON. Store it as <c>text</c>: <c>jsonb</c> refuses the escape <c>\u0000</c>, which JSON allows.</summary>
    public required string Raw { get; init; }
}

/// <summary>Media of an inbound message.</summary>
public sealed record InboundMedia(string? Id, string? MimeType, string? FileName, string? Sha256, string? Url, bool IsVoice);

/// <summary>Content of a <c>system</c> message.</summary>
/// <param name="Type"><c>user_changed_number</c>, <c>user_changed_user_id</c>, <c>customer_identity_changed</c> or new.</param>
/// <param name="NewWaId">The user's new WhatsApp id.</param>
/// <param name="NewUserId">The user's new BSUID.</param>
public sealed record SystemNotice(string? Type, string? NewWaId, string? NewUserId);

using OrleansBsp.Core.Messages;
using OrleansBsp.Server.Http.Idempotency;

namespace OrleansBsp.Server.Conversations;

/// <summary>
/// One phone number and one person: the thread, the customer service window, and the messages sent to this person one by one.
/// Key: <c>w:</c>, the phone number id, a colon, and the person's address (digits of the wa_id, or BSUID).
/// </summary>
[Alias("Conversation")]
public interface IConversationGrain : IGrainWithStringKey
{
    /// <summary>Stores what the person wrote and what Meta reported. Completes after the commit; safe to repeat.</summary>
    [Alias("Receive")]
    Task Receive(ConversationBatch batch);

    /// <summary>Takes a message for sending. It is stored when this completes, and sent afterwards.</summary>
    /// <param name="type">Meta's message type.</param>
    /// <param name="body">Meta's message object without sender, recipient and token.</param>
    /// <param name="slot">Where the answer is stored together with the message; null if the request has no Idempotency-Key.</param>
    [Alias("Send")]
    Task<SendTicket> Send(string type, string body, string createdBy, AnswerSlot? slot);

    /// <summary>Comes alive and goes on with what is waiting to be sent.</summary>
    [Alias("Wake")]
    Task Wake();
}

/// <summary>The answer to a send.</summary>
/// <param name="MessageId">0 if it was refused.</param>
/// <param name="Code">Why it was refused, or null.</param>
[GenerateSerializer, Immutable, Alias("SendTicket")]
public sealed record SendTicket([property: Id(0)] long MessageId, [property: Id(1)] string? Code, [property: Id(2)] string? Message);

[GenerateSerializer, Immutable, Alias("ConversationBatch")]
public sealed record ConversationBatch([property: Id(0)] ConversationInbound[] Inbound, [property: Id(1)] ConversationStatus[] Statuses);

/// <param name="Body">The message as Meta sent it, JSON.</param>
/// <param name="At">Meta's time; the service window counts from it.</param>
[GenerateSerializer, Immutable, Alias("ConversationInbound")]
public sealed record ConversationInbound(
    [property: Id(0)] string Wamid, [property: Id(1)] string Type, [property: Id(2)] string Body, [property: Id(3)] string Preview,
    [property: Id(4)] string Name, [property: Id(5)] DateTimeOffset At, [property: Id(6)] bool OpensWindow, [property: Id(7)] string? ReplyTo,
    [property: Id(8)] string? UserId);

/// <param name="TokenKey">The key of the token, or null if the message was found by its wamid.</param>
[GenerateSerializer, Immutable, Alias("ConversationStatus")]
public sealed record ConversationStatus(
    [property: Id(0)] long MessageId, [property: Id(1)] MessageStatus Status, [property: Id(2)] string Wamid, [property: Id(3)] DateTimeOffset At,
    [property: Id(4)] int? ErrorCode, [property: Id(5)] string? ErrorDetail, [property: Id(6)] int? TokenKey);

using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using OrleansBsp.Core.Conversations;
using OrleansBsp.Core.Messages;
using OrleansBsp.Core.PhoneNumbers;
using OrleansBsp.Server.Access;
using OrleansBsp.Server.Http;
using OrleansBsp.Server.Http.Idempotency;
using OrleansBsp.Server.PhoneNumbers;
using OrleansBsp.Server.Templates;

namespace OrleansBsp.Server.Conversations;

/// <summary>Single sends and conversations.</summary>
public static class MessageEndpoints
{
    private const int MaxEnvelopeText = 300;

    private static readonly string[] ConversationStates = ["open", "closed"];

    public static void MapMessages(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/api/v1").WithTags("Messages");
        api.MapPost("/messages", SendAsync).RequireScope(Scope.Send).WithMetadata(new BodyDescription("application/json", MessageSchema.Write))
            .WithSummary("Send one message. The answer comes when it is stored; what becomes of it is in its timeline").Produces<TakenMessage>(202);
        api.MapGet("/messages/{id}", GetAsync).RequireScope(Scope.Read).WithSummary("A single message with its timeline").Produces<MessageView>();
        api.MapGet("/conversations", ListAsync).RequireScope(Scope.Read).WithSummary("Conversations, the one with the latest message first").Produces<Page<ConversationView>>()
            .WithMetadata(new QueryParameters(
                new QueryParameter("state", "Only conversations in this state.", ConversationStates),
                new QueryParameter("q", "Only conversations whose name or address (digits of the phone number, or BSUID) contains this.")));
        api.MapGet("/conversations/{id}/messages", ThreadAsync).RequireScope(Scope.Read).WithSummary("The messages of a conversation, newest first").Produces<Page<MessageView>>();
    }

    /// <summary>Meta's message object with our sender; the fields beside these are named like <c>type</c>.</summary>
    private static async Task<IResult> SendAsync(
        JsonObject request, PhoneNumberStore numbers, TemplateStore templates, IGrainFactory grains, Caller caller, IdempotencyClaim? claim, CancellationToken cancel)
    {
        List<InputError> errors = [];
        var number = Text(request, "phoneNumberId", errors);
        if (request["phoneNumberId"] is null) errors.Add(InputError.At("/phoneNumberId", "missing", "phoneNumberId is missing. GET /api/v1/phone-numbers lists them."));
        var address = ReadAddress(request, errors);
        var type = ReadType(request, errors);
        if (type is not null) CheckContent(request, type, errors);
        var row = number is null ? null : await numbers.FindAsync(new PhoneNumberId(number), cancel);
        if (number is not null && row is null)
            errors.Add(InputError.At("/phoneNumberId", "unknown-number", $"There is no phone number {number}. GET /api/v1/phone-numbers lists them."));
        if (errors.Count == 0 && type == "template") await CheckTemplateAsync(request["template"].Deserialize<JsonElement>(), row!.WabaId, templates, errors, cancel);
        if (errors.Count > 0) return Problems.BadInput("The message was not taken.", errors);

        var body = new JsonObject { ["type"] = type, [type!] = request[type!]!.DeepClone() };
        if (request["context"] is { } context) body["context"] = context.DeepClone();
        var conversation = grains.GetGrain<IConversationGrain>($"w:{number}:{address}");
        var ticket = await (claim is null ? SendAsync(null) : claim.WithSlotAsync(SendAsync));
        return ticket.Code switch
        {
            null => TakenMessage.Of(ticket.MessageId).ToResult(),
            "number-cannot-send" => Problems.Conflict(ticket.Message!, new InputError(ticket.Code, ticket.Message!)),
            _ => Problems.Unprocessable(ticket.Message!, new InputError(ticket.Code, ticket.Message!)),
        };

        Task<SendTicket> SendAsync(AnswerSlot? slot) => conversation.Send(type!, body.ToJsonString(), caller.Name, slot);
    }

    /// <summary>Digits of a phone number, or a BSUID; null after an error.</summary>
    private static string? ReadAddress(JsonObject request, List<InputError> errors)
    {
        if (request["to"] is null == request["recipient"] is null)
        {
            errors.Add(InputError.At("/to", "one-recipient", "Give either to (a phone number in E.164) or recipient (a BSUID)."));
            return null;
        }

        if (Text(request, "to", errors) is { } to)
        {
            if (TryAddress(to, out var address)) return address;
            errors.Add(InputError.At("/to", "bad-phone", $"'{to}' is not a phone number in E.164, such as +919812345678."));
        }
        else if (Text(request, "recipient", errors) is { } recipient)
        {
            if (recipient.Length >= 4 && !recipient.Any(char.IsWhiteSpace) && recipient.Contains('.', StringComparison.Ordinal)) return recipient;
            errors.Add(InputError.At("/recipient", "bad-user-id", $"'{recipient}' is not a BSUID, such as IN.13491208655302741918."));
        }

        return null;
    }

    private static string? ReadType(JsonObject request, List<InputError> errors)
    {
        var known = string.Join(", ", MessageContent.ByType.Keys);
        if (request["type"] is null)
        {
            errors.Add(InputError.At("/type", "missing", $"type is missing; it must be one of {known}."));
            return null;
        }

        if (Text(request, "type", errors) is not { } type) return null;
        if (MessageContent.ByType.ContainsKey(type)) return type;
        errors.Add(InputError.At("/type", "unknown-value", $"'{type}' is not a message type. Known: {known}."));
        return null;
    }

    private static void CheckContent(JsonObject request, string type, List<InputError> errors)
    {
        if (request[type] is { } content) errors.AddRange(MessageContent.Check(type, content.Deserialize<JsonElement>()).Select(Error));
        else errors.Add(InputError.At($"/{type}", "missing", $"A message of type {type} needs the field {type}."));
        if (request["context"] is { } context) errors.AddRange(MessageContent.CheckContext(type, context.Deserialize<JsonElement>()).Select(Error));
        foreach (var field in request.Select(pair => pair.Key).Where(name => name is not ("phoneNumberId" or "to" or "recipient" or "type" or "context") && name != type))
            errors.Add(InputError.At($"/{field}", "unknown-field", $"The field {field} is not known in a message of type {type}. Known: phoneNumberId, to, recipient, type, {type}, context."));
    }

    /// <summary>Only against what is known here: a template that Meta got from elsewhere is known after a sync.</summary>
    private static async Task CheckTemplateAsync(JsonElement content, string waba, TemplateStore templates, List<InputError> errors, CancellationToken cancel)
    {
        var (name, language) = (content.GetProperty("name").GetString()!, content.GetProperty("language").GetProperty("code").GetString()!);
        if (await templates.FindAsync(waba, name, language, cancel) is { } template) errors.AddRange(SentTemplate.Check(template.ToDefinition(), content).Select(Error));
        else errors.Add(InputError.At("/template", "unknown-template",
            $"Account {waba} has no template \"{name}\" in language {language}. GET /api/v1/templates lists them; POST /api/v1/templates/sync fetches new ones from Meta."));
    }

    private static InputError Error(MessageProblem problem) => InputError.At(problem.Pointer, problem.Code, problem.Message);

    /// <param name="Direction"><c>in</c> or <c>out</c>.</param>
    /// <param name="Body">The message object as Meta sent it, or as it was given here.</param>
    /// <param name="State">Null for inbound messages.</param>
    /// <param name="Reason">Why it stands where it stands, in Meta's words or ours.</param>
    /// <param name="Advice">What to do about it.</param>
    public sealed record MessageView(
        string Id, string ConversationId, string Direction, string Type, JsonNode? Body, string? Text, [property: WordsOf<MessageState>] string? State, int Attempt, string? Wamid, string? ReplyTo,
        int? ErrorCode, string? Reason, string? Advice, DateTime CreatedAt, IReadOnlyList<MessageMoment> Timeline);

    /// <param name="What"><c>created</c>, <c>received</c>, <c>accepted</c>, <c>sent</c>, <c>delivered</c>, <c>read</c> or <c>failed</c>.</param>
    public sealed record MessageMoment(string What, DateTime At);

    private static async Task<IResult> GetAsync(string id, ConversationReader reader, CancellationToken cancel) =>
        long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && await reader.FindMessageAsync(number, cancel) is { } row
            ? Results.Ok(View(row))
            : Problems.NotFound("message", id);

    private static async Task<IResult> ListAsync(PageRequest page, string? state, string? q, ConversationReader reader, CancellationToken cancel)
    {
        if (state is not null && !ConversationStates.Contains(state)) return Problems.BadInput(InputError.Query("state", "unknown-value", $"state must be open or closed, but was '{state}'."));
        var found = page.TryGetPosition<ConversationPosition>(out var position);
        var rows = await reader.ListAsync(found ? position : null, state, q, page.RowsToRead, cancel);
        return Results.Ok(Page.Of(rows, page, row => row, row => new ConversationPosition(row.LastMessageAt, row.Id)));
    }

    private static async Task<IResult> ThreadAsync(string id, PageRequest page, ConversationReader reader, CancellationToken cancel)
    {
        if (await reader.FindAsync(id, cancel) is null) return Problems.NotFound("conversation", id);
        var rows = await reader.ThreadAsync(id, page.TryGetPosition<long>(out var before) ? before : long.MaxValue, page.RowsToRead, cancel);
        return Results.Ok(Page.Of(rows, page, View, row => row.Id));
    }

    private static MessageView View(MessageRow row)
    {
        var rule = row.ErrorCode is { } code ? MetaErrorTable.ForFailed(code) : null;
        (string, DateTime?)[] times =
            [("created", row.CreatedAt), ("received", row.ReceivedAt), ("accepted", row.AcceptedAt), ("sent", row.SentAt), ("delivered", row.DeliveredAt), ("read", row.ReadAt), ("failed", row.FailedAt)];
        return new MessageView(
            Id(row.Id), row.ConversationId, row.Direction, row.Type, JsonNode.Parse(row.Body), row.Preview,
            row.State is { } state ? JsonNamingPolicy.CamelCase.ConvertName(((MessageState)state).ToString()) : null, row.Attempt, row.Wamid, row.ReplyTo,
            row.ErrorCode, row.ErrorDetail ?? rule?.Title, Advice((MessageState?)row.State, rule), row.CreatedAt,
            [.. times.Where(time => time.Item2 is not null).OrderBy(time => time.Item2).Select(time => new MessageMoment(time.Item1, time.Item2!.Value))]);
    }

    // What is advised of errors that pass counts on another attempt.
    private static string? Advice(MessageState? state, MetaErrorRule? rule) => (state, rule) switch
    {
        (MessageState.Expired, null) or (MessageState.Expired or MessageState.Refused, { Class: MetaErrorClass.RetryLater or MetaErrorClass.SlowDown }) =>
            "It is not repeated any more. Send it anew if it is still wanted.",
        _ => rule?.AdviceForSingle ?? rule?.Advice,
    };

    private static string Id(long id) => id.ToString(CultureInfo.InvariantCulture);

    private static bool TryAddress(string text, out string? address)
    {
        address = text.Length is >= 8 and <= 16 && text[0] == '+' && text.AsSpan(1).ContainsAnyExceptInRange('0', '9') == false ? text[1..] : null;
        return address is not null;
    }

    /// <summary>Null if it is not there, and after an error.</summary>
    private static string? Text(JsonObject request, string name, List<InputError> errors)
    {
        if (request[name] is not { } value) return null;
        if (value.GetValueKind() == JsonValueKind.String && value.GetValue<string>() is { Length: > 0 and <= MaxEnvelopeText } text) return text;
        errors.Add(InputError.At($"/{name}", "wrong-type", $"{name} must be a text of 1 to {MaxEnvelopeText} characters, but was {JsonFailures.Found(value.Deserialize<JsonElement>())}."));
        return null;
    }
}

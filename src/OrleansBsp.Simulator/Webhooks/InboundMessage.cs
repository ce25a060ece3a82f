using System.Globalization;
using System.Text.Json.Nodes;
using OrleansBsp.Simulator.Accounts;

namespace OrleansBsp.Simulator.Webhooks;

/// <summary>A message from a user, to be injected. Either one of the short forms or <see cref="Message"/>.</summary>
public sealed record InboundMessage
{
    /// <summary>The business number that receives it.</summary>
    public string PhoneNumberId { get; init; } = "";

    /// <summary>The user's digits.</summary>
    public string From { get; init; } = "";

    /// <summary>Body of a text message.</summary>
    public string? Text { get; init; }

    /// <summary>Label of a tapped template quick reply; the payload is <see cref="Payload"/>, or the label.</summary>
    public string? Button { get; init; }

    /// <summary>Payload of <see cref="Button"/>.</summary>
    public string? Payload { get; init; }

    /// <summary>Title of a tapped reply button of an interactive message; its id is <see cref="Payload"/>.</summary>
    public string? ButtonReply { get; init; }

    /// <summary>Title of a chosen list row; its id is <see cref="Payload"/>.</summary>
    public string? ListReply { get; init; }

    /// <summary>wamid of the message that is answered.</summary>
    public string? ContextId { get; init; }

    /// <summary>Any message object: <c>type</c> and the object named like it, or more. Missing common keys are filled in.</summary>
    public JsonObject? Message { get; init; }

    /// <summary>The id to use instead of a new one, to repeat a message.</summary>
    public string? Wamid { get; init; }
}

/// <summary>Builds and sends the webhooks of inbound messages, and does what Meta does with them: opens the window, counts them to the throughput.</summary>
internal sealed class InboundFlow(Engine engine)
{
    private int ordinal;

    /// <summary>Sends one message and returns its wamid, or null if the number does not exist or the sender is not a phone number.</summary>
    public string? Receive(InboundMessage inbound)
    {
        var number = engine.World.FindNumber(inbound.PhoneNumberId);
        var from = Wa.Digits(inbound.From, out _);
        if (number is null || from == 0)
        {
            return null;
        }

        number.Window.TryTake(engine.Clock.RealMicros, int.MaxValue);
        number.Pairs.OpenWindow(from, engine.Clock.NowMicros);
        var wamid = inbound.Wamid ?? engine.Ledger.NewInboundWamid(Wa.WaId(from), Interlocked.Increment(ref ordinal));
        ChangeWebhook.Send(engine, number.Waba, "messages", Value(inbound, number, from, wamid), timed: false, number);
        return wamid;
    }

    private JsonObject Value(InboundMessage inbound, BusinessNumber number, ulong from, string wamid)
    {
        var (name, user) = Wa.Profile(from);
        var waId = Wa.WaId(from).ToString(CultureInfo.InvariantCulture);
        var profile = new JsonObject { ["name"] = name };
        if (user is not null)
        {
            profile["username"] = user;
        }

        var message = new JsonObject
        {
            ["from"] = waId,
            ["from_user_id"] = Wa.UserId(from),
            ["id"] = wamid,
            ["timestamp"] = engine.Clock.ToUnixSeconds(engine.Clock.NowMicros).ToString(CultureInfo.InvariantCulture),
        };
        foreach (var (key, value) in Content(inbound, number))
        {
            message[key] = value?.DeepClone();
        }

        return new JsonObject
        {
            ["messaging_product"] = "whatsapp",
            ["metadata"] = new JsonObject { ["display_phone_number"] = number.Digits, ["phone_number_id"] = number.Id },
            ["contacts"] = new JsonArray(new JsonObject { ["profile"] = profile, ["wa_id"] = waId, ["user_id"] = Wa.UserId(from) }),
            ["messages"] = new JsonArray(message),
        };
    }

    private static JsonObject Content(InboundMessage inbound, BusinessNumber number)
    {
        var content = new JsonObject();
        if (inbound.ContextId is { } context)
        {
            content["context"] = new JsonObject { ["from"] = number.Digits, ["id"] = context };
        }

        var (type, value) = inbound switch
        {
            { Message: not null } => (null, null),
            { Button: { } label } => ("button", new JsonObject { ["payload"] = inbound.Payload ?? label, ["text"] = label }),
            { ButtonReply: { } title } => ("interactive", Reply("button_reply", title)),
            { ListReply: { } title } => ("interactive", Reply("list_reply", title)),
            _ => ("text", new JsonObject { ["body"] = inbound.Text ?? "" }),
        };
        if (type is not null)
        {
            content["type"] = type;
            content[type] = value;
        }

        foreach (var (key, given) in inbound.Message ?? [])
        {
            content[key] = given?.DeepClone();
        }

        return content;

        JsonObject Reply(string kind, string title) => new() { ["type"] = kind, [kind] = new JsonObject { ["id"] = inbound.Payload ?? title, ["title"] = title } };
    }
}

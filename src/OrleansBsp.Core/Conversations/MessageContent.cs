using System.Text.Json;

namespace OrleansBsp.Core.Conversations;

/// <summary>
/// The content of a message by its type, as Meta's reference has it (1.4 to 1.8). What is refused here is certain to be refused by Meta: nothing that only
/// might be, such as a media id that has expired.
/// </summary>
public static class MessageContent
{
    private static readonly Shape Any = Shape.Object() with { IsOpen = true };

    private static readonly Field Caption = new("caption", Shape.Text(1024, min: 0));

    /// <summary>Each type that can be sent, with what the field of its name must look like. In the order in which they are listed to people.</summary>
    public static IReadOnlyDictionary<string, Shape> ByType { get; } = new OrderedDictionary<string, Shape>
    {
        ["text"] = Shape.Object(new("body", Shape.Text(4096), IsRequired: true), new("preview_url", Shape.Flag)),
        ["image"] = Media(Caption),
        ["video"] = Media(Caption),
        ["audio"] = Media(new Field("voice", Shape.Flag)),
        ["document"] = Media(Caption, new("filename", Shape.Text())),
        ["sticker"] = Media(),
        ["location"] = Shape.Object(
            new("latitude", Shape.Degrees(90), IsRequired: true), new("longitude", Shape.Degrees(180), IsRequired: true), new("name", Shape.Text(min: 0)), new("address", Shape.Text(min: 0))),
        ["contacts"] = Shape.List(
            Shape.Object(new Field("name", Shape.Object(new Field("formatted_name", Shape.Text(), IsRequired: true)) with { IsOpen = true }, IsRequired: true)) with { IsOpen = true }, min: 1, max: 257),
        ["interactive"] = Shape.Object(
            new("type", Shape.Text(), IsRequired: true), new("action", Any, IsRequired: true),
            // A list may have as much; every other kind 1024, which Meta checks.
            new("body", Shape.Object(new Field("text", Shape.Text(4096), IsRequired: true)) with { IsOpen = true }),
            new("footer", Shape.Object(new Field("text", Shape.Text(60), IsRequired: true)) with { IsOpen = true })) with { IsOpen = true },
        ["template"] = Shape.Object(
            new("name", Shape.Text(512), IsRequired: true),
            new("language", Shape.Object(new("code", Shape.Text(), IsRequired: true), new("policy", Shape.Text())), IsRequired: true),
            new("components", Shape.List(Shape.Object(new Field("type", Shape.Text(), IsRequired: true)) with { IsOpen = true }))),
        ["reaction"] = Shape.Object(new("message_id", Shape.Text(), IsRequired: true), new("emoji", Shape.Text(min: 0))),
    };

    /// <summary>The field <c>context</c>: the message that is answered.</summary>
    public static Shape Context { get; } = Shape.Object(new Field("message_id", Shape.Text(), IsRequired: true));

    /// <summary>What is wrong with the content of a message; empty if Meta may take it.</summary>
    /// <param name="type">One of <see cref="ByType"/>.</param>
    /// <param name="content">The value of the field that is named like the type.</param>
    public static IReadOnlyList<MessageProblem> Check(string type, JsonElement content) => ShapeCheck.Check(ByType[type], content, $"/{type}");

    /// <summary>What is wrong with a <c>context</c> beside content of this type.</summary>
    public static IReadOnlyList<MessageProblem> CheckContext(string type, JsonElement context) => type == "reaction"
        ? [new("/context", "not-with-reaction", "A reaction names its message in reaction.message_id and takes no context. Leave context out.")]
        : ShapeCheck.Check(Context, context, "/context");

    private static Shape Media(params Field[] more) => Shape.Object([new("id", Shape.Text()), new("link", Shape.Link), .. more]) with { OneOf = ["id", "link"] };
}

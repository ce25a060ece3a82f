using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using OrleansBsp.Core.Conversations;

namespace OrleansBsp.Server.Conversations;

/// <summary>The body of <c>POST /messages</c> for the OpenAPI document, from the shapes that it is checked against.</summary>
internal static class MessageSchema
{
    public static OpenApiSchema Write()
    {
        var properties = new Dictionary<string, IOpenApiSchema>
        {
            ["phoneNumberId"] = Text("The number that sends, as GET /api/v1/phone-numbers lists it."),
            ["to"] = Text("The person's phone number in E.164, such as +919812345678. Either this or recipient."),
            ["recipient"] = Text("The person's BSUID, such as IN.13491208655302741918. Either this or to."),
            ["type"] = new OpenApiSchema
            {
                Type = JsonSchemaType.String, Description = "The field of this name holds the content. Without an open service window only template is taken.",
                Enum = [.. MessageContent.ByType.Keys.Select(type => (JsonNode)type)],
            },
            ["context"] = Of(MessageContent.Context),
        };
        foreach (var (type, shape) in MessageContent.ByType) properties[type] = Of(shape);
        return new OpenApiSchema
        {
            Type = JsonSchemaType.Object, Properties = properties, Required = new HashSet<string> { "phoneNumberId", "type" }, AdditionalPropertiesAllowed = false,
            Description = "Meta's message object with the sender's number.",
        };
    }

    private static OpenApiSchema Text(string description) => new() { Type = JsonSchemaType.String, Description = description };

    private static OpenApiSchema Of(Shape shape) => shape.Kind switch
    {
        ShapeKind.Text => new OpenApiSchema { Type = JsonSchemaType.String, MinLength = shape.Min == 0 ? null : shape.Min, MaxLength = LimitOrNull(shape.Max) },
        ShapeKind.Link => new OpenApiSchema { Type = JsonSchemaType.String, Format = "uri" },
        ShapeKind.Degrees => new OpenApiSchema { Type = JsonSchemaType.Number | JsonSchemaType.String, Minimum = $"{-shape.Max}", Maximum = $"{shape.Max}" },
        ShapeKind.Flag => new OpenApiSchema { Type = JsonSchemaType.Boolean },
        ShapeKind.List => new OpenApiSchema { Type = JsonSchemaType.Array, Items = Of(shape.Item!), MinItems = shape.Min == 0 ? null : shape.Min, MaxItems = LimitOrNull(shape.Max) },
        ShapeKind.Object => new OpenApiSchema
        {
            Type = JsonSchemaType.Object,
            Properties = shape.Fields.ToDictionary(field => field.Name, field => (IOpenApiSchema)Of(field.Shape)),
            Required = shape.Fields.Where(field => field.IsRequired).Select(field => field.Name).ToHashSet(),
            AdditionalPropertiesAllowed = shape.IsOpen,
            Description = shape.OneOf.Count == 0 ? null : $"Exactly one of {string.Join(", ", shape.OneOf)}.",
        },
    };

    private static int? LimitOrNull(int max) => max == int.MaxValue ? null : max;
}

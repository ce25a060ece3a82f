using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.OpenApi;

namespace OrleansBsp.Server.Http;

/// <summary>What the OpenAPI document says of a field beyond its type.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal abstract class SchemaAttribute : Attribute
{
    public abstract void Describe(OpenApiSchema schema);
}

/// <summary>A field that the handler reads from JSON by itself is this, or null.</summary>
/// <param name="type"><see cref="int"/> for a whole number; anything else is an object.</param>
internal sealed class ReadAsAttribute(Type type) : SchemaAttribute
{
    public override void Describe(OpenApiSchema schema) => schema.Type = (type == typeof(int) ? JsonSchemaType.Integer : JsonSchemaType.Object) | JsonSchemaType.Null;
}

/// <summary>A text that is one of the enum's members, written as everywhere in JSON.</summary>
internal sealed class WordsOfAttribute<TEnum> : SchemaAttribute
    where TEnum : struct, Enum
{
    public override void Describe(OpenApiSchema schema)
    {
        schema.Enum = [.. Enum.GetNames<TEnum>().Select(name => (JsonNode)JsonNamingPolicy.CamelCase.ConvertName(name))];
        if (schema.Type?.HasFlag(JsonSchemaType.Null) == true) schema.Enum.Add(JsonNullSentinel.JsonNull);
    }
}

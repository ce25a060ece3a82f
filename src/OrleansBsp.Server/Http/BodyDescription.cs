using Microsoft.OpenApi;

namespace OrleansBsp.Server.Http;

/// <summary>Metadata: the body of a request that the handler reads by itself, for the OpenAPI document.</summary>
/// <param name="Schema">Made for each document anew: a schema belongs to the one that it is written into.</param>
internal sealed record BodyDescription(string ContentType, Func<IOpenApiSchema> Schema)
{
    public static BodyDescription File(string contentType, string description) =>
        new(contentType, () => new OpenApiSchema { Type = JsonSchemaType.String, Description = description });
}

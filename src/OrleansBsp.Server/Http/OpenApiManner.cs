using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using OrleansBsp.Server.Access;
using OrleansBsp.Server.Http.Idempotency;

namespace OrleansBsp.Server.Http;

/// <summary>What every operation has in common, said once for the OpenAPI document: bearer keys, problems, Idempotency-Key, pages.</summary>
internal static class OpenApiManner
{
    private const string Bearer = "bearer";
    private const string ProblemSchema = "Problem";

    public static void Configure(OpenApiOptions options)
    {
        options.AddDocumentTransformer(DescribeAsync);
        options.AddOperationTransformer(CompleteAsync);
        options.AddSchemaTransformer(DescribeFieldAsync);
    }

    private static async Task DescribeAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancel)
    {
        document.Info = new OpenApiInfo { Title = "OrleansBsp", Version = "v1", Description = "Campaigns, messages and conversations on WhatsApp." };
        // The address is the one that the document was fetched from.
        document.Servers = [];
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
        {
            [Bearer] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http, Scheme = "bearer", BearerFormat = "bsp_…",
                Description = "An API key with the scope send, read or admin. The dashboard uses a session cookie instead.",
            },
        };
        document.Components.Schemas ??= new Dictionary<string, IOpenApiSchema>();
        document.Components.Schemas[ProblemSchema] = await context.GetOrCreateSchemaAsync(typeof(Problem), cancellationToken: cancel);
        document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Bearer, document)] = [] }];
    }

    private static Task CompleteAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancel)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        operation.Parameters ??= [];
        foreach (var parameter in metadata.OfType<QueryParameters>().SelectMany(declared => declared.All)) Describe(operation.Parameters, parameter);
        if (metadata.OfType<BodyDescription>().LastOrDefault() is { } body)
            operation.RequestBody = new OpenApiRequestBody
            {
                Required = true,
                Content = new Dictionary<string, OpenApiMediaType> { [body.ContentType] = new OpenApiMediaType { Schema = body.Schema() } },
            };
        if (HttpMethods.IsPost(context.Description.HttpMethod ?? "")) operation.Parameters.Add(KeyHeader());

        var required = metadata.OfType<RequiredScope>().LastOrDefault();
        if (ReferenceEquals(required, RequiredScope.Nothing)) operation.Security = [];
        else if (required is { Scope: { } scope }) operation.Description = $"{operation.Description} Needs the scope `{scope}`.".TrimStart();

        operation.Responses ??= [];
        operation.Responses.TryAdd("default", new OpenApiResponse
        {
            Description = "A problem (RFC 9457): what was wrong and what to do. 429 and 503 carry Retry-After.",
            Content = new Dictionary<string, OpenApiMediaType>
            {
                [ProblemResult.ContentType] = new OpenApiMediaType { Schema = new OpenApiSchemaReference(ProblemSchema, context.Document) },
            },
        });
        return Task.CompletedTask;
    }

    private static void Describe(IList<IOpenApiParameter> parameters, QueryParameter described)
    {
        if (parameters.OfType<OpenApiParameter>().FirstOrDefault(parameter => parameter.In == ParameterLocation.Query && parameter.Name == described.Name) is not { } parameter)
        {
            parameter = new OpenApiParameter
            {
                Name = described.Name, In = ParameterLocation.Query,
                Schema = new OpenApiSchema { Type = described.Name == "limit" ? JsonSchemaType.Integer : JsonSchemaType.String },
            };
            parameters.Add(parameter);
        }

        parameter.Description = described.Description;
        if (described.Values is { } values && parameter.Schema is OpenApiSchema schema) schema.Enum = [.. values.Select(value => (System.Text.Json.Nodes.JsonNode)value)];
    }

    /// <summary>What the types alone do not say: times have a converter of ours, which hides what they are.</summary>
    private static Task DescribeFieldAsync(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancel)
    {
        var type = context.JsonTypeInfo.Type;
        if ((Nullable.GetUnderlyingType(type) ?? type) is var plain && (plain == typeof(DateTimeOffset) || plain == typeof(DateTime)))
            (schema.Type, schema.Format) = (plain == type ? JsonSchemaType.String : JsonSchemaType.String | JsonSchemaType.Null, "date-time");
        foreach (var attribute in context.JsonPropertyInfo?.AttributeProvider?.GetCustomAttributes(inherit: true).OfType<SchemaAttribute>() ?? []) attribute.Describe(schema);
        return Task.CompletedTask;
    }

    private static OpenApiParameter KeyHeader() => new()
    {
        Name = IdempotencyMiddleware.KeyHeader, In = ParameterLocation.Header, Required = false,
        Description = "Makes a repetition safe for 24 hours: the same key, address and body get the first answer again with Idempotency-Replayed: true; "
            + "another body 422; a first request that is still in progress 409 with Retry-After.",
        Schema = new OpenApiSchema { Type = JsonSchemaType.String, MinLength = 1, MaxLength = 255 },
    };
}

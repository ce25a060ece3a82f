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
        foreach (var parameter in metadata.OfType<QueryParameters>().SelectMany(declared => declared.All))
            operation.Parameters.Add(new OpenApiParameter
            {
                Name = parameter.Name, In = ParameterLocation.Query, Description = parameter.Description,
                Schema = new OpenApiSchema { Type = parameter.Name == "limit" ? JsonSchemaType.Integer : JsonSchemaType.String },
            });
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

    private static OpenApiParameter KeyHeader() => new()
    {
        Name = IdempotencyMiddleware.KeyHeader, In = ParameterLocation.Header, Required = false,
        Description = "Makes a repetition safe for 24 hours: the same key, address and body get the first answer again with Idempotency-Replayed: true; "
            + "another body 422; a first request that is still in progress 409 with Retry-After.",
        Schema = new OpenApiSchema { Type = JsonSchemaType.String, MinLength = 1, MaxLength = 255 },
    };
}

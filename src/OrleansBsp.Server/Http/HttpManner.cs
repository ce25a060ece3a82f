using Microsoft.Extensions.DependencyInjection.Extensions;
using OrleansBsp.Server.Access;
using OrleansBsp.Server.Http.Idempotency;

namespace OrleansBsp.Server.Http;

/// <summary>The manner of the whole interface, put together. See <c>AddAccess</c> and <c>MapAccess</c> for who may call.</summary>
public static class HttpManner
{
    public static IServiceCollection AddHttpManner(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<IdempotencyStore>();
        services.ConfigureHttpJsonOptions(json => JsonManner.Configure(json.SerializerOptions));
        // Otherwise a parameter that cannot be bound is an empty 400 that says nothing.
        services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        services.AddOpenApi("v1", OpenApiManner.Configure);
        return services;
    }

    /// <summary>Before anything that answers requests; the order of its parts is the order in which a request is judged.</summary>
    public static WebApplication UseHttpManner(this WebApplication app)
    {
        app.UseMiddleware<FailureMiddleware>();
        app.UseMiddleware<ApiRoutesMiddleware>();
        // ASP.NET would add this by itself in front of everything, where its failures are answered by nobody.
        app.UseAuthentication();
        app.UseMiddleware<AccessMiddleware>();
        app.UseMiddleware<UnknownQueryMiddleware>();
        app.UseMiddleware<IdempotencyMiddleware>();
        app.UseMiddleware<RereadableJsonMiddleware>();
        return app;
    }

    /// <summary>Maps <c>/openapi/v1.json</c>. Open to anyone: it describes the product, not an installation.</summary>
    public static void MapOpenApiDocument(this WebApplication app) => app.MapOpenApi("/openapi/{documentName}.json");
}

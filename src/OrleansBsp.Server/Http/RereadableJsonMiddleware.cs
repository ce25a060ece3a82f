using Microsoft.AspNetCore.Http.Metadata;

namespace OrleansBsp.Server.Http;

/// <summary>
/// Keeps a small JSON body in memory while it is read, so that a refusal can say what was sent. Larger bodies, and those of
/// unknown length, go by without: their refusals name the place but not the value.
/// </summary>
internal sealed class RereadableJsonMiddleware(RequestDelegate next)
{
    private const int MaxBytes = 64 * 1024;

    public Task InvokeAsync(HttpContext context)
    {
        if (context.Request.ContentLength is > 0 and <= MaxBytes && context.IsApi()
            && context.GetEndpoint()?.Metadata.GetMetadata<IAcceptsMetadata>() is { RequestType: not null })
            context.Request.EnableBuffering(MaxBytes);
        return next(context);
    }
}

using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using OrleansBsp.Core.Webhooks;
using OrleansBsp.Server.Meta;

namespace OrleansBsp.Server.Webhooks;

/// <summary>
/// The front door for Meta. GET answers Meta's verification; POST checks the signature over the raw bytes, stores the body (<see cref="IWebhookIntake"/>)
/// and answers 200 after that. Nothing is parsed here: what Meta signed is kept whatever it says.
/// </summary>
public static class WebhookEndpoints
{
    // Meta sends at most 3 MB (reference 3.8).
    internal const int MaxBody = 4 << 20;

    /// <summary>Warns where a secret is missing: to be without is allowed, as before a number is registered, and looks like an attack or a wrong secret later.</summary>
    public static void MapWebhooks(this IEndpointRouteBuilder routes)
    {
        var meta = routes.ServiceProvider.GetRequiredService<IOptions<MetaOptions>>().Value;
        var log = routes.ServiceProvider.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(WebhookEndpoints).FullName!);
        if (meta.AppSecret.Length == 0) log.NoAppSecret();
        if (meta.VerifyToken.Length == 0) log.NoVerifyToken();

        routes.MapGet("/webhooks/meta", Verify).AllowAnonymous().ExcludeFromDescription();
        routes.MapPost("/webhooks/meta", (RequestDelegate)ReceiveAsync).DisableHttpMetrics().AllowAnonymous().ExcludeFromDescription();
    }

    private static IResult Verify(HttpRequest request, IOptions<MetaOptions> options)
    {
        var expected = options.Value.VerifyToken;
        var given = request.Query["hub.verify_token"].ToString();
        var matches = expected.Length > 0
            && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(expected), Encoding.UTF8.GetBytes(given));
        return request.Query["hub.mode"] == "subscribe" && matches
            ? Results.Text(request.Query["hub.challenge"])
            : Results.StatusCode(StatusCodes.Status403Forbidden);
    }

    private static async Task ReceiveAsync(HttpContext context)
    {
        var started = Stopwatch.GetTimestamp();
        await StoreAsync(context);
        WebhookMetrics.Answered(context.Response.StatusCode, started);
    }

    private static async Task StoreAsync(HttpContext context)
    {
        var services = context.RequestServices;
        var body = await ReadBodyAsync(context.Request, context.RequestAborted);
        if (body is null)
        {
            context.Response.StatusCode = StatusCodes.Status413PayloadTooLarge;
            return;
        }

        var secret = services.GetRequiredService<WebhookSecret>();
        if (!WebhookSignature.IsValid(body, context.Request.Headers["X-Hub-Signature-256"], secret.Bytes))
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return;
        }

        try
        {
            await services.GetRequiredService<IWebhookIntake>().AcceptAsync(body);
            context.Response.StatusCode = StatusCodes.Status200OK;
            context.Response.ContentLength = 0;
        }
        catch (WebhookIntakeException)
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            context.Response.Headers.RetryAfter = "5";
        }
    }

    /// <returns>Null if it is too large.</returns>
    private static async Task<byte[]?> ReadBodyAsync(HttpRequest request, CancellationToken cancel)
    {
        if (request.ContentLength > MaxBody) return null;
        if (request.ContentLength is { } length)
        {
            var whole = new byte[length];
            await request.Body.ReadExactlyAsync(whole, cancel);
            return whole;
        }

        using var buffer = new MemoryStream();
        var chunk = new byte[16 * 1024];
        for (int read; (read = await request.Body.ReadAsync(chunk, cancel)) > 0;)
        {
            buffer.Write(chunk, 0, read);
            if (buffer.Length > MaxBody) return null;
        }

        return buffer.ToArray();
    }
}

/// <summary>The app secret as bytes, the key of the signature.</summary>
public sealed class WebhookSecret(IOptions<MetaOptions> options)
{
    public byte[] Bytes { get; } = Encoding.UTF8.GetBytes(options.Value.AppSecret);
}

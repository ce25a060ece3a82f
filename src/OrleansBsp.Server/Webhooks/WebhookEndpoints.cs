using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using OrleansBsp.Core.Webhooks;
using OrleansBsp.Server.Http;
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

    private const string SignatureHeader = "X-Hub-Signature-256";

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

    private static IResult Verify(HttpRequest request, IOptions<MetaOptions> options, WebhookRefusals refusals)
    {
        if (VerifyRefusal(request.Query, options.Value.VerifyToken) is not { } reason) return Results.Text(request.Query["hub.challenge"]);
        refusals.Verification(reason);
        return Problems.Forbidden(reason);
    }

    /// <summary>Why the caller is not told that this address is ours; null: it knows the token. Never the token itself.</summary>
    private static string? VerifyRefusal(IQueryCollection query, string expected)
    {
        if (query["hub.mode"] != "subscribe") return "Meta verifies this address with hub.mode=subscribe, hub.verify_token and hub.challenge; hub.mode was something else.";
        if (expected.Length == 0) return "No verify token is set here (Meta__VerifyToken), so hub.verify_token cannot be checked and nobody is answered.";
        return CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(expected), Encoding.UTF8.GetBytes(query["hub.verify_token"].ToString()))
            ? null
            : "hub.verify_token is not the one that is set here (Meta__VerifyToken). Enter the same in Meta's App Dashboard, beside the address.";
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

        if (SignatureRefusal(body, context.Request.Headers[SignatureHeader], services.GetRequiredService<WebhookSecret>().Bytes) is { } reason)
        {
            services.GetRequiredService<WebhookRefusals>().Webhook(reason);
            context.Response.Headers.WWWAuthenticate = SignatureHeader; // not our API keys: they open nothing here
            await Problems.Unauthorized(reason).ExecuteAsync(context);
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

    /// <summary>Why the body is not taken for Meta's; null: it is. Never the secret itself.</summary>
    private static string? SignatureRefusal(byte[] body, string? header, byte[] secret) =>
        WebhookSignature.IsValid(body, header, secret) ? null
        : secret.Length == 0 ? $"No app secret is set here (Meta__AppSecret), so {SignatureHeader} cannot be checked and no webhook is taken."
        : string.IsNullOrEmpty(header) ? $"The header {SignatureHeader} is missing. Meta signs each webhook with the app secret; only what is signed is taken."
        : $"{SignatureHeader} is not the signature of this body. It must be sha256= and the HMAC-SHA256 of the raw body in hex, with the app secret that is set here (Meta__AppSecret): compare that with Meta's App Dashboard.";

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

using System.Globalization;
using System.Text.Json.Nodes;
using OrleansBsp.Simulator.Webhooks;

namespace OrleansBsp.Simulator.Control;

/// <summary>Control calls about webhooks: where they go, what is injected, whether they have arrived.</summary>
internal sealed class WebhookControl(Engine engine)
{
    public Task? TryHandle(HttpContext context, string path) => (context.Request.Method, path.TrimEnd('/')) switch
    {
        ("POST", "inbound") => InboundAsync(context),
        ("POST", "webhook") => RawAsync(context),
        ("POST", "webhook/verify") => VerifyAsync(context),
        ("POST", "webhook/target") => TargetAsync(context),
        ("GET", "webhook/stats") => ControlApi.AnswerAsync(context, engine.Pump.Stats.Read(engine.Pump.Outstanding, engine.Flow.Scheduler.Count)),
        ("GET", "idle") => IdleAsync(context),
        _ => null,
    };

    private async Task InboundAsync(HttpContext context)
    {
        var body = await ControlApi.ReadAsync<JsonNode>(context);
        var messages = body is JsonArray array ? array.ToList() : [body];
        var ids = new List<string?>();
        foreach (var message in messages)
        {
            ids.Add(engine.Inbound.Receive(System.Text.Json.JsonSerializer.Deserialize<InboundMessage>(message, ControlApi.Json)!));
        }

        if (ids.Contains(null))
        {
            await ControlApi.ProblemAsync(context, 400, "phoneNumberId must exist and from must be a phone number.");
            return;
        }

        await ControlApi.AnswerAsync(context, new { wamids = ids });
    }

    // Signed and sent as the very bytes of the request; the answer tells what the receiver said.
    private async Task RawAsync(HttpContext context)
    {
        using var bytes = new MemoryStream();
        await context.Request.Body.CopyToAsync(bytes, context.RequestAborted);
        if (engine.WebhookUrl is not { } callback)
        {
            await ControlApi.ProblemAsync(context, 409, "There is no webhook URL.");
            return;
        }

        var body = bytes.ToArray();
        var signature = context.Request.Query["signature"].ToString() switch
        {
            "none" => null,
            "bad" => "sha256=" + new string('0', 64),
            _ => Signature.Of(engine.AppSecret, body),
        };
        await ControlApi.AnswerAsync(context, new { status = await engine.Pump.PostAsync(callback, body, signature, context.RequestAborted) });
    }

    private async Task VerifyAsync(HttpContext context)
    {
        var verified = engine.WebhookUrl is { } callback && await engine.Pump.VerifyAsync(callback, engine.VerifyToken, context.RequestAborted);
        await ControlApi.AnswerAsync(context, new { verified });
    }

    private async Task TargetAsync(HttpContext context)
    {
        var body = await ControlApi.ReadAsync<JsonObject>(context);
        if (body.TryGetPropertyValue("url", out var url))
        {
            engine.WebhookUrl = (string?)url;
        }

        engine.AppSecret = (string?)body["appSecret"] ?? engine.AppSecret;
        engine.VerifyToken = (string?)body["verifyToken"] ?? engine.VerifyToken;
        await ControlApi.AnswerAsync(context, new { url = engine.WebhookUrl });
    }

    private async Task IdleAsync(HttpContext context)
    {
        var query = context.Request.Query;
        var timeoutMs = int.TryParse(query["timeoutMs"], CultureInfo.InvariantCulture, out var asked) ? asked : 30_000;
        var idle = await engine.WaitIdleAsync(TimeSpan.FromMilliseconds(timeoutMs), !query.ContainsKey("dueOnly"), context.RequestAborted);
        await ControlApi.AnswerAsync(context, new { idle, outstanding = engine.Pump.Outstanding, scheduled = engine.Flow.Scheduler.Count });
    }
}

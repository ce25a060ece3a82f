using System.Text.Json;
using System.Text.Json.Nodes;
using OrleansBsp.Simulator.Accounts;

namespace OrleansBsp.Simulator.Graph;

/// <summary>The management calls that change something: subscriptions (reference 5.1) and templates (4.1).</summary>
internal sealed class GraphWrites(Engine engine)
{
    private readonly TemplateReview review = new(engine);

    /// <summary>The answer under way, or null if there is no such call.</summary>
    public Task? TryHandle(HttpContext context, GraphPath call, BusinessNumber? number, Waba? waba, Template? template) => (context.Request.Method, call.Edge) switch
    {
        ("POST", "subscribed_apps") when waba is not null && number is null => SubscribeAsync(context, waba),
        ("DELETE", "subscribed_apps") when waba is not null && number is null => UnsubscribeAsync(context, waba),
        ("POST", "message_templates") when waba is not null && number is null => CreateAsync(context, waba),
        ("DELETE", "message_templates") when waba is not null && number is null => DeleteAsync(context, waba),
        ("POST", "") when number is not null => ConfigureAsync(context, number),
        ("POST", "") when template is not null => EditAsync(context, template),
        ("POST", "unpause") when template is not null => UnpauseAsync(context, template),
        _ => null,
    };

    private async Task SubscribeAsync(HttpContext context, Waba waba)
    {
        var body = await BodyAsync(context);
        var callback = (string?)body?["override_callback_uri"];
        if (callback is not null && !await VerifiedAsync(callback, body!, context))
        {
            return;
        }

        waba.OverrideCallback = callback;
        waba.Subscribed = true;
        await SuccessAsync(context);
    }

    private static Task UnsubscribeAsync(HttpContext context, Waba waba)
    {
        waba.Subscribed = false;
        return SuccessAsync(context);
    }

    private async Task ConfigureAsync(HttpContext context, BusinessNumber number)
    {
        var configuration = (await BodyAsync(context))?["webhook_configuration"] as JsonObject;
        var callback = (string?)configuration?["override_callback_uri"];
        if (!string.IsNullOrEmpty(callback) && !await VerifiedAsync(callback, configuration!, context))
        {
            return;
        }

        number.OverrideCallback = string.IsNullOrEmpty(callback) ? null : callback;
        await SuccessAsync(context);
    }

    private async Task<bool> VerifiedAsync(string callback, JsonObject body, HttpContext context)
    {
        if (await engine.Pump.VerifyAsync(callback, (string?)body["verify_token"] ?? engine.VerifyToken, context.RequestAborted))
        {
            return true;
        }

        await ErrorAsync(context, GraphErrors.Of(100, "The callback URL could not be verified: it must answer 200 with hub.challenge."));
        return false;
    }

    private async Task CreateAsync(HttpContext context, Waba waba)
    {
        var body = await BodyAsync(context);
        var invalid = TemplateReview.Validate(body);
        if (invalid is not null)
        {
            await ErrorAsync(context, invalid);
            return;
        }

        var template = engine.World.AddTemplate(waba.Id, body!, "PENDING");
        if (template is null)
        {
            await ErrorAsync(context, GraphErrors.Of(100, "There is already a template of this name in this language.") with { Subcode = 2388024 });
            return;
        }

        // The review may be over before the answer is written; the answer tells of the moment before.
        var answer = new JsonObject { ["id"] = template.Id, ["status"] = "PENDING", ["category"] = template.Category };
        review.Submit(template);
        await GraphAnswer.WriteAsync(context, 200, answer);
    }

    private async Task EditAsync(HttpContext context, Template template)
    {
        var body = await BodyAsync(context);
        if (body is null || template.Status is not ("APPROVED" or "REJECTED" or "PAUSED"))
        {
            await ErrorAsync(context, GraphErrors.Of(100, $"A template in status {template.Status} cannot be edited.") with { Subcode = 2388039 });
            return;
        }

        if (body["components"] is JsonArray components)
        {
            template.Components = components.DeepClone().AsArray();
            template.Shape = TemplateShape.Compile(template.Components);
        }

        template.Category = ((string?)body["category"])?.ToUpperInvariant() ?? template.Category;
        review.Submit(template);
        await GraphAnswer.WriteAsync(context, 200, new JsonObject { ["success"] = true, ["id"] = template.Id, ["name"] = template.Name, ["category"] = template.Category });
    }

    private Task UnpauseAsync(HttpContext context, Template template)
    {
        if (template.Status != "PAUSED")
        {
            return GraphAnswer.WriteAsync(context, 200, new JsonObject { ["success"] = false, ["reason"] = $"The template is {template.Status}." });
        }

        review.Decide(template, "APPROVED", "NONE");
        return SuccessAsync(context);
    }

    private async Task DeleteAsync(HttpContext context, Waba waba)
    {
        var query = context.Request.Query;
        var (name, id) = (query["name"].ToString(), query["hsm_id"].ToString());
        var doomed = waba.Templates.Where(template => template.Name == name && (id.Length == 0 || template.Id == id)).ToList();
        if (doomed.Count == 0)
        {
            await ErrorAsync(context, GraphErrors.Of(100, "There is no template of this name."));
            return;
        }

        doomed.ForEach(engine.World.Remove);
        await SuccessAsync(context);
    }

    private static async Task<JsonObject?> BodyAsync(HttpContext context)
    {
        try
        {
            return await JsonNode.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static Task SuccessAsync(HttpContext context) => GraphAnswer.WriteAsync(context, 200, new JsonObject { ["success"] = true });

    private Task ErrorAsync(HttpContext context, GraphError error) => GraphAnswer.WriteErrorAsync(context, error, engine.Options.RateLimitHttpStatus);
}

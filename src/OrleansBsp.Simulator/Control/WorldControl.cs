using System.Globalization;
using System.Text.Json.Nodes;
using OrleansBsp.Simulator.Accounts;
using OrleansBsp.Simulator.Graph;
using OrleansBsp.Simulator.Webhooks;

namespace OrleansBsp.Simulator.Control;

/// <summary>Control calls about accounts, numbers and templates.</summary>
internal sealed class WorldControl(Engine engine)
{
    private readonly TemplateReview review = new(engine);

    public Task? TryHandle(HttpContext context, string path)
    {
        var parts = path.TrimEnd('/').Split('/');
        return (context.Request.Method, parts) switch
        {
            ("GET", ["world"]) => ControlApi.AnswerAsync(context, Describe()),
            ("POST", ["world"]) => BuildAsync(context),
            ("DELETE", ["world"]) => ClearAsync(context),
            ("POST", ["numbers", var id]) => ChangeNumberAsync(context, id),
            ("POST", ["templates", var id]) => ChangeTemplateAsync(context, id),
            ("POST", ["templates", var id, "release"]) => JudgeAsync(context, id, drop: false),
            ("POST", ["templates", var id, "drop"]) => JudgeAsync(context, id, drop: true),
            _ => null,
        };
    }

    private object Describe() => new
    {
        wabas = engine.World.Wabas.Select(waba => new
        {
            waba.Id,
            waba.Name,
            waba.AccessToken,
            waba.Subscribed,
            numbers = engine.World.Numbers.Where(number => number.Waba == waba).Select(number => new { number.Id, number.DisplayPhoneNumber, number.MessagesPerSecond, number.Status }),
            templates = waba.Templates.Select(template => new { template.Id, template.Name, template.Language, template.Category, template.Status }),
        }),
    };

    private async Task BuildAsync(HttpContext context)
    {
        var body = await ControlApi.ReadAsync<JsonObject>(context);
        foreach (var waba in Items(body["wabas"]))
        {
            var id = Text(waba, "id");
            engine.World.AddWaba(id, Text(waba, "accessToken"), (string?)waba["name"] ?? "Example Retail");
            foreach (var number in Items(waba["numbers"]))
            {
                engine.World.AddNumber(id, Text(number, "id"), Text(number, "displayPhoneNumber"), (int?)number["messagesPerSecond"] ?? 80);
            }

            foreach (var template in Items(waba["templates"]))
            {
                engine.World.AddTemplate(id, template, (string?)template["status"] ?? "APPROVED");
            }

            // Many alike: {"bulkTemplates":{"count":500,"prefix":"bulk_"}} adds bulk_0, bulk_1, … with one variable each.
            for (var i = 0; i < ((int?)waba["bulkTemplates"]?["count"] ?? 0); i++)
            {
                engine.World.AddTemplate(id, Bulk(((string?)waba["bulkTemplates"]?["prefix"] ?? "bulk_") + i.ToString(CultureInfo.InvariantCulture)));
            }
        }

        await ControlApi.AnswerAsync(context, Describe());
    }

    private Task ClearAsync(HttpContext context)
    {
        engine.Reset();
        engine.World.Clear();
        return ControlApi.AnswerAsync(context, Describe());
    }

    private async Task ChangeNumberAsync(HttpContext context, string id)
    {
        var body = await ControlApi.ReadAsync<JsonObject>(context);
        var number = engine.World.FindNumber(id) ?? throw new ArgumentException($"There is no number {id}.");
        var before = number.ThroughputLevel;
        number.MessagesPerSecond = (int?)body["messagesPerSecond"] ?? number.MessagesPerSecond;
        number.Status = (string?)body["status"] ?? number.Status;
        number.QualityRating = (string?)body["qualityRating"] ?? number.QualityRating;
        number.MessagingLimit = (string?)body["messagingLimit"] ?? number.MessagingLimit;
        if (before != "HIGH" && number.ThroughputLevel == "HIGH")
        {
            var value = new JsonObject { ["display_phone_number"] = number.Digits, ["event"] = "THROUGHPUT_UPGRADE", ["max_daily_conversations_per_business"] = number.MessagingLimit };
            ChangeWebhook.Send(engine, number.Waba, "phone_number_quality_update", value, timed: true);
        }

        await ControlApi.AnswerAsync(context, new { number.Id, number.MessagesPerSecond, number.Status, number.QualityRating, number.MessagingLimit });
    }

    private async Task ChangeTemplateAsync(HttpContext context, string id)
    {
        var body = await ControlApi.ReadAsync<JsonObject>(context);
        var template = Template(id);
        if (body.TryGetPropertyValue("holdAfter", out var holdAfter))
        {
            template.HoldAfter = (int?)holdAfter;
            template.AcceptedForPacing = 0;
        }

        template.QualityScore = (string?)body["qualityScore"] ?? template.QualityScore;
        template.Category = (string?)body["category"] ?? template.Category;
        if ((string?)body["status"] is { } status)
        {
            review.Decide(template, status, (string?)body["reason"] ?? "NONE");
        }

        await ControlApi.AnswerAsync(context, new { template.Id, template.Name, template.Status, template.Category, template.HoldAfter });
    }

    private Task JudgeAsync(HttpContext context, string id, bool drop)
        => ControlApi.AnswerAsync(context, new { judged = engine.JudgeHeld(Template(id), drop) });

    private Template Template(string id) => engine.World.FindTemplate(id)
        ?? engine.World.Wabas.SelectMany(waba => waba.Templates).FirstOrDefault(template => template.Name == id)
        ?? throw new ArgumentException($"There is no template with the id or name {id}.");

    private static IEnumerable<JsonObject> Items(JsonNode? list) => (list as JsonArray ?? []).OfType<JsonObject>();

    private static string Text(JsonObject from, string name) => (string?)from[name] ?? throw new ArgumentException($"{name} is required.");

    private static JsonObject Bulk(string name) => new()
    {
        ["name"] = name,
        ["language"] = "en_US",
        ["category"] = "MARKETING",
        ["components"] = new JsonArray(new JsonObject { ["type"] = "BODY", ["text"] = "Hi {{1}}, this is one of many." }),
    };
}

using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using OrleansBsp.Simulator.Accounts;

namespace OrleansBsp.Simulator.Graph;

/// <summary>The GET calls (reference 4.1, 5.1, 6.1).</summary>
internal sealed class GraphReads(Engine engine)
{
    /// <summary>The answer under way, or null if there is no such edge.</summary>
    public Task? TryHandle(HttpContext context, GraphPath call, BusinessNumber? number, Waba? waba, Template? template) => (number, template, waba, call.Edge) switch
    {
        ({ } one, _, _, "") => GraphAnswer.WriteAsync(context, 200, Select(Describe(one), context)),
        (_, { } one, _, "") => GraphAnswer.WriteAsync(context, 200, Select(Describe(one), context)),
        (null, null, { } one, "") => GraphAnswer.WriteAsync(context, 200, Select(Describe(one), context)),
        (null, null, { } one, "phone_numbers") => PageAsync(context, [.. engine.World.Numbers.Where(other => other.Waba == one).Select(Describe)]),
        (null, null, { } one, "message_templates") => PageAsync(context, [.. Filter(one.Templates, context.Request.Query).Select(Describe)]),
        (null, null, { } one, "subscribed_apps") => GraphAnswer.WriteAsync(context, 200, Subscriptions(one)),
        _ => null,
    };

    private static IEnumerable<Template> Filter(IEnumerable<Template> templates, IQueryCollection query)
    {
        var (status, name, language, category) = (query["status"].ToString(), query["name"].ToString(), query["language"].ToString(), query["category"].ToString());
        return templates.Where(template => Fits(status, template.Status) && Fits(language, template.Language) && Fits(category, template.Category)
            && (name.Length == 0 || template.Name.Contains(name, StringComparison.OrdinalIgnoreCase)));

        static bool Fits(string wanted, string value) => wanted.Length == 0 || wanted.Equals(value, StringComparison.OrdinalIgnoreCase);
    }

    private static Task PageAsync(HttpContext context, List<JsonObject> all)
    {
        var query = context.Request.Query;
        var limit = int.TryParse(query["limit"], out var asked) ? Math.Clamp(asked, 1, 1000) : 25;
        var start = Math.Clamp(query.TryGetValue("after", out var after) ? ReadCursor(after.ToString()) + 1 : 0, 0, all.Count);
        var page = all.Skip(start).Take(limit).ToList();
        var answer = new JsonObject { ["data"] = new JsonArray([.. page.Select(item => Select(item, context))]) };
        if (page.Count > 0)
        {
            var last = start + page.Count - 1;
            var paging = new JsonObject { ["cursors"] = new JsonObject { ["before"] = Cursor(start), ["after"] = Cursor(last) } };
            if (last + 1 < all.Count)
            {
                paging["next"] = Next(context.Request, Cursor(last));
            }

            answer["paging"] = paging;
        }

        return GraphAnswer.WriteAsync(context, 200, answer);
    }

    private static string Next(HttpRequest request, string after)
    {
        var others = request.Query.Where(pair => pair.Key != "after").SelectMany(pair => pair.Value.Select(value => KeyValuePair.Create(pair.Key, value)));
        return $"{request.Scheme}://{request.Host}{request.Path}{QueryString.Create([.. others, KeyValuePair.Create("after", (string?)after)])}";
    }

    // Opaque to clients, as Meta's are.
    private static string Cursor(int position) => Convert.ToBase64String(Encoding.ASCII.GetBytes("QVFI:" + position.ToString(CultureInfo.InvariantCulture)));

    private static int ReadCursor(string cursor)
    {
        Span<byte> raw = stackalloc byte[64];
        return Convert.TryFromBase64String(cursor, raw, out var length) && length > 5 && int.TryParse(raw[5..length], CultureInfo.InvariantCulture, out var position) ? position : -1;
    }

    private static JsonObject Select(JsonObject full, HttpContext context)
    {
        var fields = context.Request.Query["fields"].ToString();
        if (fields.Length == 0)
        {
            full.Remove("quality_score");
            full.Remove("rejected_reason");
            full.Remove("health_status");
            return full;
        }

        var chosen = new JsonObject();
        foreach (var field in fields.Split(',', StringSplitOptions.TrimEntries).Append("id"))
        {
            if (full[field] is { } value)
            {
                chosen[field] = value.DeepClone();
            }
        }

        return chosen;
    }

    private static JsonObject Describe(Waba waba) => new()
    {
        ["id"] = waba.Id,
        ["name"] = waba.Name,
        ["status"] = "ACTIVE",
        ["currency"] = waba.Currency,
        ["country"] = "AU",
        ["timezone_id"] = "1",
        ["account_review_status"] = "APPROVED",
        ["business_verification_status"] = "verified",
        ["message_template_namespace"] = "ba30dd89_2ebd_41e4_b805_f2c05ae04cc9",
        ["ownership_type"] = "SELF",
        ["whatsapp_business_manager_messaging_limit"] = "TIER_UNLIMITED",
        ["health_status"] = Health("WABA", waba.Id),
    };

    private JsonObject Describe(BusinessNumber number) => new()
    {
        ["id"] = number.Id,
        ["display_phone_number"] = number.DisplayPhoneNumber,
        ["verified_name"] = number.VerifiedName,
        ["status"] = number.Status,
        ["quality_rating"] = number.QualityRating,
        ["throughput"] = new JsonObject { ["level"] = number.ThroughputLevel },
        ["platform_type"] = "CLOUD_API",
        ["code_verification_status"] = "VERIFIED",
        ["name_status"] = "APPROVED",
        ["account_mode"] = "LIVE",
        ["is_official_business_account"] = false,
        ["whatsapp_business_manager_messaging_limit"] = number.MessagingLimit,
        ["webhook_configuration"] = new JsonObject { ["application"] = engine.CallbackOf(number) },
        ["health_status"] = Health("PHONE_NUMBER", number.Id),
    };

    private static JsonObject Describe(Template template) => new()
    {
        ["name"] = template.Name,
        ["parameter_format"] = template.ParameterFormat,
        ["components"] = template.Components.DeepClone(),
        ["language"] = template.Language,
        ["status"] = template.Status,
        ["category"] = template.Category,
        ["quality_score"] = new JsonObject { ["score"] = template.QualityScore, ["date"] = 1_758_754_645 },
        ["rejected_reason"] = template.RejectedReason,
        ["id"] = template.Id,
    };

    private static JsonObject Subscriptions(Waba waba)
    {
        var app = new JsonObject { ["whatsapp_business_api_data"] = new JsonObject { ["id"] = "670843887433847", ["link"] = "https://www.facebook.com/games/?app_id=670843887433847", ["name"] = "OrleansBsp" } };
        if (waba.OverrideCallback is { } callback)
        {
            app["override_callback_uri"] = callback;
        }

        return new JsonObject { ["data"] = waba.Subscribed ? new JsonArray(app) : [] };
    }

    private static JsonObject Health(string kind, string id) => new()
    {
        ["can_send_message"] = "AVAILABLE",
        ["entities"] = new JsonArray(new JsonObject { ["entity_type"] = kind, ["id"] = id, ["can_send_message"] = "AVAILABLE" }),
    };
}

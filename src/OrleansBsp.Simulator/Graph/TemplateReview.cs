using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using OrleansBsp.Simulator.Accounts;
using OrleansBsp.Simulator.Webhooks;

namespace OrleansBsp.Simulator.Graph;

/// <summary>
/// Meta's reviewer: every template is approved after the configured time, except names that contain "reject" (REJECTED, INVALID_FORMAT), and
/// names that contain "promo" under UTILITY, which are approved as MARKETING (reference 4.2).
/// </summary>
internal sealed partial class TemplateReview(Engine engine)
{
    public static GraphError? Validate(JsonObject? body)
    {
        if (body is null || (string?)body["name"] is not { } name || !NameRule().IsMatch(name))
        {
            return GraphErrors.Of(100, "name is required: lower-case letters, digits and underscores, at most 512.");
        }

        if ((string?)body["language"] is null or "" || ((string?)body["category"])?.ToUpperInvariant() is not ("MARKETING" or "UTILITY" or "AUTHENTICATION"))
        {
            return GraphErrors.Of(100, "language and category are required.");
        }

        var components = (body["components"] as JsonArray ?? []).OfType<JsonObject>();
        var text = (string?)components.FirstOrDefault(component => string.Equals((string?)component["type"], "BODY", StringComparison.OrdinalIgnoreCase))?["text"];
        return text switch
        {
            { Length: > 1024 } => GraphErrors.Of(100, "The body is longer than 1024 characters.") with { Subcode = 2388040 },
            not null when EdgeVariable().IsMatch(text) => GraphErrors.Of(100, "Leading or trailing params not allowed") with { Subcode = 2388299 },
            _ => null,
        };
    }

    /// <summary>Puts a template into review and comes back with the verdict.</summary>
    public void Submit(Template template)
    {
        template.Status = "PENDING";
        engine.Schedule(TimeSpan.FromMilliseconds(engine.Options.TemplateReviewMs), () =>
        {
            // Deleted or decided by control in the meantime.
            if (template.Status != "PENDING")
            {
                return;
            }

            if (template.Category == "UTILITY" && template.Name.Contains("promo", StringComparison.Ordinal))
            {
                template.Category = "MARKETING";
            }

            var bad = template.Name.Contains("reject", StringComparison.Ordinal);
            Decide(template, bad ? "REJECTED" : "APPROVED", bad ? "INVALID_FORMAT" : "NONE");
        });
    }

    /// <summary>Sets a status and tells it by <c>message_template_status_update</c> (reference 5.7).</summary>
    public void Decide(Template template, string status, string reason)
    {
        template.Status = status;
        template.RejectedReason = reason;
        var value = new JsonObject
        {
            ["event"] = status,
            ["message_template_id"] = long.Parse(template.Id, CultureInfo.InvariantCulture),
            ["message_template_name"] = template.Name,
            ["message_template_language"] = template.Language,
            ["reason"] = reason,
            ["message_template_category"] = template.Category,
        };
        ChangeWebhook.Send(engine, template.Waba, "message_template_status_update", value, timed: true);
    }

    [GeneratedRegex("^[a-z0-9_]{1,512}$")]
    private static partial Regex NameRule();

    [GeneratedRegex(@"^\s*\{\{[^}]*\}\}|\{\{[^}]*\}\}\s*$")]
    private static partial Regex EdgeVariable();
}

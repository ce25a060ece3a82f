using System.Text.Json;
using OrleansBsp.Simulator.Accounts;

namespace OrleansBsp.Simulator.Graph;

/// <summary>Holds a template send against the template's definition (reference 1.8).</summary>
internal static class TemplateCheck
{
    private static readonly JsonElement NoComponents = JsonDocument.Parse("[]").RootElement;

    /// <summary>Finds the template and checks status and parameters. <paramref name="graphVersion"/> decides between 100 and 132018; 0 is the newest.</summary>
    public static GraphError? Find(Waba waba, JsonElement content, int graphVersion, bool recipientIsUserId, out Template? template)
    {
        template = null;
        if (content.ValueKind != JsonValueKind.Object || SendRequest.Text(content, "name"u8) is not { Length: > 0 } name)
        {
            return GraphErrors.Of(131008, "The parameter template.name is required.");
        }

        if (!content.TryGetProperty("language"u8, out var language) || language.ValueKind != JsonValueKind.Object || SendRequest.Text(language, "code"u8) is not { Length: > 0 } code)
        {
            return GraphErrors.Of(131008, "The parameter template.language.code is required.");
        }

        template = waba.FindTemplate(name, code);
        switch (template?.Status)
        {
            case "APPROVED":
                break;
            case "PAUSED":
                return GraphErrors.Of(132015);
            case "DISABLED":
                return GraphErrors.Of(132016);
            default:
                return GraphErrors.Of(132001, $"template name ({name}) does not exist in {code}");
        }

        if (recipientIsUserId && template.Category == "AUTHENTICATION")
        {
            return GraphErrors.Of(131062);
        }

        return Components(template.Shape, ComponentsOf(content), new Rules(template.ParameterFormat == "NAMED", graphVersion is 0 or >= 23 ? 132018 : 100), isCard: false);
    }

    public static JsonElement ComponentsOf(JsonElement content)
        => content.TryGetProperty("components"u8, out var components) && components.ValueKind == JsonValueKind.Array ? components : NoComponents;

    private static GraphError? Components(TemplateShape shape, JsonElement components, Rules rules, bool isCard)
    {
        if (shape.NeedsNothing && components.GetArrayLength() == 0)
        {
            return null;
        }

        bool header = false, body = false, offer = false, cards = false;
        ulong buttons = 0;
        foreach (var component in components.EnumerateArray())
        {
            var type = component.ValueKind == JsonValueKind.Object ? SendRequest.Text(component, "type"u8)?.ToLowerInvariant() : null;
            header |= type == "header";
            body |= type == "body";
            offer |= type == "limited_time_offer";
            cards |= type == "carousel";
            var refusal = type switch
            {
                "header" => ParameterCheck.Header(shape, component, rules),
                "body" => ParameterCheck.Text(shape.Body, component, rules, "body"),
                "limited_time_offer" => ParameterCheck.Offer(component),
                "carousel" => isCard ? Structure("A card has no carousel.") : Cards(shape, component, rules),
                "button" => Button(shape, component, rules, ref buttons),
                "tap_target_configuration" => null,
                _ => GraphErrors.Of(100, $"Unexpected component type {type}."),
            };
            if (refusal is not null)
            {
                return refusal;
            }
        }

        return Missing(shape, header, body, offer, cards, buttons);
    }

    private static GraphError? Missing(TemplateShape shape, bool header, bool body, bool offer, bool cards, ulong buttons)
    {
        if (!header && shape.HeaderFormat is not ("NONE" or "TEXT"))
        {
            return Structure($"header: Format mismatch, expected {shape.HeaderFormat}, received UNKNOWN");
        }

        if ((!header && shape.Header.Names.Length > 0) || (!body && shape.Body.Names.Length > 0))
        {
            var (part, names) = !body && shape.Body.Names.Length > 0 ? ("body", shape.Body.Names) : ("header", shape.Header.Names);
            return GraphErrors.Of(132000, $"{part}: number of localizable_params (0) does not match the expected number of params ({names.Length})");
        }

        if ((!offer && shape.HasOffer) || (!cards && shape.Cards.Length > 0))
        {
            return Structure("The limited_time_offer or carousel component is missing.");
        }

        for (var i = 0; i < shape.Buttons.Length; i++)
        {
            if (shape.Buttons[i].Required && (buttons & (1UL << i)) == 0)
            {
                return GraphErrors.Of(131008, $"buttons: Button at index {i} of type {shape.Buttons[i].SubType} requires a parameter");
            }
        }

        return null;
    }

    private static GraphError? Cards(TemplateShape shape, JsonElement component, Rules rules)
    {
        if (!component.TryGetProperty("cards"u8, out var cards) || cards.ValueKind != JsonValueKind.Array || cards.GetArrayLength() != shape.Cards.Length)
        {
            return Structure($"carousel: expected {shape.Cards.Length} cards");
        }

        foreach (var card in cards.EnumerateArray())
        {
            if (!card.TryGetProperty("card_index"u8, out var at) || !at.TryGetInt32(out var index) || index < 0 || index >= shape.Cards.Length)
            {
                return Structure("carousel: card_index is missing or out of range");
            }

            if (Components(shape.Cards[index], ComponentsOf(card), rules, isCard: true) is { } refusal)
            {
                return refusal;
            }
        }

        return null;
    }

    private static GraphError? Button(TemplateShape shape, JsonElement component, Rules rules, ref ulong seen)
    {
        // Meta's own samples show the index as a number and as text.
        if (!component.TryGetProperty("index"u8, out var at) || !int.TryParse(at.ToString(), out var index) || index < 0 || index >= shape.Buttons.Length)
        {
            return Structure("buttons: index is missing or names no button of the template");
        }

        var button = shape.Buttons[index];
        if (!button.Allowed || !string.Equals(SendRequest.Text(component, "sub_type"u8), button.SubType, StringComparison.OrdinalIgnoreCase))
        {
            return Structure($"buttons: Button at index {index} is of type {button.SubType} or takes no parameter");
        }

        seen |= 1UL << index;
        return ParameterCheck.Button(button, component, rules);
    }

    private static GraphError Structure(string details) => GraphErrors.Of(132012, details);
}

/// <param name="Named">Parameters carry <c>parameter_name</c>.</param>
/// <param name="BadTextCode">Code for newlines, tabs and runs of spaces: 100 before v23, 132018 since.</param>
internal readonly record struct Rules(bool Named, int BadTextCode);

using System.Text.Json;

namespace OrleansBsp.Core.Templates;

/// <summary>Reads one template's components (reference 4.3) and collects what cannot be sent. Used once, by one caller.</summary>
internal sealed class TemplateReader(string name, string language, string category, string status, string? parameterFormat)
{
    // Meta returns the text of an authentication body, but the form used to create one has none.
    private const string AuthenticationBody = "*{{1}}* is your verification code.";

    private readonly List<TemplateProblem> _problems = [];

    private ParameterFormat _format;

    private TemplateCategory Category { get; } = category.ToUpperInvariant() switch
    {
        "MARKETING" => TemplateCategory.Marketing,
        "UTILITY" => TemplateCategory.Utility,
        "AUTHENTICATION" => TemplateCategory.Authentication,
        _ => TemplateCategory.Other,
    };

    public TemplateDefinition Read(JsonElement components)
    {
        if (components.ValueKind != JsonValueKind.Array)
        {
            Problem("", "components-not-an-array", "The template's components are not a JSON array. Sync the templates from Meta again.");
        }

        _format = FormatOf(components);
        var items = components.Items();
        var offer = items.Any(item => TypeOf(item) == "LIMITED_TIME_OFFER");
        var message = ReadParts(items, "", offer ? 600 : 1024);
        if (message.Body is null && components.ValueKind == JsonValueKind.Array)
        {
            Problem("", "no-body", $"Template \"{name}\" has no BODY component, which every template needs. Sync the templates from Meta again.");
        }

        string? footer = null;
        LimitedTimeOffer? limited = null;
        IReadOnlyList<TemplateParts>? cards = null;
        for (var i = 0; i < items.Length; i++)
        {
            switch (TypeOf(items[i]))
            {
                case "HEADER" or "BODY" or "BUTTONS" or "CALL_PERMISSION_REQUEST":
                    break;
                case "FOOTER":
                    footer = items[i].StringOrNull("text");
                    break;
                case "LIMITED_TIME_OFFER":
                    var detail = items[i].ElementOrDefault("limited_time_offer");
                    limited = new LimitedTimeOffer(detail.StringOrNull("text") ?? "", detail.IsTrue("has_expiration"));
                    break;
                case "CAROUSEL":
                    cards = ReadCards(items[i].ElementOrDefault("cards").Items(), $"/{i}/cards");
                    break;
                case var other:
                    Problem($"/{i}", "unknown-component",
                        $"Component type \"{other}\" is not known to this version, so template \"{name}\" cannot be sent. Choose another template.");
                    break;
            }
        }

        return new TemplateDefinition
        {
            Name = name, Language = language, Category = Category, Status = status.ToUpperInvariant(), Format = _format,
            Message = message, Footer = footer, Offer = limited, Cards = cards, Problems = _problems,
        };
    }

    private List<TemplateParts> ReadCards(JsonElement[] cards, string pointer)
    {
        if (cards.Length == 0)
        {
            Problem(pointer, "no-cards", $"The carousel of template \"{name}\" has no cards, so it cannot be sent.");
        }

        return [.. cards.Select((card, i) => ReadParts(card.ElementOrDefault("components").Items(), $"{pointer}/{i}/components", 160))];
    }

    private TemplateParts ReadParts(JsonElement[] items, string pointer, int bodyLimit)
    {
        var header = TemplateHeader.None;
        TemplateText? body = null;
        IReadOnlyList<TemplateButton> buttons = [];
        for (var i = 0; i < items.Length; i++)
        {
            switch (TypeOf(items[i]))
            {
                case "HEADER":
                    header = ReadHeader(items[i], $"{pointer}/{i}");
                    break;
                case "BODY":
                    body = ReadText(BodyText(items[i]), $"{pointer}/{i}/text");
                    break;
                case "BUTTONS":
                    buttons = ButtonReader.Read(items[i].ElementOrDefault("buttons").Items(), $"{pointer}/{i}/buttons", Category, _problems);
                    break;
            }
        }

        var hasSpm = buttons.Any(button => button.Kind == ButtonKind.Spm);
        return new TemplateParts(header, body, hasSpm ? Math.Min(bodyLimit, 160) : bodyLimit, buttons);
    }

    private TemplateHeader ReadHeader(JsonElement header, string pointer)
    {
        var format = header.StringOrNull("format");
        switch (format?.ToUpperInvariant())
        {
            case "TEXT" or null:
                return new TemplateHeader(HeaderFormat.Text, ReadText(header.StringOrNull("text") ?? "", $"{pointer}/text"));
            case "IMAGE":
                return new TemplateHeader(HeaderFormat.Image, null);
            case "VIDEO":
                return new TemplateHeader(HeaderFormat.Video, null);
            case "DOCUMENT":
                return new TemplateHeader(HeaderFormat.Document, null);
            case "LOCATION":
                return new TemplateHeader(HeaderFormat.Location, null);
            case "PRODUCT":
                return new TemplateHeader(HeaderFormat.Product, null);
            case "GIF":
                Problem($"{pointer}/format", "gif-header",
                    $"Template \"{name}\" has a GIF header, which only Meta's Marketing Messages API takes. Use a video header instead.");
                return new TemplateHeader(HeaderFormat.Gif, null);
            default:
                Problem($"{pointer}/format", "unknown-header",
                    $"Header format \"{format}\" is not known to this version, so template \"{name}\" cannot be sent. Choose another template.");
                return new TemplateHeader(HeaderFormat.Unknown, null);
        }
    }

    private TemplateText ReadText(string text, string pointer)
    {
        var read = TemplateText.Parse(text, _format);
        if (_format == ParameterFormat.Positional && !read.IsSequential())
        {
            Problem(pointer, "variables-not-sequential",
                $"The variables {string.Join(", ", read.Variables.Select(v => $"{{{{{v}}}}}"))} are not numbered 1, 2, 3…, so Meta cannot match the parameters to them. Correct the template and submit it again.");
        }

        return read;
    }

    private string BodyText(JsonElement body)
    {
        var text = body.StringOrNull("text");
        var hasCode = text is not null && text.Contains("{{", StringComparison.Ordinal);
        return Category == TemplateCategory.Authentication && !hasCode ? AuthenticationBody : text ?? "";
    }

    private ParameterFormat FormatOf(JsonElement components)
    {
        // Meta writes the text of an authentication template itself, always with {{1}}.
        if (Category == TemplateCategory.Authentication || string.Equals(parameterFormat, "POSITIONAL", StringComparison.OrdinalIgnoreCase))
        {
            return ParameterFormat.Positional;
        }

        return string.Equals(parameterFormat, "NAMED", StringComparison.OrdinalIgnoreCase)
            ? ParameterFormat.Named
            : GuessFormat(components) ?? ParameterFormat.Positional;
    }

    private static ParameterFormat? GuessFormat(JsonElement components)
    {
        foreach (var item in components.Items())
        {
            var found = TemplateText.GuessFormat(item.StringOrNull("text") ?? "")
                ?? item.ElementOrDefault("cards").Items()
                    .Select(card => GuessFormat(card.ElementOrDefault("components")))
                    .FirstOrDefault(format => format is not null);
            if (found is not null)
            {
                return found;
            }
        }

        return null;
    }

    private static string TypeOf(JsonElement component) => component.StringOrNull("type")?.ToUpperInvariant() ?? "(none)";

    private void Problem(string pointer, string code, string message) => _problems.Add(new TemplateProblem(pointer, code, message));
}

using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace OrleansBsp.Simulator.Accounts;

/// <summary>A text with variables: its placeholders in order of first use.</summary>
internal sealed record VariableText(string Text, string[] Names)
{
    public static VariableText Nothing { get; } = new("", []);

    public static VariableText Parse(string? text) => string.IsNullOrEmpty(text)
        ? Nothing
        : new VariableText(text, [.. TemplateShape.Placeholder().Matches(text).Select(match => match.Groups[1].Value).Distinct()]);
}

/// <summary>A button and whether a send must, may or must not parametrise it.</summary>
internal sealed record ButtonShape(string SubType, bool Required, bool Allowed);

/// <summary>What a send of a template must supply, derived once from its components so that a send costs no look at them.</summary>
internal sealed partial record TemplateShape(string HeaderFormat, VariableText Header, VariableText Body, ButtonShape[] Buttons, bool HasOffer, TemplateShape[] Cards)
{
    public static TemplateShape Empty { get; } = new("NONE", VariableText.Nothing, VariableText.Nothing, [], false, []);

    /// <summary>Whether a send may leave <c>components</c> out.</summary>
    public bool NeedsNothing => Header.Names.Length == 0 && Body.Names.Length == 0 && HeaderFormat is "NONE" or "TEXT"
        && !HasOffer && Cards.Length == 0 && !Array.Exists(Buttons, button => button.Required);

    [GeneratedRegex(@"\{\{\s*([A-Za-z0-9_]+)\s*\}\}")]
    public static partial Regex Placeholder();

    public static TemplateShape Compile(JsonArray components)
    {
        var shape = Empty;
        foreach (var component in components.OfType<JsonObject>())
        {
            shape = Text(component["type"]).ToUpperInvariant() switch
            {
                "HEADER" => shape with
                {
                    HeaderFormat = component["format"] is null ? "TEXT" : Text(component["format"]).ToUpperInvariant(),
                    Header = VariableText.Parse(Text(component["text"])),
                },
                "BODY" => shape with { Body = BodyOf(component) },
                "BUTTONS" => shape with { Buttons = [.. (component["buttons"]?.AsArray() ?? []).OfType<JsonObject>().Select(Button)] },
                "LIMITED_TIME_OFFER" => shape with { HasOffer = (bool?)component["limited_time_offer"]?["has_expiration"] ?? false },
                "CAROUSEL" => shape with { Cards = [.. (component["cards"]?.AsArray() ?? []).Select(card => Compile(card?["components"]?.AsArray() ?? []))] },
                _ => shape,
            };
        }

        return shape;
    }

    private static string Text(JsonNode? node) => (string?)node ?? "";

    // Meta writes the text of authentication templates itself: one variable, the code.
    private static VariableText BodyOf(JsonObject component) => component["text"] is null && component.ContainsKey("add_security_recommendation")
        ? VariableText.Parse("{{1}} is your verification code.")
        : VariableText.Parse(Text(component["text"]));

    private static ButtonShape Button(JsonObject button) => Text(button["type"]).ToUpperInvariant() switch
    {
        "QUICK_REPLY" => new ButtonShape("quick_reply", Required: false, Allowed: true),
        "URL" => Text(button["url"]).Contains("{{", StringComparison.Ordinal) ? new ButtonShape("url", true, true) : new ButtonShape("url", false, false),
        "OTP" => new ButtonShape("url", true, true),
        "COPY_CODE" => new ButtonShape("copy_code", true, true),
        "FLOW" => new ButtonShape("flow", false, true),
        "CATALOG" => new ButtonShape("catalog", false, true),
        "MPM" => new ButtonShape("mpm", true, true),
        "VOICE_CALL" => new ButtonShape("voice_call", false, true),
        _ => new ButtonShape("none", false, false),
    };
}

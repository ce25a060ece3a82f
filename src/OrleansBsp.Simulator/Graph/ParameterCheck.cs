using System.Text.Json;
using OrleansBsp.Simulator.Accounts;

namespace OrleansBsp.Simulator.Graph;

/// <summary>Checks the parameters of one component (reference 1.8, value validation).</summary>
internal static class ParameterCheck
{
    private static readonly JsonElement None = JsonDocument.Parse("[]").RootElement;

    public static JsonElement Parameters(JsonElement component)
        => component.TryGetProperty("parameters"u8, out var parameters) && parameters.ValueKind == JsonValueKind.Array ? parameters : None;

    public static GraphError? Header(TemplateShape shape, JsonElement component, Rules rules)
    {
        if (shape.HeaderFormat is "NONE" or "TEXT")
        {
            return Text(shape.Header, component, rules, "header");
        }

        var parameters = Parameters(component);
        var expected = shape.HeaderFormat.ToLowerInvariant();
        var received = parameters.GetArrayLength() == 1 ? SendRequest.Text(parameters[0], "type"u8) ?? "" : "";
        if (received != expected || !parameters[0].TryGetProperty(expected, out var media) || media.ValueKind != JsonValueKind.Object)
        {
            return GraphErrors.Of(132012, $"header: Format mismatch, expected {shape.HeaderFormat}, received {(received.Length == 0 ? "UNKNOWN" : received.ToUpperInvariant())}");
        }

        return expected is "image" or "video" or "document" && !media.TryGetProperty("id"u8, out _) && !media.TryGetProperty("link"u8, out _)
            ? GraphErrors.Of(131008, $"header: {expected}.id or {expected}.link is required")
            : null;
    }

    /// <summary>Text parameters against the placeholders of a header or body.</summary>
    public static GraphError? Text(VariableText text, JsonElement component, Rules rules, string part)
    {
        var parameters = Parameters(component);
        var count = parameters.GetArrayLength();
        if (count != text.Names.Length)
        {
            return GraphErrors.Of(132000, $"{part}: number of localizable_params ({count}) does not match the expected number of params ({text.Names.Length})");
        }

        var length = text.Text.Length;
        ulong seen = 0;
        foreach (var parameter in parameters.EnumerateArray())
        {
            if (Value(parameter, rules, out var value) is { } refusal || (rules.Named && (refusal = Name(text, parameter, ref seen)) is not null))
            {
                return refusal;
            }

            if (!rules.Named && parameter.TryGetProperty("parameter_name"u8, out _))
            {
                return GraphErrors.Of(132000, $"{part}: the template takes positional parameters");
            }

            length += value.Length;
        }

        // Placeholders are a few characters each; an exact count would need the rendered text.
        return length - (text.Names.Length * 5) > 1024 + 64 ? GraphErrors.Of(132005) : null;
    }

    public static GraphError? Offer(JsonElement component)
    {
        var parameters = Parameters(component);
        return parameters.GetArrayLength() == 1 && parameters[0].TryGetProperty("limited_time_offer"u8, out var offer)
            && offer.TryGetProperty("expiration_time_ms"u8, out var at) && at.TryGetInt64(out var milliseconds) && milliseconds > 1_000_000_000_000
            ? null
            : GraphErrors.Of(132012, "limited_time_offer: expiration_time_ms in milliseconds is required");
    }

    public static GraphError? Button(ButtonShape button, JsonElement component, Rules rules)
    {
        var parameters = Parameters(component);
        if (parameters.GetArrayLength() == 0)
        {
            return GraphErrors.Of(131008, $"buttons: Button of type {button.SubType} requires a parameter");
        }

        var type = SendRequest.Text(parameters[0], "type"u8);
        return button.SubType switch
        {
            "url" => type == "text" ? Value(parameters[0], rules, out _) : Wrong("text"),
            "quick_reply" => type == "payload" && SendRequest.Text(parameters[0], "payload"u8) is { Length: <= 256 } ? null : Wrong("payload"),
            "copy_code" => type == "coupon_code" && SendRequest.Text(parameters[0], "coupon_code"u8) is { Length: > 0 and <= 20 } ? null : Wrong("coupon_code"),
            "flow" or "catalog" or "mpm" => type == "action" ? null : Wrong("action"),
            _ => null,
        };

        GraphError Wrong(string expected) => GraphErrors.Of(132012, $"buttons: expected a parameter of type {expected}, received {type}");
    }

    private static GraphError? Name(VariableText text, JsonElement parameter, ref ulong seen)
    {
        if (SendRequest.Text(parameter, "parameter_name"u8) is not { Length: > 0 } name)
        {
            return GraphErrors.Of(100, "Parameter name is missing or empty");
        }

        var index = Array.IndexOf(text.Names, name);
        if (index < 0 || (seen & (1UL << index)) != 0)
        {
            return GraphErrors.Of(100, $"Parameter name {name} is unknown or repeated");
        }

        seen |= 1UL << index;
        return null;
    }

    private static GraphError? Value(JsonElement parameter, Rules rules, out string value)
    {
        value = "";
        switch (parameter.ValueKind == JsonValueKind.Object ? SendRequest.Text(parameter, "type"u8) : null)
        {
            case "currency" when parameter.TryGetProperty("currency"u8, out var currency):
                value = SendRequest.Text(currency, "fallback_value"u8) ?? "";
                break;
            case "date_time" when parameter.TryGetProperty("date_time"u8, out var date):
                value = SendRequest.Text(date, "fallback_value"u8) ?? "";
                break;
            case "text" when SendRequest.Text(parameter, "text"u8) is { } text:
                value = text;
                break;
            case "text":
                break;
            default:
                return GraphErrors.Of(132012, "Parameter format does not match: expected TEXT");
        }

        if (value.Length == 0)
        {
            return GraphErrors.Of(131008, "Parameter of type text is missing text value");
        }

        return value.AsSpan().IndexOfAny('\n', '\r', '\t') >= 0 || value.Contains("     ", StringComparison.Ordinal)
            ? GraphErrors.Of(rules.BadTextCode, "Param text cannot have new-line/tab characters or more than 4 consecutive spaces")
            : null;
    }
}

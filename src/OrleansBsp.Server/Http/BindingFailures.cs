using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.Options;

namespace OrleansBsp.Server.Http;

/// <summary>Turns what ASP.NET throws when it cannot bind a request to a handler's parameters into problems.</summary>
internal static partial class BindingFailures
{
    public static async Task<ProblemResult> DescribeAsync(HttpContext context, BadHttpRequestException failure)
    {
        if (failure.InnerException is JsonException json) return await DescribeJsonAsync(context, json);
        if (failure.StatusCode == StatusCodes.Status413PayloadTooLarge) return Problems.TooLarge(Problems.TooLargeDetail(context));
        if (failure.StatusCode == StatusCodes.Status415UnsupportedMediaType) return Problems.UnsupportedMediaType(Problems.MediaTypeDetail(context));
        if (failure.StatusCode != StatusCodes.Status400BadRequest) return Problems.ForStatus(failure.StatusCode, context);
        if (CannotBind().Match(failure.Message) is { Success: true } bad)
            return Problems.BadInput(WrongValue(context, bad.Groups["name"].Value, bad.Groups["value"].Value));
        if (NotProvided().Match(failure.Message) is { Success: true } missing)
            return Problems.BadInput(Missing(context, missing.Groups["name"].Value, missing.Groups["source"].Value));
        if (failure.Message.StartsWith("Implicit body inferred", StringComparison.Ordinal))
            return Problems.BadInput(InputError.At("#", "missing", "The body is empty; a JSON value is needed."));
        return Problems.BadInput("The request is not valid HTTP for this address.");
    }

    private static async Task<ProblemResult> DescribeJsonAsync(HttpContext context, JsonException failure)
    {
        var options = context.RequestServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions;
        var bodyType = context.GetEndpoint()?.Metadata.GetMetadata<IAcceptsMetadata>()?.RequestType;
        JsonTypeInfo? type = bodyType is not null && options.TryGetTypeInfo(bodyType, out var info) ? info : null;
        using var body = await RereadAsync(context);
        return JsonFailures.Describe(failure, type, body);
    }

    private static async Task<JsonDocument?> RereadAsync(HttpContext context)
    {
        if (!context.Request.Body.CanSeek) return null;
        try
        {
            context.Request.Body.Position = 0;
            return await JsonDocument.ParseAsync(context.Request.Body, default, context.RequestAborted);
        }
        catch (JsonException)
        {
            return null; // malformed further on; the place is all we know
        }
    }

    private static InputError WrongValue(HttpContext context, string name, string value)
    {
        var shown = value.Length > 60 ? value[..60] + "…" : value;
        var message = $"{name} must be {Expectation.Of(TypeOf(context, name))}, but was '{shown}'.";
        return IsInPath(context, name) ? InputError.Path(name, "wrong-type", message) : InputError.Query(name, "wrong-type", message);
    }

    private static InputError Missing(HttpContext context, string name, string source) => source switch
    {
        "body" => InputError.At("#", "missing", "The body is empty; a JSON value is needed."),
        "header" => InputError.Header(name, "missing", $"The header {name} is missing."),
        _ => InputError.Query(name, "missing", $"The query parameter {name} is missing; it must be {Expectation.Of(TypeOf(context, name))}."),
    };

    private static bool IsInPath(HttpContext context, string name) =>
        context.GetEndpoint() is RouteEndpoint route && route.RoutePattern.GetParameter(name) is not null;

    private static Type TypeOf(HttpContext context, string name) =>
        context.GetEndpoint()?.Metadata.GetOrderedMetadata<IParameterBindingMetadata>()
            .FirstOrDefault(parameter => parameter.Name == name)?.ParameterInfo.ParameterType ?? typeof(string);

    // ASP.NET's own sentences (RequestDelegateFactory); should a version change one, the tests of this table say so.
    [GeneratedRegex("""^Failed to bind parameter "[^"]* (?<name>[^" ]+)" from "(?<value>.*)"\.$""", RegexOptions.Singleline)]
    private static partial Regex CannotBind();

    [GeneratedRegex("""^Required parameter "[^"]* (?<name>[^" ]+)" was not provided from (?<source>\w+)""")]
    private static partial Regex NotProvided();
}

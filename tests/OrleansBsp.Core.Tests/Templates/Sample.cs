using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using OrleansBsp.Core.Templates;

namespace OrleansBsp.Core.Tests.Templates;

/// <summary>Short ways to templates, bindings and rendered messages.</summary>
internal static class Sample
{
    public static JsonElement Json(string json) => JsonDocument.Parse(json).RootElement;

    public static TemplateDefinition Template(string components, string category = "MARKETING", string? format = "POSITIONAL") =>
        TemplateDefinition.Parse("diwali", "en_US", category, "APPROVED", format, Json(components));

    public static ParameterBindings Bindings(string parameters)
    {
        Assert.True(ParameterBindings.TryParse(Json(parameters), out var bindings, out var errors), string.Join("\n", errors));
        return bindings;
    }

    public static IReadOnlyList<BindingError> ParseErrors(string parameters)
    {
        Assert.False(ParameterBindings.TryParse(Json(parameters), out _, out var errors));
        return errors;
    }

    public static CompiledTemplate Compile(TemplateDefinition template, string parameters, params string[] columns)
    {
        Assert.Empty(TemplateBinding.Check(template, Bindings(parameters), columns));
        Assert.Empty(TemplateBinding.Check(template, Bindings(parameters), null));
        return CompiledTemplate.Compile(template, Bindings(parameters), columns);
    }

    public static string Render(CompiledTemplate compiled, params string[] row)
    {
        var output = new ArrayBufferWriter<byte>();
        var result = compiled.Render(output, "+919876543210", "t-1", row);
        Assert.True(result.IsFine, result.Problem?.Message);
        Assert.Equal(output.WrittenCount, result.SizeBytes);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    /// <summary>The <c>components</c> of a rendered message; null if it has none.</summary>
    public static JsonNode? Components(string message) => JsonNode.Parse(message)!["template"]!["components"];

    public static void AssertJson(string expected, JsonNode? actual) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), actual), $"expected {expected}\nactual   {actual?.ToJsonString()}");
}

using System.Text.Json;
using OrleansBsp.Simulator.Accounts;

namespace OrleansBsp.Simulator.Graph;

/// <summary>The body as the user would read it, for the ledger where bodies are kept.</summary>
internal static class TemplateRender
{
    public static string Body(Template template, JsonElement content)
    {
        foreach (var component in TemplateCheck.ComponentsOf(content).EnumerateArray())
        {
            if (string.Equals(SendRequest.Text(component, "type"u8), "body", StringComparison.OrdinalIgnoreCase))
            {
                return Fill(template.Shape.Body, ParameterCheck.Parameters(component));
            }
        }

        return template.Shape.Body.Text;
    }

    private static string Fill(VariableText text, JsonElement parameters) => TemplateShape.Placeholder().Replace(text.Text, match =>
    {
        var name = match.Groups[1].Value;
        var position = 0;
        foreach (var parameter in parameters.EnumerateArray())
        {
            if (SendRequest.Text(parameter, "parameter_name"u8) is { } given ? given == name : Array.IndexOf(text.Names, name) == position)
            {
                return SendRequest.Text(parameter, "text"u8) ?? "";
            }

            position++;
        }

        return match.Value;
    });
}

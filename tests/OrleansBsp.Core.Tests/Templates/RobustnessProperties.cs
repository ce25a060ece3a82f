using System.Text.Json.Nodes;
using FsCheck.Xunit;
using OrleansBsp.Core.Templates;
using static OrleansBsp.Core.Tests.Templates.Sample;

namespace OrleansBsp.Core.Tests.Templates;

[Properties(Arbitrary = [typeof(AnyJson)], MaxTest = 500)]
public class RobustnessProperties
{
    [Property]
    public bool ParseTemplate_AnyJson_NeverThrows(AnyJson components) =>
        Template(components.Text, "AUTHENTICATION", null) is not null && Template($"[{components.Text}]") is not null;

    [Property]
    public bool ParseBindings_AnyJson_GivesBindingsOrErrors(AnyJson parameters) =>
        ParameterBindings.TryParse(Json(parameters.Text), out _, out var errors) == (errors.Count == 0);

    [Property]
    public bool ParseBindings_AnyJson_PointsIntoTheParameters(AnyJson parameters)
    {
        ParameterBindings.TryParse(Json(parameters.Text), out _, out var errors);
        return errors.All(error => error.Pointer.Length == 0 || Exists(JsonNode.Parse(parameters.Text), error.Pointer));
    }

    private static bool Exists(JsonNode? root, string pointer)
    {
        foreach (var token in pointer[1..].Split('/').Select(token => token.Replace("~1", "/").Replace("~0", "~")))
        {
            switch (root)
            {
                case JsonObject found when found.ContainsKey(token):
                    root = found[token];
                    break;
                case JsonArray list when int.TryParse(token, out var index) && index < list.Count:
                    root = list[index];
                    break;
                default:
                    return false;
            }
        }

        return true;
    }
}

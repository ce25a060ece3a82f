using System.Text.Json;
using OrleansBsp.Core.Templates;

namespace OrleansBsp.Server.Templates;

/// <summary>A template as frozen with a campaign at its launch.</summary>
internal static class StoredTemplate
{
    public static string Write(string name, string language, string category, string status, string format, string components)
    {
        using var parsed = JsonDocument.Parse(components);
        return JsonSerializer.Serialize(new { name, language, category, status, format, components = parsed.RootElement });
    }

    public static TemplateDefinition Read(string json)
    {
        using var document = JsonDocument.Parse(json);
        var root = document.RootElement;
        return TemplateDefinition.Parse(Text("name"), Text("language"), Text("category"), Text("status"), Text("format"), root.GetProperty("components"));

        string Text(string name) => root.GetProperty(name).GetString()!;
    }
}

using System.Text.Json.Nodes;

namespace OrleansBsp.Simulator.Accounts;

/// <summary>The demo account that exists unless it is switched off: the identifiers of the reference's samples.</summary>
public static class DefaultWorld
{
    public const string WabaId = "104829366712045";
    public const string AccessToken = "demo-token";

    /// <summary>STANDARD, 80 messages per second.</summary>
    public const string StandardNumberId = "118233907745512";

    /// <summary>HIGH, 1,000 messages per second.</summary>
    public const string HighNumberId = "118233907745999";

    internal static void Seed(World world)
    {
        world.AddWaba(WabaId, AccessToken);
        world.AddNumber(WabaId, StandardNumberId, "+61 2 5550 0047", 80);
        world.AddNumber(WabaId, HighNumberId, "+61 2 5550 0099", 1000);
        foreach (var node in JsonNode.Parse(DefaultTemplates.Json)!.AsArray())
        {
            var definition = node!.AsObject();
            world.AddTemplate(WabaId, definition, (string?)definition["status"] ?? "APPROVED");
        }
    }
}

using System.Text.Json;
using System.Text.Json.Nodes;
using OrleansBsp.Simulator.Accounts;

namespace OrleansBsp.Simulator.Webhooks;

/// <summary>Webhooks with one change that are not statuses: template and number events, inbound messages.</summary>
internal static class ChangeWebhook
{
    /// <param name="timed">Account and template fields carry <c>entry.time</c>, <c>messages</c> does not (reference 5.3).</param>
    /// <param name="number">Decides the callback where it has one of its own.</param>
    public static void Send(Engine engine, Waba waba, string field, JsonNode value, bool timed, BusinessNumber? number = null)
    {
        if ((number is null ? engine.CallbackOf(waba) : engine.CallbackOf(number)) is not { } callback)
        {
            return;
        }

        var entry = new JsonObject { ["id"] = waba.Id };
        if (timed)
        {
            entry["time"] = engine.Clock.ToUnixSeconds(engine.Clock.NowMicros);
        }

        entry["changes"] = new JsonArray(new JsonObject { ["value"] = value, ["field"] = field });
        var body = new JsonObject { ["object"] = "whatsapp_business_account", ["entry"] = new JsonArray(entry) };
        engine.Pump.Send(new Delivery(callback, [], ToWire(body), engine.Generation, engine.Clock.NowMicros));
    }

    public static byte[] ToWire(JsonNode body)
    {
        using var document = JsonSerializer.SerializeToDocument(body);
        var buffer = new WireBuffer();
        return buffer.Value(document.RootElement).Written.ToArray();
    }
}

using System.Buffers;
using System.Text.Json;
using OrleansBsp.Core.Templates;

namespace OrleansBsp.Server.Conversations;

/// <summary>The body of the POST for a single message: the stored message object with envelope and token (Meta's reference 1.1).</summary>
internal static class SingleMessageBody
{
    /// <param name="address">Digits of a phone number or wa_id, or a BSUID.</param>
    public static ReadOnlyMemory<byte> Write(string address, string message, string token)
    {
        using var stored = JsonDocument.Parse(message);
        var buffer = new ArrayBufferWriter<byte>(512);
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        json.WriteString("messaging_product"u8, "whatsapp"u8);
        json.WriteString("recipient_type"u8, "individual"u8);
        if (char.IsAsciiDigit(address[0])) json.WriteString("to"u8, $"+{address}");
        else json.WriteString("recipient"u8, address);
        foreach (var property in stored.RootElement.EnumerateObject())
        {
            json.WritePropertyName(property.Name);
            if (property.Name == "template") WriteCleaned(property.Value, json, isParameter: false);
            else property.Value.WriteTo(json);
        }

        json.WriteString("biz_opaque_callback_data"u8, token);
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }

    /// <summary>Texts of template parameters are cleaned as Meta demands (reference 1.8); everything else stays.</summary>
    private static void WriteCleaned(JsonElement element, Utf8JsonWriter json, bool isParameter)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                json.WriteStartObject();
                foreach (var property in element.EnumerateObject())
                {
                    json.WritePropertyName(property.Name);
                    if (isParameter && property.Name == "text" && property.Value.ValueKind == JsonValueKind.String) json.WriteStringValue(ParameterText.Clean(property.Value.GetString()));
                    else WriteCleaned(property.Value, json, isParameter || property.Name == "parameters");
                }

                json.WriteEndObject();
                break;
            case JsonValueKind.Array:
                json.WriteStartArray();
                foreach (var item in element.EnumerateArray()) WriteCleaned(item, json, isParameter);
                json.WriteEndArray();
                break;
            default:
                element.WriteTo(json);
                break;
        }
    }
}

using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;
using FsCheck.Xunit;
using OrleansBsp.Core.Templates;
using static OrleansBsp.Core.Tests.Templates.Sample;

namespace OrleansBsp.Core.Tests.Templates;

[Properties(Arbitrary = [typeof(MessyText)], MaxTest = 1000)]
public class RenderingProperties
{
    private static readonly CompiledTemplate Compiled = Compile(
        Template("""[{"type":"BODY","text":"Hi {{1}} on {{2}}"},{"type":"BUTTONS","buttons":[{"type":"URL","text":"Shop","url":"https://x.example/{{1}}"}]}]"""),
        """{"body":{"1":{"column":"a","fallback":"F"},"2":{"value":"<{{a}}|{{b}}>"}},"buttons":{"0":{"column":"b","fallback":"F"}}}""", "a", "b");

    [Property]
    public bool AnyRow_RendersToTheCleanedValuesOrNotAtAll(MessyText a, MessyText b)
    {
        var output = new ArrayBufferWriter<byte>();
        var result = Compiled.Render(output, "+91", "t\"\\\n", [a.Value, b.Value]);
        var (cleanA, cleanB) = (ParameterText.Clean(a.Value), ParameterText.Clean(b.Value));
        if (!result.IsFine)
        {
            return output.WrittenCount == 0 && (cleanA == "" || cleanB == "" || cleanA.Length + cleanB.Length > 500);
        }

        var message = JsonNode.Parse(output.WrittenSpan)!;
        var components = message["template"]!["components"]!;
        return Text(message["biz_opaque_callback_data"]) == "t\"\\\n"
            && Text(components[0]!["parameters"]![0]!["text"]) == cleanA
            && Text(components[0]!["parameters"]![1]!["text"]) == ParameterText.Clean($"<{cleanA}|{cleanB}>")
            && Text(components[1]!["parameters"]![0]!["text"]) == UrlText.Encode(cleanB);
    }

    [Property]
    public bool AnyConstantFallbackAndName_RenderToThemselves(MessyText value, MessyText fallback, MessyText column)
    {
        var parameters = JsonSerializer.SerializeToElement(new
        {
            body = new Dictionary<string, object>
            {
                ["1"] = new { value = value.Value },
                ["2"] = new { column = column.Value, fallback = fallback.Value },
            },
        });
        if (!ParameterBindings.TryParse(parameters, out var bindings, out var errors))
        {
            return errors.Count > 0;
        }

        var template = Template("""[{"type":"BODY","text":"Hi {{1}} on {{2}}"}]""");
        if (CompiledTemplate.TryCompile(template, bindings, [column.Value], out errors) is not { } compiled)
        {
            return errors.Count > 0;
        }

        var output = new ArrayBufferWriter<byte>();
        if (!compiled.Render(output, "+91", "t", [""]).IsFine)
        {
            return true;
        }

        var sent = JsonNode.Parse(output.WrittenSpan)!["template"]!["components"]![0]!["parameters"]!;
        // Compared with what was read: the serializer has replaced broken surrogates by then.
        var constant = bindings.Message.Body["1"];
        return Text(sent[1]!["text"]) == ParameterText.Clean(bindings.Message.Body["2"].Fallback)
            && (!constant.IsConstant || Text(sent[0]!["text"]) == ParameterText.Clean(constant.Parts[0].Literal));
    }

    [Property]
    public bool AnyUrlValue_HasNothingLeftThatBreaksAUrl(MessyText text)
    {
        var encoded = UrlText.Encode(ParameterText.Clean(text.Value));
        return !encoded.Any(c => char.IsControl(c) || char.IsWhiteSpace(c) || "\"<>\\^`{|}".Contains(c)) && UrlText.Encode(encoded) == encoded;
    }

    private static string Text(JsonNode? node) => node!.GetValue<string>();
}

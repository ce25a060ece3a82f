using System.Buffers;
using System.Text.Json.Nodes;
using OrleansBsp.Core.Templates;
using static OrleansBsp.Core.Tests.Templates.Sample;

namespace OrleansBsp.Core.Tests.Templates;

public class CompiledTemplateTests
{
    private static readonly TemplateDefinition TwoVariables =
        Template("""[{"type":"BODY","text":"Hi {{1}}, see you on {{2}}."},{"type":"FOOTER","text":"Reply STOP"}]""");

    private const string TwoBindings = """{"body":{"1":{"column":"name","fallback":"there"},"2":{"value":"Sunday"}}}""";

    [Fact]
    public void Render_TwoVariables_WritesTheWholeEnvelope()
    {
        var message = Render(Compile(TwoVariables, TwoBindings, "phone", "name"), "x", "Asha");

        AssertJson("""
            { "messaging_product": "whatsapp", "recipient_type": "individual", "to": "+919876543210", "type": "template",
              "template": { "name": "diwali", "language": { "code": "en_US" }, "components": [
                { "type": "body", "parameters": [ { "type": "text", "text": "Asha" }, { "type": "text", "text": "Sunday" } ] } ] },
              "biz_opaque_callback_data": "t-1" }
            """, JsonNode.Parse(message));
    }

    [Fact]
    public void Render_NumberWithoutPlus_GetsOne()
    {
        var output = new ArrayBufferWriter<byte>();
        Compile(TwoVariables, TwoBindings, "name").Render(output, "919876543210", "t", ["Asha"]);

        Assert.Equal("+919876543210", JsonNode.Parse(output.WrittenSpan)!["to"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("")]
    [InlineData("  \t")]
    public void Render_EmptyColumnWithFallback_TakesTheFallback(string name) =>
        AssertJson("\"there\"", Components(Render(Compile(TwoVariables, TwoBindings, "name"), name))![0]!["parameters"]![0]!["text"]);

    [Fact]
    public void Render_RowShorterThanColumns_EndsInEmptyCells() =>
        AssertJson("\"there\"", Components(Render(Compile(TwoVariables, TwoBindings, "phone", "name"), "x"))![0]!["parameters"]![0]!["text"]);

    [Fact]
    public void Render_NoVariables_LeavesComponentsOut() =>
        Assert.Null(Components(Render(Compile(Template("""[{"type":"BODY","text":"Hello"}]"""), "{}"))));

    [Fact]
    public void UsedColumns_AreThoseOfBindingsAndPlaceholders()
    {
        var compiled = Compile(TwoVariables, """{"body":{"1":{"value":"{{c}} and {{a}}"},"2":{"column":"A"}}}""", "a", "b", "c");

        Assert.Equal([0, 2], compiled.UsedColumns);
    }

    [Fact]
    public void Render_Escaping_IsTheLeastThatJsonDemands()
    {
        var message = Render(Compile(TwoVariables, TwoBindings, "name"), "\"आशा\" \\ <b>&'é😀");

        Assert.Contains(""" "text":"\"आशा\" \\ <b>&'é😀" """.Trim(), message);
    }

    [Fact]
    public void Render_AnyCharacterInTheToken_ComesBackTheSame()
    {
        var token = new string([.. Enumerable.Range(0, 256).Select(c => (char)c)]);
        var output = new ArrayBufferWriter<byte>();

        Compile(TwoVariables, TwoBindings, "name").Render(output, "+91", token, ["Asha"]);

        Assert.Equal(token, JsonNode.Parse(output.WrittenSpan)!["biz_opaque_callback_data"]!.GetValue<string>());
    }

    [Fact]
    public async Task Render_FromManyThreads_KeepsRowsApart()
    {
        var compiled = Compile(TwoVariables, TwoBindings, "name");

        await Parallel.ForAsync(0, 2_000, (i, _) =>
        {
            Assert.Contains($"\"text\":\"n{i}\"", Render(compiled, $"n{i}"));
            return ValueTask.CompletedTask;
        });
    }
}

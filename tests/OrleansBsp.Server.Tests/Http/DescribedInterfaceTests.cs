using System.Text.Json.Nodes;
using OrleansBsp.Core.Conversations;
using OrleansBsp.Server.Tests.Cluster;

namespace OrleansBsp.Server.Tests.Http;

/// <summary>What <c>/openapi/v1.json</c> says of the whole interface. That its answers are the real ones is <c>Scenarios/DescribedAnswersTests</c>.</summary>
public sealed class DescribedInterfaceTests(SharedServer shared) : IClassFixture<SharedServer>
{
    [Fact]
    public async Task Every_operation_says_what_it_does_and_what_it_answers()
    {
        List<string> silent = [];
        foreach (var (path, methods) in (await DocumentAsync())["paths"]!.AsObject())
        {
            foreach (var (method, operation) in methods!.AsObject())
            {
                if (string.IsNullOrEmpty((string?)operation!["summary"])) silent.Add($"{method} {path} has no summary");
                var answers = operation["responses"]!.AsObject().Where(answer => answer.Key.StartsWith('2')).ToList();
                if (answers is not [var good]) silent.Add($"{method} {path} has {answers.Count} good answers");
                else if (good.Key != "204" && good.Value!["content"] is null) silent.Add($"{method} {path} does not say what it answers");
                foreach (var parameter in operation["parameters"]?.AsArray() ?? [])
                    if ((string)parameter!["in"]! == "query" && string.IsNullOrEmpty((string?)parameter["description"])) silent.Add($"{method} {path} does not explain {parameter["name"]}");
            }
        }

        Assert.Empty(silent);
    }

    [Theory]
    [InlineData("CreateCampaign", "maxPerSecond", """{"format":"int32","maximum":1000,"minimum":1,"type":["null","integer"]}""")]
    [InlineData("CreateCampaign", "parameters", """{"type":["null","object"]}""")]
    [InlineData("ConfigureNumber", "maxPerSecond", """{"type":["null","integer"]}""")]
    [InlineData("LaunchCampaign", "startAt", """{"format":"date-time","type":["null","string"]}""")]
    [InlineData("CampaignView", "createdAt", """{"format":"date-time","type":"string"}""")]
    [InlineData("CampaignView", "state", """{"enum":["draft","scheduled","running","paused","completed","cancelled"],"type":"string"}""")]
    public async Task A_field_says_what_it_takes(string schema, string field, string expected)
    {
        var described = (await DocumentAsync())["components"]!["schemas"]![schema]!["properties"]![field]!.AsObject();

        string[] shown = ["type", "format", "enum", "minimum", "maximum"];
        var found = new JsonObject(described.Where(part => shown.Contains(part.Key)).OrderBy(part => part.Key, StringComparer.Ordinal).Select(part => KeyValuePair.Create(part.Key, part.Value?.DeepClone())));
        Assert.Equal(expected, found.ToJsonString());
    }

    [Fact]
    public async Task The_bodies_that_are_read_by_hand_are_described_too()
    {
        var paths = (await DocumentAsync())["paths"]!;
        var message = paths["/api/v1/messages"]!["post"]!["requestBody"]!["content"]!["application/json"]!["schema"]!["properties"]!;

        Assert.Equal(4096, (int)message["text"]!["properties"]!["body"]!["maxLength"]!);
        Assert.Equal(["name", "language"], message["template"]!["required"]!.AsArray().Select(name => (string)name!));
        Assert.Equal(MessageContent.ByType.Keys, message["type"]!["enum"]!.AsArray().Select(type => (string)type!));
        Assert.NotNull(paths["/api/v1/campaigns/{id}/audience"]!["put"]!["requestBody"]!["content"]!["text/csv"]);
    }

    private async Task<JsonNode> DocumentAsync() => JsonNode.Parse(await shared.Server.Client.GetStringAsync("/openapi/v1.json"))!;
}

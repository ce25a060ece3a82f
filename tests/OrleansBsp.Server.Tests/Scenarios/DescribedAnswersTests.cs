using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using OrleansBsp.Simulator.Accounts;
using Xunit.Abstractions;

namespace OrleansBsp.Server.Tests.Scenarios;

/// <summary>What the interface answers when all goes well is what <c>/openapi/v1.json</c> says that it answers.</summary>
public sealed partial class DescribedAnswersTests(ITestOutputHelper output) : ScenarioTests(output)
{
    private const string Campaign = """
        {"name":"Diwali","phoneNumberId":"NUMBER","template":{"name":"diwali_offer","language":"en_US"},
         "parameters":{"body":{"1":{"column":"name","fallback":"there"},"2":{"value":"25%"}}},"defaultCountry":"IN"}
        """;

    private const string Message = """{"phoneNumberId":"NUMBER","to":"+919812340001","type":"template","template":{"name":"store_hours","language":{"code":"en_US"}}}""";

    private JsonObject _paths = null!;

    [Fact]
    public async Task Real_answers_have_the_statuses_that_are_documented()
    {
        _paths = JsonNode.Parse(await Stage.Api.Http.GetStringAsync("openapi/v1.json"))!["paths"]!.AsObject();

        await AskAsync("POST wabas", $$"""{"id":"{{DefaultWorld.WabaId}}","name":"Example Retail","accessToken":"{{DefaultWorld.AccessToken}}"}""");
        await AskAsync("GET wabas");
        await AskAsync("POST templates/sync");
        var template = await AskAsync("GET templates");
        await AskAsync($"GET templates/{template["items"]![0]!["id"]}");

        await AskAsync("GET phone-numbers");
        await AskAsync($"GET phone-numbers/{Stage.Number1000}");
        await AskAsync($"PATCH phone-numbers/{Stage.Number1000}", """{"maxPerSecond":null}""");

        var campaign = (string)(await AskAsync("POST campaigns", Campaign))["id"]!;
        await AskAsync($"PUT campaigns/{campaign}/audience", "name,phone\nAsha,9812340002\nRavi,12\n", "text/csv");
        Assert.Equal(["1 recipient."], (await AskAsync($"GET campaigns/{campaign}/preflight"))["checks"]!.AsArray()
            .Where(check => (string)check!["code"]! == "audience").Select(check => (string)check!["message"]!));
        await AskAsync($"POST campaigns/{campaign}/launch", """{"startAt":"2099-01-01T00:00:00Z"}""");
        await AskAsync($"POST campaigns/{campaign}/pause");
        await AskAsync($"POST campaigns/{campaign}/resume");
        Assert.Null((await AskAsync($"GET campaigns/{campaign}"))["limitedBy"]);
        await AskAsync($"GET campaigns/{campaign}/recipients?state=notReleased&q=9812340002");
        await AskAsync($"GET campaigns/{campaign}/recipients/1");
        await AskAsync($"POST campaigns/{campaign}/cancel");
        await AskAsync("GET campaigns");

        var message = (string)(await AskAsync("POST messages", Message))["id"]!;
        await AskAsync($"GET messages/{message}");
        await AskAsync("GET conversations?state=open");
        await AskAsync($"GET conversations/{Stage.Number1000}:919812340001/messages");

        var contact = (string)(await AskAsync("POST contacts", """{"phone":"+919812340003"}"""))["id"]!;
        await AskAsync($"GET contacts/{contact}");
        await AskAsync($"POST contacts/{contact}/opt-out");
        await AskAsync($"POST contacts/{contact}/opt-in");
        await AskAsync($"GET contacts/{contact}/consent");
        await AskAsync("GET contacts?phone=%2B919812340003");

        await AskAsync("GET cluster");
        await AskAsync("GET cluster/grains");
        await AskAsync("GET queues");
        var key = (string)(await AskAsync("POST api-keys", """{"name":"another","scopes":["read"]}"""))["id"]!;
        await AskAsync("GET api-keys");
        await AskAsync($"DELETE api-keys/{key}");
        await AskAsync("GET session");
    }

    /// <summary>Asks, and holds the answer against the one good answer that is documented.</summary>
    private async Task<JsonNode> AskAsync(string line, string? body = null, string type = "application/json")
    {
        var (method, path) = (line.Split(' ')[0], line.Split(' ')[1]);
        using var request = new HttpRequestMessage(new HttpMethod(method), $"api/v1/{path}");
        if (body is not null) request.Content = new StringContent(body.Replace("NUMBER", Stage.Number1000, StringComparison.Ordinal), Encoding.UTF8, new MediaTypeHeaderValue(type));
        using var answer = await Stage.Api.Http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();

        var documented = Operation(method, $"/api/v1/{path.Split('?')[0]}")["responses"]!.AsObject().Single(one => one.Key.StartsWith('2'));
        Assert.True(documented.Key == $"{(int)answer.StatusCode}", $"{line} answers {(int)answer.StatusCode}, {documented.Key} is documented: {text}");
        return text.Length == 0 ? new JsonObject() : JsonNode.Parse(text)!;
    }

    // A path without parts to fill in is nearer than one with.
    private JsonNode Operation(string method, string path) => _paths
        .Where(one => one.Value![method.ToLowerInvariant()] is not null && Regex.IsMatch(path, $"^{Part().Replace(one.Key, "[^/]+")}$"))
        .OrderBy(one => one.Key.Contains('{', StringComparison.Ordinal)).First().Value![method.ToLowerInvariant()]!;

    [GeneratedRegex(@"\{[^}]+\}")]
    private static partial Regex Part();
}

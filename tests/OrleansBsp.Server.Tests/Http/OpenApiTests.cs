using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using OrleansBsp.Server.Access;
using OrleansBsp.Server.Http;

namespace OrleansBsp.Server.Tests.Http;

public sealed class OpenApiTests
{
    public sealed record Thing(string Name, DateTimeOffset? At, ProblemTests.Mood Mood = ProblemTests.Mood.Calm);

    [Fact]
    public async Task The_document_describes_keys_problems_pages_and_idempotency()
    {
        await using var app = await TestApp.StartAsync(app =>
        {
            app.MapPost("/api/v1/things", (Thing thing) => thing).RequireScope(Scope.Send);
            app.MapGet("/api/v1/things", (PageRequest page, string? q) => new Page<Thing>([], null)).RequireScope(Scope.Read);
        });

        var document = JsonNode.Parse(await app.Anonymous.GetStringAsync("/openapi/v1.json"))!;

        Assert.StartsWith("3.", (string)document["openapi"]!, StringComparison.Ordinal);
        Assert.Equal("http", (string)document["components"]!["securitySchemes"]!["bearer"]!["type"]!);
        Assert.Equal("bearer", (string)document["components"]!["securitySchemes"]!["bearer"]!["scheme"]!);
        Assert.NotNull(document["security"]![0]!["bearer"]);
        Assert.NotNull(document["components"]!["schemas"]!["Problem"]!["properties"]!["traceId"]);
        Assert.NotNull(document["components"]!["schemas"]!["Problem"]!["properties"]!["errors"]);

        var post = document["paths"]!["/api/v1/things"]!["post"]!;
        Assert.Contains("Idempotency-Key header", Parameters(post));
        Assert.Equal("Needs the scope `send`.", (string)post["description"]!);
        Assert.Equal("#/components/schemas/Problem", (string)post["responses"]!["default"]!["content"]!["application/problem+json"]!["schema"]!["$ref"]!);

        var get = document["paths"]!["/api/v1/things"]!["get"]!;
        Assert.Equal(["cursor query", "limit query", "q query"], Parameters(get).Order());

        Assert.Empty(document["paths"]!["/api/v1/session"]!["post"]!["security"]!.AsArray());
    }

    private static List<string> Parameters(JsonNode operation) =>
        operation["parameters"]!.AsArray().Select(parameter => $"{parameter!["name"]} {parameter["in"]}").ToList();
}

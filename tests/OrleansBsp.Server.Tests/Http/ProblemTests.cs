using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Orleans.Runtime;
using OrleansBsp.Server.Access;
using OrleansBsp.Server.Http;

namespace OrleansBsp.Server.Tests.Http;

public sealed class ProblemTests(ProblemTests.Server server) : IClassFixture<ProblemTests.Server>
{
    private readonly TestApp _app = server.App;

    public enum Mood { Calm, VeryHappy }

    public sealed record Inner(string Label, Mood Mood = Mood.Calm, [property: Range(1, 1000)] int? Pace = null);

    public sealed record Thing(string Name, int? MaxPerSecond, DateTimeOffset? At, Inner? Inner, Inner[]? Many, Dictionary<string, int>? Counts, bool Flag = false);

    public readonly record struct Filter(string? Q, Mood? Mood);

    public static TheoryData<string, string?, string, string> Table => new()
    {
        { "POST /api/v1/things", """{"name":"a","speed":3}""", "bad-input 400 The request was not understood",
          """{"detail":"'speed' is unknown. Known: name, maxPerSecond, at, inner, many, counts, flag.","errors":[{"pointer":"#/speed","code":"unknown-field","message":"'speed' is unknown. Known: name, maxPerSecond, at, inner, many, counts, flag."}]}""" },
        { "POST /api/v1/things", """{"name":"a","inner":{"label":"x","Mood":"calm"}}""", "bad-input 400 The request was not understood",
          """{"detail":"'inner.Mood' is unknown. Known: label, mood, pace.","errors":[{"pointer":"#/inner/Mood","code":"unknown-field","message":"'inner.Mood' is unknown. Known: label, mood, pace."}]}""" },
        { "POST /api/v1/things", """{"name":"a","maxPerSecond":"fast"}""", "bad-input 400 The request was not understood",
          """{"detail":"'maxPerSecond' must be a whole number from -2147483648 to 2147483647, but was the string \"fast\".","errors":[{"pointer":"#/maxPerSecond","code":"wrong-type","message":"'maxPerSecond' must be a whole number from -2147483648 to 2147483647, but was the string \"fast\"."}]}""" },
        { "POST /api/v1/things", """{"name":"a","many":[{"label":"x"},{"label":"x","mood":"sad"}]}""", "bad-input 400 The request was not understood",
          """{"detail":"'many.1.mood' must be one of calm, veryHappy, but was the string \"sad\".","errors":[{"pointer":"#/many/1/mood","code":"wrong-type","message":"'many.1.mood' must be one of calm, veryHappy, but was the string \"sad\"."}]}""" },
        { "POST /api/v1/things", """{"name":"a","inner":{"label":"x","pace":"fast"}}""", "bad-input 400 The request was not understood",
          """{"detail":"'inner.pace' must be a whole number from 1 to 1000, but was the string \"fast\".","errors":[{"pointer":"#/inner/pace","code":"wrong-type","message":"'inner.pace' must be a whole number from 1 to 1000, but was the string \"fast\"."}]}""" },
        { "POST /api/v1/things", """{"name":null}""", "bad-input 400 The request was not understood",
          """{"detail":"'name' must be a string, but was null.","errors":[{"pointer":"#/name","code":"wrong-type","message":"'name' must be a string, but was null."}]}""" },
        { "POST /api/v1/things", """{"name":"a","at":"2026-03-01T09:30:00"}""", "bad-input 400 The request was not understood",
          """{"detail":"'at' must be a time with its offset, like 2026-03-01T09:30:00Z, but was the string \"2026-03-01T09:30:00\".","errors":[{"pointer":"#/at","code":"wrong-type","message":"'at' must be a time with its offset, like 2026-03-01T09:30:00Z, but was the string \"2026-03-01T09:30:00\"."}]}""" },
        { "POST /api/v1/things", """{"name":"a","counts":{"a b":1.5}}""", "bad-input 400 The request was not understood",
          """{"detail":"'counts.a b' must be a whole number from -2147483648 to 2147483647, but was the number 1.5.","errors":[{"pointer":"#/counts/a b","code":"wrong-type","message":"'counts.a b' must be a whole number from -2147483648 to 2147483647, but was the number 1.5."}]}""" },
        { "POST /api/v1/things", """{"maxPerSecond":1}""", "bad-input 400 The request was not understood",
          """{"detail":"'name' is missing; it must be a string.","errors":[{"pointer":"#/name","code":"missing","message":"'name' is missing; it must be a string."}]}""" },
        { "POST /api/v1/things", """{"name":"a","inner":{}}""", "bad-input 400 The request was not understood",
          """{"detail":"'inner.label' is missing; it must be a string.","errors":[{"pointer":"#/inner/label","code":"missing","message":"'inner.label' is missing; it must be a string."}]}""" },
        { "POST /api/v1/things", """{"name":"a","name":"b"}""", "bad-input 400 The request was not understood",
          """{"detail":"'name' is given twice; give it once.","errors":[{"pointer":"#/name","code":"duplicate-field","message":"'name' is given twice; give it once."}]}""" },
        { "POST /api/v1/things", "[]", "bad-input 400 The request was not understood",
          """{"detail":"The body must be an object, but was an array.","errors":[{"pointer":"#","code":"wrong-type","message":"The body must be an object, but was an array."}]}""" },
        { "POST /api/v1/free", "[]", "bad-input 400 The request was not understood",
          """{"detail":"The body must be an object, but was an array.","errors":[{"pointer":"#","code":"wrong-type","message":"The body must be an object, but was an array."}]}""" },
        { "POST /api/v1/free", "\"x\"", "bad-input 400 The request was not understood",
          """{"detail":"The body must be an object, but was the string \"x\".","errors":[{"pointer":"#","code":"wrong-type","message":"The body must be an object, but was the string \"x\"."}]}""" },
        { "POST /api/v1/things", """{"name": oops}""", "bad-input 400 The request was not understood",
          """{"detail":"The body is not valid JSON at line 1, byte 10: 'o' is an invalid start of a value.","errors":[{"pointer":"#","code":"malformed-json","message":"The body is not valid JSON at line 1, byte 10: 'o' is an invalid start of a value."}]}""" },
        { "POST /api/v1/things", "", "bad-input 400 The request was not understood",
          """{"detail":"The body is empty; a JSON value is needed.","errors":[{"pointer":"#","code":"missing","message":"The body is empty; a JSON value is needed."}]}""" },
        { "POST /api/v1/things", null, "bad-input 400 The request was not understood",
          """{"detail":"The body is empty; a JSON value is needed.","errors":[{"pointer":"#","code":"missing","message":"The body is empty; a JSON value is needed."}]}""" },
        { "GET /api/v1/things/abc", null, "bad-input 400 The request was not understood",
          """{"detail":"id must be a whole number from -9223372036854775808 to 9223372036854775807, but was 'abc'.","errors":[{"pointer":"{id}","code":"wrong-type","message":"id must be a whole number from -9223372036854775808 to 9223372036854775807, but was 'abc'."}]}""" },
        { "GET /api/v1/things/7?depth=deep", null, "bad-input 400 The request was not understood",
          """{"detail":"depth must be a whole number from -2147483648 to 2147483647, but was 'deep'.","errors":[{"pointer":"?depth","code":"wrong-type","message":"depth must be a whole number from -2147483648 to 2147483647, but was 'deep'."}]}""" },
        { "GET /api/v1/things/7?mood=sad", null, "bad-input 400 The request was not understood",
          """{"detail":"mood must be one of calm, veryHappy, but was 'sad'.","errors":[{"pointer":"?mood","code":"wrong-type","message":"mood must be one of calm, veryHappy, but was 'sad'."}]}""" },
        { "GET /api/v1/things/7?dept=1", null, "bad-input 400 The request was not understood",
          """{"detail":"The query parameter 'dept' is unknown. Known: depth, mood.","errors":[{"pointer":"?dept","code":"unknown-parameter","message":"The query parameter 'dept' is unknown. Known: depth, mood."}]}""" },
        { "GET /api/v1/filtered?x=1&y=2", null, "bad-input 400 The request was not understood",
          """{"detail":"The query parameters 'x', 'y' are unknown. Known: Mood, Q, cursor, limit.","errors":[{"pointer":"?x","code":"unknown-parameter","message":"The query parameter 'x' is unknown. Known: Mood, Q, cursor, limit."},{"pointer":"?y","code":"unknown-parameter","message":"The query parameter 'y' is unknown. Known: Mood, Q, cursor, limit."}]}""" },
        { "GET /api/v1/missing?x=1", null, "bad-input 400 The request was not understood",
          """{"detail":"The query parameter 'x' is unknown. There are none here.","errors":[{"pointer":"?x","code":"unknown-parameter","message":"The query parameter 'x' is unknown. There are none here."}]}""" },
        { "GET /api/v1/needed", null, "bad-input 400 The request was not understood",
          """{"detail":"The query parameter q is missing; it must be a string.","errors":[{"pointer":"?q","code":"missing","message":"The query parameter q is missing; it must be a string."}]}""" },
        { "GET /api/v1/list?limit=201", null, "bad-input 400 The request was not understood",
          """{"detail":"limit must be a whole number from 1 to 200, but was '201'.","errors":[{"pointer":"?limit","code":"out-of-range","message":"limit must be a whole number from 1 to 200, but was '201'."}]}""" },
        { "GET /api/v1/list?limit=0", null, "bad-input 400 The request was not understood",
          """{"detail":"limit must be a whole number from 1 to 200, but was '0'.","errors":[{"pointer":"?limit","code":"out-of-range","message":"limit must be a whole number from 1 to 200, but was '0'."}]}""" },
        { "GET /api/v1/list?cursor=nonsense!", null, "bad-input 400 The request was not understood",
          """{"detail":"'nonsense!' is not a cursor of this list. Use nextCursor as it was given, or leave it out.","errors":[{"pointer":"?cursor","code":"bad-cursor","message":"'nonsense!' is not a cursor of this list. Use nextCursor as it was given, or leave it out."}]}""" },
        { "GET /api/v1/missing", null, "not-found 404 Not found", """{"detail":"There is no campaign 7."}""" },
        { "GET /api/v1/rows", null, "bad-input 400 The request was not understood",
          """{"detail":"2 rows cannot be used.","errors":[{"row":7,"code":"bad-phone","message":"'12' is no phone number."},{"column":"phone","code":"missing","message":"There is no column 'phone'."}]}""" },
        { "GET /api/v1/nothing-here", null, "not-found 404 Not found",
          """{"detail":"There is nothing at GET /api/v1/nothing-here. GET /openapi/v1.json lists what there is."}""" },
        { "DELETE /api/v1/things", null, "method-not-allowed 405 This method does not exist here",
          """{"detail":"DELETE is not possible at /api/v1/things. Possible: POST."}""" },
        { "GET /api/v1/fail/bug", null, "internal 500 A fault of this server",
          """{"detail":"The server failed to handle this request. Its log has the reason under the trace id."}""" },
        { "GET /api/v1/fail/unique", null, "internal 500 A fault of this server",
          """{"detail":"The server failed to handle this request. Its log has the reason under the trace id."}""" },
        { "GET /api/v1/fail/refused", null, "unavailable 503 Not available at the moment",
          """{"detail":"The database does not answer. If this changes something, repeat it with the same Idempotency-Key."}""" },
        { "GET /api/v1/fail/stopping", null, "unavailable 503 Not available at the moment",
          """{"detail":"The database could not take this at the moment. If this changes something, repeat it with the same Idempotency-Key."}""" },
        { "GET /api/v1/fail/silo", null, "unavailable 503 Not available at the moment",
          """{"detail":"A part of the cluster is moving to another machine. If this changes something, repeat it with the same Idempotency-Key."}""" },
        { "GET /api/v1/fail/rejected", null, "unavailable 503 Not available at the moment",
          """{"detail":"A part of the cluster is moving to another machine. If this changes something, repeat it with the same Idempotency-Key."}""" },
        { "GET /api/v1/fail/timeout", null, "unavailable 503 Not available at the moment",
          """{"detail":"The answer did not come in time; whether it was done is not known. If this changes something, repeat it with the same Idempotency-Key."}""" },
    };

    [Theory]
    [MemberData(nameof(Table))]
    public async Task Bad_requests_get_exactly_this_problem(string line, string? body, string head, string rest)
    {
        var answer = await _app.Admin.AskAsync(line, body);

        var words = head.Split(' ', 3);
        var expected = new JsonObject { ["type"] = "/problems/" + words[0], ["title"] = words[2], ["status"] = int.Parse(words[1], null) };
        foreach (var (name, value) in JsonNode.Parse(rest)!.AsObject()) expected[name] = value?.DeepClone();
        Assert.Equal(expected.ToJsonString(Relaxed), (await answer.ProblemAsync()).ToJsonString(Relaxed));
        Assert.Equal(words[1] == "503", answer.Headers.RetryAfter is not null);
        Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
    }

    [Theory]
    [InlineData("dispatch,connectors", "/openapi/v1.json", "There is nothing at GET /openapi/v1.json in this process: its Roles are dispatch, connectors, without api. Ask a process that has that role.")]
    [InlineData("api", "/webhooks/meta", "There is nothing at GET /webhooks/meta in this process: its Roles are api, without webhooks. Ask a process that has that role.")]
    [InlineData("webhooks,api", "/webhooks/other", "There is nothing at GET /webhooks/other. GET /openapi/v1.json lists what there is.")]
    public void A_process_without_the_role_says_so(string roles, string path, string detail)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("Roles", roles)]).Build();
        using var services = new ServiceCollection().AddSingleton<IConfiguration>(configuration).BuildServiceProvider();
        var context = new DefaultHttpContext { RequestServices = services, Request = { Method = "GET", Path = path } };

        Assert.Equal(detail, Problems.ForStatus(404, context).Value.Detail);
    }

    [Fact]
    public async Task Another_content_type_is_415()
    {
        var answer = await _app.Admin.AskAsync("POST /api/v1/things", "name=a", "Content-Type: application/x-www-form-urlencoded");

        var problem = await answer.ProblemAsync();
        Assert.Equal("/problems/unsupported-media-type", (string)problem["type"]!);
        Assert.Equal("The content type application/x-www-form-urlencoded is not accepted here; JSON is sent as application/json.", (string)problem["detail"]!);
    }

    [Fact]
    public async Task Too_large_a_body_is_413_with_the_limit()
    {
        var answer = await _app.Admin.AskAsync("POST /api/v1/small", $$"""{"name":"{{new string('a', 200)}}"}""");

        var problem = await answer.ProblemAsync();
        Assert.Equal("/problems/too-large", (string)problem["type"]!);
        Assert.Equal("The body is larger than this address accepts: 100 bytes.", (string)problem["detail"]!);
    }

    [Fact]
    public async Task A_body_too_large_to_keep_is_refused_without_its_value()
    {
        var answer = await _app.Admin.AskAsync("POST /api/v1/things", $$"""{"name":"{{new string('a', 70_000)}}","maxPerSecond":"fast"}""");

        Assert.Equal("'maxPerSecond' must be a whole number from -2147483648 to 2147483647.", (string)(await answer.ProblemAsync())["detail"]!);
    }

    [Fact]
    public async Task Good_JSON_comes_back_in_the_manner()
    {
        var answer = await _app.Admin.AskAsync(
            "POST /api/v1/things", """{"name":"नमस्ते +91","at":"2026-03-01T15:00:00.25+05:30","inner":{"label":"x","mood":"veryHappy"},"counts":{"A b":1}}""");

        Assert.Equal(
            """{"name":"नमस्ते +91","maxPerSecond":null,"at":"2026-03-01T09:30:00.25Z","inner":{"label":"x","mood":"veryHappy","pace":null},"many":null,"counts":{"A b":1},"flag":false}""",
            await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_page_answers_for_pages_only()
    {
        await using var app = await TestApp.StartAsync(app => app.MapGet("/{*page}", () => "a page"));

        Assert.Equal("a page", await app.Anonymous.GetStringAsync("/campaigns/7?tab=live"));
        Assert.Equal("/problems/not-found", (string)(await (await app.Anonymous.AskAsync("GET /api/v1/nothing")).ProblemAsync())["type"]!);
    }

    /// <summary>One server for all of them: nothing here changes it.</summary>
    public sealed class Server : IAsyncLifetime
    {
        public TestApp App { get; private set; } = null!;

        public async Task InitializeAsync() => App = await TestApp.StartAsync(Map);

        public async Task DisposeAsync() => await App.DisposeAsync();
    }

    private static void Map(WebApplication app)
    {
        var api = app.MapGroup("/api/v1").RequireScope(Scope.Admin);
        api.MapPost("/things", (Thing thing) => Results.Ok(thing));
        api.MapPost("/free", (JsonObject free) => Results.Ok(free));
        api.MapPost("/small", (Thing thing) => Results.Ok(thing)).WithMetadata(new MaxBody(100));
        api.MapGet("/things/{id}", (long id, int? depth, Mood? mood) => Results.Ok(new { id, depth, mood }));
        api.MapGet("/filtered", ([AsParameters] Filter filter, PageRequest page) => Results.Ok(new { filter, page.Limit }));
        api.MapGet("/needed", (string q) => q);
        api.MapGet("/list", (PageRequest page) => page.TryGetPosition(out int after) ? after : 0);
        api.MapGet("/missing", () => Problems.NotFound("campaign", 7));
        api.MapGet("/rows", () => Problems.BadInput("2 rows cannot be used.", InputError.InRow(7, "bad-phone", "'12' is no phone number."), InputError.InColumn("phone", "missing", "There is no column 'phone'.")));
        api.MapGet("/fail/{how}", Fail);
    }

    private static readonly JsonSerializerOptions Relaxed = JsonManner.Options;

    private static IResult Fail(string how) => throw (how switch
    {
        "bug" => new InvalidOperationException("secret inside"),
        "unique" => new PostgresException("duplicate key", "ERROR", "ERROR", PostgresErrorCodes.UniqueViolation),
        "refused" => new InvalidOperationException("wrapped", new NpgsqlException("Failed to connect to 10.0.0.1", new System.Net.Sockets.SocketException(111))),
        "stopping" => new PostgresException("shutting down", "FATAL", "FATAL", PostgresErrorCodes.AdminShutdown),
        "silo" => new SiloUnavailableException("gone"),
        "rejected" => (Exception)Activator.CreateInstance(typeof(OrleansMessageRejectionException), System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Public | System.Reflection.BindingFlags.Instance, null, ["rejected"], null)!,
        "timeout" => new TimeoutException("30 s"),
        _ => new ArgumentException(how),
    });

    private sealed record MaxBody(long? MaxRequestBodySize) : Microsoft.AspNetCore.Http.Metadata.IRequestSizeLimitMetadata;
}

using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using OrleansBsp.Server.Access;
using OrleansBsp.Server.Http;
using OrleansBsp.Server.Storage;

namespace OrleansBsp.Server.Tests.Http;

public sealed class DatabaseDownTests
{
    [Fact]
    public async Task Without_the_database_every_way_in_answers_503_and_nothing_runs()
    {
        var folder = Path.Combine(Path.GetTempPath(), $"bsp-tests-down-{Environment.ProcessId}");
        var postgres = await EmbeddedPostgres.StartAsync(folder, durable: false, CancellationToken.None);
        await Migrator.RunAsync(postgres.ConnectionString, CancellationToken.None);
        var runs = 0;
        await using var app = await TestApp.StartAsync(
            app => app.MapPost("/api/v1/orders", () => ++runs).RequireScope(Scope.Send), postgres.ConnectionString);
        var signedIn = await app.Anonymous.AskAsync("POST /api/v1/session", SignIn(app)).ExpectAsync(HttpStatusCode.NoContent);
        var cookie = "Cookie: " + signedIn.Headers.GetValues("Set-Cookie").Single().Split(';')[0];
        await app.Admin.AskAsync("GET /api/v1/session").ExpectAsync(HttpStatusCode.OK);

        await postgres.DisposeAsync();

        await Expect503Async(app.Anonymous.AskAsync("GET /api/v1/session", null, "Authorization: Bearer bsp_" + new string('A', 43)));
        await Expect503Async(app.Anonymous.AskAsync("GET /api/v1/session", null, cookie));
        await Expect503Async(app.Anonymous.AskAsync("POST /api/v1/session", SignIn(app)));
        await Expect503Async(app.Admin.AskAsync("POST /api/v1/orders", null, "Idempotency-Key: k"));
        Assert.Equal(0, runs);
        // A key that was seen in the last 30 s is still believed, and what needs no database still works.
        await app.Admin.AskAsync("POST /api/v1/orders").ExpectAsync(HttpStatusCode.OK);
        Directory.Delete(folder, recursive: true);
    }

    private static async Task Expect503Async(Task<HttpResponseMessage> asked)
    {
        var answer = await asked.ExpectAsync(HttpStatusCode.ServiceUnavailable);
        Assert.Equal(TimeSpan.FromSeconds(5), answer.Headers.RetryAfter!.Delta);
        Assert.Equal("/problems/unavailable", (string)(await answer.ProblemAsync())["type"]!);
    }

    private static string SignIn(TestApp app) =>
        new JsonObject { ["email"] = app.Credentials.AdminEmail, ["password"] = app.Credentials.AdminPassword }.ToJsonString();
}

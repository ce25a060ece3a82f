using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using OrleansBsp.Server.Access;
using OrleansBsp.Server.Http;
using OrleansBsp.Server.Tests.Http;

namespace OrleansBsp.Server.Tests.Access;

public sealed class AccessTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 1, 9, 0, 0, TimeSpan.Zero));
    private TestApp _app = null!;

    public async Task InitializeAsync() => _app = await TestApp.StartAsync(
        app =>
        {
            var api = app.MapGroup("/api/v1").RequireScope(Scope.Read);
            api.MapGet("/read", (Caller caller) => caller.Name);
            api.MapPost("/send", (Caller caller) => caller.Id).RequireScope(Scope.Send);
            api.MapPost("/write", () => "written");
            app.MapGet("/api/v1/forgotten", () => "nobody said who may");
            app.MapGet("/page", () => "page");
            var open = app.MapGroup("/api/v1/open").AllowAnyone();
            open.MapGet("", () => "open");
            open.MapGet("/but-not-this", () => "closed").RequireScope(Scope.Send);
        },
        time: _time);

    public async Task DisposeAsync() => await _app.DisposeAsync();

    [Fact]
    public async Task Without_credentials_it_is_401_with_a_challenge()
    {
        var answer = await _app.Anonymous.AskAsync("GET /api/v1/read");

        Assert.Equal("Bearer realm=\"orleansbsp\"", answer.Headers.WwwAuthenticate.ToString());
        Assert.Equal(
            """{"type":"/problems/unauthorized","title":"Who is calling is not known","status":401,"detail":"Send Authorization: Bearer <api key>, or sign in."}""",
            (await answer.ProblemAsync()).ToJsonString(JsonManner.Options));
    }

    [Theory]
    [InlineData("Bearer nonsense", "error=\"invalid_token\"")]
    [InlineData("Bearer bsp_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "error=\"invalid_token\"")]
    [InlineData("Basic YTpi", "Bearer realm")]
    public async Task A_wrong_key_is_401(string authorization, string challenge)
    {
        var answer = await _app.Anonymous.AskAsync("GET /api/v1/read", null, "Authorization: " + authorization).ExpectAsync(HttpStatusCode.Unauthorized);

        Assert.Contains(challenge, answer.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("read", "GET /api/v1/read", 200)]
    [InlineData("send", "GET /api/v1/read", 403)]
    [InlineData("admin", "GET /api/v1/read", 200)]
    [InlineData("send", "POST /api/v1/send", 200)] // the nearest RequireScope counts, not the group's
    [InlineData("read", "POST /api/v1/send", 403)]
    [InlineData("read", "GET /api/v1/forgotten", 403)]
    [InlineData("admin", "GET /api/v1/forgotten", 200)]
    [InlineData("read", "GET /api/v1/open", 200)]
    [InlineData("read", "GET /api/v1/open/but-not-this", 403)]
    [InlineData("send", "GET /api/v1/session", 200)]
    [InlineData("send", "GET /api/v1/api-keys", 403)]
    public async Task Scopes_open_what_they_say(string scope, string line, int status)
    {
        using var client = await _app.ClientWithScopesAsync(scope);

        Assert.Equal(status, (int)(await client.AskAsync(line)).StatusCode);
    }

    [Fact]
    public async Task The_wrong_scope_is_403_that_names_the_right_one()
    {
        using var client = await _app.ClientWithScopesAsync("read");

        Assert.Equal(
            """{"type":"/problems/forbidden","title":"This caller may not do this","status":403,"detail":"This needs the scope 'send'; test has read."}""",
            (await (await client.AskAsync("POST /api/v1/send")).ProblemAsync()).ToJsonString(JsonManner.Options));
    }

    [Fact]
    public async Task Outside_the_API_nobody_is_asked() => Assert.Equal("page", await _app.Anonymous.GetStringAsync("/page"));

    [Fact]
    public async Task Signing_in_gives_a_cookie_that_only_the_server_reads_and_out_takes_it()
    {
        var signedIn = await SignInAsync().ExpectAsync(HttpStatusCode.NoContent);
        var setCookie = signedIn.Headers.GetValues("Set-Cookie").Single();
        Assert.StartsWith("bsp_session=", setCookie, StringComparison.Ordinal);
        Assert.Contains("httponly", setCookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=lax", setCookie, StringComparison.OrdinalIgnoreCase);

        var who = await _app.Anonymous.AskAsync("GET /api/v1/session", null, "Cookie: " + CookieOf(signedIn)).ExpectAsync(HttpStatusCode.OK);
        Assert.Equal("""{"email":"admin@localhost","name":"admin@localhost","scopes":["admin"]}""", await who.Content.ReadAsStringAsync());
        Assert.Equal("user:1", await (await _app.Anonymous.AskAsync("POST /api/v1/send", null, "Cookie: " + CookieOf(signedIn))).Content.ReadAsStringAsync());

        var signedOut = await _app.Anonymous.AskAsync("DELETE /api/v1/session", null, "Cookie: " + CookieOf(signedIn)).ExpectAsync(HttpStatusCode.NoContent);
        Assert.StartsWith("bsp_session=;", signedOut.Headers.GetValues("Set-Cookie").Single(), StringComparison.Ordinal);
        await _app.Anonymous.AskAsync("GET /api/v1/session").ExpectAsync(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_key_says_who_it_is_too() => Assert.Equal(
        """{"email":null,"name":"first start","scopes":["admin"]}""", await _app.Admin.GetStringAsync("/api/v1/session"));

    [Theory]
    [InlineData("Sec-Fetch-Site: cross-site", 403)]
    [InlineData("Sec-Fetch-Site: same-site", 403)]
    [InlineData("Sec-Fetch-Site: same-origin", 200)]
    [InlineData("Origin: https://evil.example", 403)]
    [InlineData("Origin: null", 403)]
    [InlineData("Origin: http://{host}", 200)]
    [InlineData("X-Other: no browser", 200)]
    public async Task A_page_of_another_site_cannot_use_the_cookie(string header, int status)
    {
        var cookie = "Cookie: " + CookieOf(await SignInAsync());
        header = header.Replace("{host}", _app.Address.Authority, StringComparison.Ordinal);

        var answer = await _app.Anonymous.AskAsync("POST /api/v1/write", null, cookie, header);
        Assert.Equal(status, (int)answer.StatusCode);
        if (status == 403) Assert.Equal("/problems/cross-site", (string)(await answer.ProblemAsync())["type"]!);
        // Reading is kept from other sites by the browser itself, and a key is never sent by accident.
        await _app.Anonymous.AskAsync("GET /api/v1/read", null, cookie, header).ExpectAsync(HttpStatusCode.OK);
        await _app.Admin.AskAsync("POST /api/v1/write", null, header).ExpectAsync(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Another_site_can_sign_nobody_in_or_out()
    {
        await SignInAsync("Sec-Fetch-Site: cross-site").ExpectAsync(HttpStatusCode.Forbidden);
        await _app.Anonymous.AskAsync("DELETE /api/v1/session", null, "Sec-Fetch-Site: cross-site").ExpectAsync(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task A_wrong_password_and_an_unknown_address_sound_the_same()
    {
        var wrong = await (await TryAsync("admin@localhost", "wrong")).ProblemAsync();
        var unknown = await (await TryAsync("nobody@localhost", "wrong")).ProblemAsync();

        Assert.Equal(401, (int)wrong["status"]!);
        Assert.Equal(wrong.ToJsonString(), unknown.ToJsonString());
    }

    [Fact]
    public async Task Guessing_is_slowed_down_and_does_not_lock_out_others()
    {
        for (var i = 0; i < 5; i++) await TryAsync("admin@localhost", $"guess {i}").ExpectAsync(HttpStatusCode.Unauthorized);

        var sixth = await TryAsync("ADMIN@localhost", _app.Credentials.AdminPassword!).ExpectAsync(HttpStatusCode.TooManyRequests);
        Assert.Equal(TimeSpan.FromSeconds(2), sixth.Headers.RetryAfter!.Delta);
        Assert.Equal("/problems/too-many-requests", (string)(await sixth.ProblemAsync())["type"]!);
        await TryAsync("other@localhost", "x").ExpectAsync(HttpStatusCode.Unauthorized);

        _time.Advance(TimeSpan.FromSeconds(2));
        await SignInAsync().ExpectAsync(HttpStatusCode.NoContent);
        await TryAsync("admin@localhost", "wrong").ExpectAsync(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_session_ends_when_the_password_changes()
    {
        var cookie = "Cookie: " + CookieOf(await SignInAsync());
        await _app.Anonymous.AskAsync("GET /api/v1/session", null, cookie).ExpectAsync(HttpStatusCode.OK);
        await using (var command = _app.Database.Main.CreateCommand("update app_user set password_hash = 'AQAAAA=='")) await command.ExecuteNonQueryAsync();

        _time.Advance(TimeSpan.FromSeconds(31));
        await _app.Anonymous.AskAsync("GET /api/v1/session", null, cookie).ExpectAsync(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_session_ends_after_12_hours_without_a_request()
    {
        var cookie = "Cookie: " + CookieOf(await SignInAsync());
        _time.Advance(TimeSpan.FromHours(12.1));
        await _app.Anonymous.AskAsync("GET /api/v1/session", null, cookie).ExpectAsync(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_session_survives_a_restart_of_the_server()
    {
        var cookie = "Cookie: " + CookieOf(await SignInAsync());
        await using var restarted = await TestApp.StartAsync(connectionString: _app.Database.ConnectionString, dataFolder: _app.DataFolder, time: _time);

        await restarted.Anonymous.AskAsync("GET /api/v1/session", null, cookie).ExpectAsync(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_session_holds_in_another_process_with_the_same_key_and_in_none_with_another()
    {
        var cookie = "Cookie: " + CookieOf(await SignInAsync());
        var folder = Directory.CreateTempSubdirectory("bsp-elsewhere-").FullName;
        File.Copy(Path.Combine(_app.DataFolder, "token.key"), Path.Combine(folder, "token.key"));
        await using var elsewhere = await TestApp.StartAsync(connectionString: _app.Database.ConnectionString, dataFolder: folder, time: _time);
        await elsewhere.Anonymous.AskAsync("GET /api/v1/session", null, cookie).ExpectAsync(HttpStatusCode.OK);

        await using var stranger = await TestApp.StartAsync(connectionString: _app.Database.ConnectionString, time: _time);
        await stranger.Anonymous.AskAsync("GET /api/v1/session", null, cookie).ExpectAsync(HttpStatusCode.Unauthorized);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_removed_key_stops_at_once_here_and_within_30_seconds_elsewhere()
    {
        var created = await _app.Admin.AskAsync("POST /api/v1/api-keys", """{"name":"crm","scopes":["read"]}""").ExpectAsync(HttpStatusCode.Created);
        var key = JsonNode.Parse(await created.Content.ReadAsStringAsync())!;
        Assert.Equal($"/api/v1/api-keys/{key["id"]}", created.Headers.Location!.ToString());
        await using var elsewhere = await TestApp.StartAsync(
            app => app.MapGet("/api/v1/read", () => "read").RequireScope(Scope.Read), _app.Database.ConnectionString, _app.DataFolder, _time);
        using var here = _app.ClientWith((string)key["key"]!);
        using var there = elsewhere.ClientWith((string)key["key"]!);
        await here.AskAsync("GET /api/v1/read").ExpectAsync(HttpStatusCode.OK);
        await there.AskAsync("GET /api/v1/read").ExpectAsync(HttpStatusCode.OK);

        await _app.Admin.AskAsync($"DELETE /api/v1/api-keys/{key["id"]}").ExpectAsync(HttpStatusCode.NoContent);

        await here.AskAsync("GET /api/v1/read").ExpectAsync(HttpStatusCode.Unauthorized);
        await there.AskAsync("GET /api/v1/read").ExpectAsync(HttpStatusCode.OK);
        _time.Advance(TimeSpan.FromSeconds(30));
        await there.AskAsync("GET /api/v1/read").ExpectAsync(HttpStatusCode.Unauthorized);
        await _app.Admin.AskAsync($"DELETE /api/v1/api-keys/{key["id"]}").ExpectAsync(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Keys_are_listed_in_pages_and_never_shown_again()
    {
        for (var i = 0; i < 4; i++) await _app.Services.GetRequiredService<ApiKeyStore>().AddAsync($"key {i}", ["read"], CancellationToken.None);

        var names = new List<string>();
        for (var path = "/api/v1/api-keys?limit=2"; path is not null;)
        {
            var text = await _app.Admin.GetStringAsync(path);
            Assert.DoesNotContain("bsp_", text, StringComparison.Ordinal);
            var page = JsonNode.Parse(text)!;
            names.AddRange(page["items"]!.AsArray().Select(item => (string)item!["name"]!));
            path = (string?)page["nextCursor"] is { } cursor ? $"/api/v1/api-keys?limit=2&cursor={cursor}" : null;
        }

        Assert.Equal(["first start", "key 0", "key 1", "key 2", "key 3"], names);
    }

    [Fact]
    public async Task A_bad_key_request_names_everything_that_is_wrong()
    {
        var problem = await (await _app.Admin.AskAsync("POST /api/v1/api-keys", """{"name":" ","scopes":["read","root"]}""")).ProblemAsync();

        Assert.Equal(
            """[{"pointer":"#/name","code":"out-of-range","message":"'name' must have 1 to 100 characters."},{"pointer":"#/scopes/1","code":"unknown-scope","message":"There is no scope 'root'; there are send, read, admin."}]""",
            problem["errors"]!.ToJsonString(JsonManner.Options));
    }

    [Fact]
    public async Task Secrets_are_kept_nowhere()
    {
        await _app.Admin.AskAsync("POST /api/v1/api-keys", """{"name":"crm","scopes":["read"]}""", "Idempotency-Key: k").ExpectAsync(HttpStatusCode.Created);
        await SignInAsync("Idempotency-Key: k").ExpectAsync(HttpStatusCode.NoContent);

        await using var command = _app.Database.Main.CreateCommand("select count(*) from idempotency");
        Assert.Equal(0L, await command.ExecuteScalarAsync());
    }

    private Task<HttpResponseMessage> SignInAsync(params string[] headers) => TryAsync("Admin@localhost ", _app.Credentials.AdminPassword!, headers);

    private Task<HttpResponseMessage> TryAsync(string email, string password, params string[] headers) =>
        _app.Anonymous.AskAsync("POST /api/v1/session", new JsonObject { ["email"] = email, ["password"] = password }.ToJsonString(), headers);

    private static string CookieOf(HttpResponseMessage answer) => answer.Headers.GetValues("Set-Cookie").Single().Split(';')[0];
}

using System.Net;
using System.Text.Json.Nodes;
using Dapper;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using OrleansBsp.Server.Access;
using OrleansBsp.Server.Http;
using OrleansBsp.Server.Http.Idempotency;

namespace OrleansBsp.Server.Tests.Http;

public sealed class IdempotencyTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new();
    private readonly SemaphoreSlim _entered = new(0);
    private readonly SemaphoreSlim _go = new(0);
    private int _runs;
    private int _status = 201;
    private TestApp _app = null!;

    public sealed record Order(string What);

    public async Task InitializeAsync() => _app = await TestApp.StartAsync(
        app =>
        {
            var api = app.MapGroup("/api/v1").RequireScope(Scope.Send);
            api.MapPost("/orders", (Order order, string? note) => Results.Json(new { run = Interlocked.Increment(ref _runs), order.What, note }, statusCode: _status));
            api.MapPost("/other", (Order order) => Results.Ok(Interlocked.Increment(ref _runs)));
            api.MapPost("/places", (Order order) => Results.Created($"/api/v1/places/{order.What}", order));
            api.MapPost("/empty", () => { Interlocked.Increment(ref _runs); return Results.NoContent(); });
            api.MapPost("/slow", async () =>
            {
                Interlocked.Increment(ref _runs);
                _entered.Release();
                await _go.WaitAsync();
                return Results.Ok(new { done = true });
            });
            api.MapPost("/fails", IResult () => Interlocked.Increment(ref _runs) == 1 ? throw new TimeoutException() : Results.Ok());
            api.MapPost("/exact", ExactAsync);
            api.MapPut("/orders", (Order order) => Results.Ok(Interlocked.Increment(ref _runs)));
        },
        time: _time);

    public async Task DisposeAsync() => await _app.DisposeAsync();

    [Fact]
    public async Task A_repetition_gets_the_first_answer_again()
    {
        var first = await PostAsync("/api/v1/orders?note=n", "k1", """{"what":"tea"}""").ExpectAsync(HttpStatusCode.Created);
        _status = 200;
        var second = await PostAsync("/api/v1/orders?note=n", "k1", """{"what":"tea"}""").ExpectAsync(HttpStatusCode.Created);

        Assert.Equal("""{"run":1,"what":"tea","note":"n"}""", await first.Content.ReadAsStringAsync());
        Assert.Equal(await first.Content.ReadAsStringAsync(), await second.Content.ReadAsStringAsync());
        Assert.Equal(first.Content.Headers.ContentType, second.Content.Headers.ContentType);
        Assert.False(first.Headers.Contains("Idempotency-Replayed"));
        Assert.Equal("true", second.Headers.GetValues("Idempotency-Replayed").Single());
        Assert.Equal(1, _runs);
    }

    [Fact]
    public async Task An_empty_answer_is_repeated_too()
    {
        await PostAsync("/api/v1/empty", "k", null).ExpectAsync(HttpStatusCode.NoContent);
        var second = await PostAsync("/api/v1/empty", "k", null).ExpectAsync(HttpStatusCode.NoContent);

        Assert.True(second.Headers.Contains("Idempotency-Replayed"));
        Assert.Equal(1, _runs);
    }

    [Fact]
    public async Task A_repetition_learns_too_where_the_new_thing_is()
    {
        await PostAsync("/api/v1/places", "k", """{"what":"tea"}""").ExpectAsync(HttpStatusCode.Created);
        var second = await PostAsync("/api/v1/places", "k", """{"what":"tea"}""").ExpectAsync(HttpStatusCode.Created);

        Assert.True(second.Headers.Contains("Idempotency-Replayed"));
        Assert.Equal("/api/v1/places/tea", second.Headers.Location?.OriginalString);
    }

    [Fact]
    public async Task A_refusal_is_an_answer_too()
    {
        var first = await PostAsync("/api/v1/orders", "k", """{"wat":"tea"}""").ExpectAsync(HttpStatusCode.BadRequest);
        var second = await PostAsync("/api/v1/orders", "k", """{"wat":"tea"}""").ExpectAsync(HttpStatusCode.BadRequest);

        Assert.True(second.Headers.Contains("Idempotency-Replayed"));
        Assert.Equal("'wat' is unknown. Known: what.", (string)(await first.ProblemAsync())["detail"]!);
        Assert.Equal(await first.Content.ReadAsStringAsync(), await second.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task The_same_key_with_another_body_is_422()
    {
        await PostAsync("/api/v1/orders", "k", """{"what":"tea"}""").ExpectAsync(HttpStatusCode.Created);

        var problem = await (await PostAsync("/api/v1/orders", "k", """{"what":"coffee"}""")).ProblemAsync();

        Assert.Equal(
            """{"type":"/problems/idempotency-key-reused","title":"This Idempotency-Key belongs to another request","status":422,"detail":"The Idempotency-Key 'k' was first used here with another body. Use a new key for each new request.","errors":[{"pointer":"Idempotency-Key:","code":"other-body","message":"SHA-256 of the first body begins a17bcb3acbb9, of this one 0d6e2f1a9c3c."}]}""",
            WithHashes(problem, "a17bcb3acbb9", "0d6e2f1a9c3c").ToJsonString(JsonManner.Options));
        Assert.Equal(1, _runs);
    }

    [Theory]
    [InlineData("/api/v1/other")]
    [InlineData("/api/v1/orders?note=x")]
    public async Task The_same_key_at_another_address_is_422(string other)
    {
        await PostAsync("/api/v1/orders", "k", """{"what":"tea"}""").ExpectAsync(HttpStatusCode.Created);

        var problem = await (await PostAsync(other, "k", """{"what":"tea"}""")).ProblemAsync();

        Assert.Equal(422, (int)problem["status"]!);
        Assert.Equal($"The Idempotency-Key 'k' was first used for another address than POST {other}. Use a new key for each new request.", (string)problem["detail"]!);
        Assert.Equal("other-path", (string)problem["errors"]![0]!["code"]!);
    }

    [Fact]
    public async Task Two_at_the_same_time_run_the_handler_once()
    {
        var first = PostAsync("/api/v1/slow", "k", null);
        await _entered.WaitAsync();

        var second = await PostAsync("/api/v1/slow", "k", null);
        Assert.Equal("/problems/in-progress", (string)(await second.ProblemAsync())["type"]!);
        Assert.Equal(HttpStatusCode.Conflict, second.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(1), second.Headers.RetryAfter!.Delta);

        _go.Release();
        await first.ExpectAsync(HttpStatusCode.OK);
        var third = await PostAsync("/api/v1/slow", "k", null).ExpectAsync(HttpStatusCode.OK);
        Assert.True(third.Headers.Contains("Idempotency-Replayed"));
        Assert.Equal(1, _runs);
    }

    [Fact]
    public async Task Many_at_the_same_time_run_the_handler_once()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => PostAsync("/api/v1/orders", "k", """{"what":"tea"}""")));

        Assert.Equal(1, _runs);
        Assert.Contains(answers, answer => answer.StatusCode == HttpStatusCode.Created);
        Assert.All(answers, answer => Assert.True(answer.StatusCode is HttpStatusCode.Created or HttpStatusCode.Conflict, $"{answer.StatusCode}"));
    }

    [Fact]
    public async Task Keys_of_different_callers_have_nothing_to_do_with_each_other()
    {
        using var other = await _app.ClientWithScopesAsync("send");
        await PostAsync("/api/v1/orders", "k", """{"what":"tea"}""").ExpectAsync(HttpStatusCode.Created);

        var answer = await other.AskAsync("POST /api/v1/orders", """{"what":"coffee"}""", "Idempotency-Key: k").ExpectAsync(HttpStatusCode.Created);

        Assert.False(answer.Headers.Contains("Idempotency-Replayed"));
        Assert.Equal(2, _runs);
    }

    [Theory]
    [InlineData("/api/v1/fails")] // 503
    public async Task A_failure_of_the_server_frees_the_key(string path)
    {
        await PostAsync(path, "k", null).ExpectAsync(HttpStatusCode.ServiceUnavailable);
        var second = await PostAsync(path, "k", null).ExpectAsync(HttpStatusCode.OK);

        Assert.False(second.Headers.Contains("Idempotency-Replayed"));
        Assert.Equal(2, _runs);
    }

    [Fact]
    public async Task Try_later_is_not_kept_for_a_day()
    {
        _status = 429;
        await PostAsync("/api/v1/orders", "k", """{"what":"tea"}""").ExpectAsync(HttpStatusCode.TooManyRequests);
        _status = 201;
        await PostAsync("/api/v1/orders", "k", """{"what":"tea"}""").ExpectAsync(HttpStatusCode.Created);
    }

    [Fact]
    public async Task A_claim_of_a_dead_process_is_taken_over_after_60_seconds_by_the_same_request_only()
    {
        // What a process leaves behind that died in its handler: the claim of a request, and no answer.
        var slow = PostAsync("/api/v1/slow", "k", null);
        await _entered.WaitAsync();

        await AgeAsync("k", seconds: 55);
        await PostAsync("/api/v1/slow", "k", null).ExpectAsync(HttpStatusCode.Conflict);
        await AgeAsync("k", seconds: 10);
        await PostAsync("/api/v1/other", "k", """{"what":"tea"}""").ExpectAsync(HttpStatusCode.UnprocessableEntity);

        var successor = PostAsync("/api/v1/slow", "k", null);
        await _entered.WaitAsync();
        Assert.Equal(2, _runs);

        // The first was not dead after all. It finishes, and must not settle the successor's claim.
        _go.Release();
        var finished = await Task.WhenAny(slow, successor);
        await finished.ExpectAsync(HttpStatusCode.OK);
        _go.Release();
        await Task.WhenAll(slow, successor);
        Assert.Equal(200, await StatusAsync("k"));
    }

    [Fact]
    public async Task A_long_handler_is_not_taken_for_dead()
    {
        var slow = PostAsync("/api/v1/slow", "k", null);
        await _entered.WaitAsync();
        var claimed = await ClaimedAtAsync("k");

        // Its sign of life comes every 20 s of the server's clock; that it has come is seen in the row.
        _time.Advance(TimeSpan.FromSeconds(20));
        while (await ClaimedAtAsync("k") <= claimed) await Task.Yield();

        _go.Release();
        await slow.ExpectAsync(HttpStatusCode.OK);
        Assert.Equal(200, await StatusAsync("k"));
    }

    [Fact]
    public async Task A_handler_that_stores_its_answer_with_its_effect_survives_its_own_crash()
    {
        await using (var connection = await _app.Database.Main.OpenConnectionAsync()) await connection.ExecuteAsync("create table effect (what text)");

        // The effect and the answer are committed, then the handler fails before anything is sent.
        await PostAsync("/api/v1/exact", "k", """{"what":"tea"}""").ExpectAsync(HttpStatusCode.InternalServerError);
        var second = await PostAsync("/api/v1/exact", "k", """{"what":"tea"}""").ExpectAsync(HttpStatusCode.OK);

        Assert.Equal("""{"what":"tea"}""", await second.Content.ReadAsStringAsync());
        Assert.True(second.Headers.Contains("Idempotency-Replayed"));
        await using var look = await _app.Database.Main.OpenConnectionAsync();
        Assert.Equal(1, await look.ExecuteScalarAsync<long>("select count(*) from effect"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData(null)] // 256 characters
    public async Task A_bad_key_is_400(string? key)
    {
        var answer = await PostAsync("/api/v1/orders", key ?? new string('k', 256), """{"what":"tea"}""").ExpectAsync(HttpStatusCode.BadRequest);
        Assert.Equal("Idempotency-Key:", (string)(await answer.ProblemAsync())["errors"]![0]!["pointer"]!);
        Assert.Equal(0, _runs);
    }

    [Fact]
    public async Task A_key_of_255_characters_is_fine() =>
        await PostAsync("/api/v1/orders", new string('~', 255), """{"what":"tea"}""").ExpectAsync(HttpStatusCode.Created);

    [Fact]
    public async Task A_body_of_more_than_a_megabyte_cannot_have_a_key()
    {
        var body = $$"""{"what":"{{new string('a', 1024 * 1024)}}"}""";
        await PostAsync("/api/v1/orders", "k", body).ExpectAsync(HttpStatusCode.RequestEntityTooLarge);
        await _app.Admin.AskAsync("POST /api/v1/orders", body).ExpectAsync(HttpStatusCode.Created);
    }

    [Fact]
    public async Task Other_methods_and_requests_without_a_key_leave_no_trace()
    {
        await _app.Admin.AskAsync("PUT /api/v1/orders", """{"what":"tea"}""", "Idempotency-Key: k").ExpectAsync(HttpStatusCode.OK);
        await _app.Admin.AskAsync("POST /api/v1/orders", """{"what":"tea"}""").ExpectAsync(HttpStatusCode.Created);

        await using var connection = await _app.Database.Main.OpenConnectionAsync();
        Assert.Equal(0, await connection.ExecuteScalarAsync<long>("select count(*) from idempotency"));
    }

    [Fact]
    public async Task After_24_hours_the_key_is_new_and_the_old_answer_is_removed()
    {
        await PostAsync("/api/v1/orders", "old", """{"what":"tea"}""").ExpectAsync(HttpStatusCode.Created);
        await PostAsync("/api/v1/orders", "older", """{"what":"tea"}""").ExpectAsync(HttpStatusCode.Created);
        await PostAsync("/api/v1/orders", "young", """{"what":"tea"}""").ExpectAsync(HttpStatusCode.Created);
        await AgeAsync("old", 24 * 3600 + 1);
        await AgeAsync("older", 48 * 3600);
        await AgeAsync("young", 23 * 3600);

        await PostAsync("/api/v1/orders", "old", """{"what":"coffee"}""").ExpectAsync(HttpStatusCode.Created);
        var store = _app.Services.GetRequiredService<IdempotencyStore>();
        Assert.Equal(1, await store.RemoveOldAsync(CancellationToken.None));
        Assert.Equal(0, await store.RemoveOldAsync(CancellationToken.None));
        Assert.Equal(4, _runs);
    }

    private Task<IResult> ExactAsync(Order order, IdempotencyClaim? claim) => claim!.WithSlotAsync<IResult>(async slot =>
    {
        await using var connection = await _app.Database.Main.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await connection.ExecuteAsync("insert into effect values (@What)", order, transaction);
        await slot.StoreAsync(transaction, 200, null, order, CancellationToken.None);
        await transaction.CommitAsync();
        throw new InvalidOperationException("dies after the commit");
    });

    private Task<HttpResponseMessage> PostAsync(string path, string key, string? json) => _app.Admin.AskAsync("POST " + path, json, "Idempotency-Key: " + key);

    private async Task AgeAsync(string key, int seconds)
    {
        await using var connection = await _app.Database.Main.OpenConnectionAsync();
        await connection.ExecuteAsync("update idempotency set created_at = created_at - make_interval(secs => @seconds) where key = @key", new { key, seconds });
    }

    private async Task<DateTime> ClaimedAtAsync(string key)
    {
        await using var connection = await _app.Database.Main.OpenConnectionAsync();
        return await connection.ExecuteScalarAsync<DateTime>("select created_at from idempotency where key = @key", new { key });
    }

    private async Task<int?> StatusAsync(string key)
    {
        await using var connection = await _app.Database.Main.OpenConnectionAsync();
        return await connection.ExecuteScalarAsync<int?>("select status from idempotency where key = @key", new { key });
    }

    // The hashes are computed here again rather than written down.
    private static JsonObject WithHashes(JsonObject problem, string first, string second)
    {
        var message = (string)problem["errors"]![0]!["message"]!;
        problem["errors"]![0]!["message"] = message
            .Replace(Shown("""{"what":"tea"}"""), first, StringComparison.Ordinal)
            .Replace(Shown("""{"what":"coffee"}"""), second, StringComparison.Ordinal);
        return problem;
    }

    private static string Shown(string body) =>
        Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(body)))[..12];
}

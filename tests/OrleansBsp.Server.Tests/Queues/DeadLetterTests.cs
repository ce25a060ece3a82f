using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using OrleansBsp.Server.Queues;
using OrleansBsp.Server.Tests.Cluster;
using OrleansBsp.Server.Tests.Webhooks;
using OrleansBsp.Server.Webhooks;

namespace OrleansBsp.Server.Tests.Queues;

/// <summary>Dead letters are seen without what people wrote, go back without being lost, and are deleted only for a reason. Of orders: <c>SqsDispatchTests</c>.</summary>
public sealed class DeadLetterTests(SharedSqsServer shared) : IClassFixture<SharedSqsServer>
{
    private const string Letters = "/api/v1/queues/webhooks/dead-letters";
    private static readonly CancellationToken Never = CancellationToken.None;

    [Fact]
    public async Task A_webhook_among_dead_letters_is_seen_goes_back_and_is_applied_once_and_what_is_not_ours_is_deleted_for_a_reason()
    {
        var options = shared.Server.Options(maxReceiveCount: 2);
        await using var server = await TestServer.StartAsync(settings: [.. SqsServer.Settings(options), ("Ingest:Kind", "Sqs")]);
        using var queues = SqsServer.Queues(options);
        var queue = await queues.GetAsync(QueuedIntake.Queue, Never);
        var body = SampleBodies.Text("61491570006", "wamid.dead", "words of a person");
        // The process was killed after the send and before the delete: the letter is in both places.
        var envelope = WebhookEnvelope.EncodeOrNull(Encoding.UTF8.GetBytes(body))!;
        await queue.Dead!.SendAsync([envelope], Never);
        await queue.SendAsync([envelope, "not ours"], Never);
        await Eventually.SeesAsync(() => queue.StandingAsync(Never), standing => standing is { Waiting: 0, InHand: 0, DeadLetters: 2 }, "what is not ours is a dead letter");
        using var admin = await server.AdminAsync();

        var seen = (await admin.GetFromJsonAsync<JsonObject>(Letters))!;
        Assert.Equal(2, (int)seen["total"]!);
        Assert.DoesNotContain("61491570006", seen.ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain("words of", seen.ToJsonString(), StringComparison.Ordinal);
        var webhook = seen["items"]!.AsArray().Single(letter => letter!["names"] is not null)!;
        Assert.Equal(("118233907745512", Encoding.UTF8.GetByteCount(envelope)), ((string?)webhook["names"]!["phoneNumberId"], (int)webhook["sizeBytes"]!));
        Assert.InRange((DateTimeOffset)webhook["sentAt"]!, DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow.AddMinutes(1));
        var alien = seen["items"]!.AsArray().Single(letter => letter!["names"] is null)!;

        // By its id, and once more: the second time it is not there.
        var redrive = new { ids = new[] { (string)webhook["id"]! } };
        Assert.Equal((1, 1, ""), await RedriveAsync(admin, redrive));
        Assert.Equal((0, 1, $"{webhook["id"]}: It is not among the dead letters that this call has found."), await RedriveAsync(admin, redrive));
        await Eventually.SeesAsync(() => server.ReadAsync<int>("select count(*)::int from inbox"), stored => stored == 2, "the body is in the inbox twice");
        await server.InboxAppliedAsync();
        Assert.Equal(1, await server.ReadAsync<int>("select count(*)::int from conversation_message where wamid = 'wamid.dead'"));

        // All: what nobody can handle comes back, under the same call it is not moved again.
        var (moved, _, notMoved) = await RedriveAsync(admin, null);
        Assert.Equal((1, ""), (moved, notMoved));
        var back = await Eventually.SeesAsync(async () => (await admin.GetFromJsonAsync<JsonObject>(Letters))!["items"]!.AsArray(), items => items.Count == 1, "it is a dead letter again");
        var id = (string)back[0]!["id"]!;
        Assert.NotEqual((string?)alien["id"], id);

        using var without = await admin.DeleteAsync($"{Letters}/{id}");
        Assert.Equal(HttpStatusCode.BadRequest, without.StatusCode);
        using var deleted = await admin.DeleteAsync($"{Letters}/{id}?reason=a+test+of+somebody+else");
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        using var again = await admin.DeleteAsync($"{Letters}/{id}?reason=again");
        Assert.Equal(HttpStatusCode.NotFound, again.StatusCode);
        Assert.Equal(0, (await queue.StandingAsync(Never)).DeadLetters);
        Assert.Equal((0, 0, ""), await RedriveAsync(admin, null));
    }

    [Fact]
    public async Task Only_an_admin_may_and_what_cannot_be_is_said()
    {
        await using var server = await TestServer.StartAsync(settings: [.. SqsServer.Settings(shared.Server.Options()), ("Ingest:Kind", "Sqs")]);
        using var admin = await server.AdminAsync();
        using var made = await admin.PostAsJsonAsync("/api/v1/api-keys", new { name = "sender", scopes = new[] { "send", "read" } });
        using var sender = new HttpClient { BaseAddress = server.Address };
        sender.DefaultRequestHeaders.Authorization = new("Bearer", (string?)(await made.Content.ReadFromJsonAsync<JsonObject>())!["key"]);
        (HttpClient Client, HttpMethod Method, string Path, object? Body, HttpStatusCode Answer)[] cases =
        [
            (server.Client, HttpMethod.Get, Letters, null, HttpStatusCode.Unauthorized),
            (sender, HttpMethod.Get, Letters, null, HttpStatusCode.Forbidden),
            (sender, HttpMethod.Post, $"{Letters}/redrive", null, HttpStatusCode.Forbidden),
            (sender, HttpMethod.Delete, $"{Letters}/x?reason=y", null, HttpStatusCode.Forbidden),
            (admin, HttpMethod.Get, "/api/v1/queues/sends/dead-letters", null, HttpStatusCode.NotFound), // here sends go within the process
            (admin, HttpMethod.Post, "/api/v1/queues/sends/dead-letters/redrive", null, HttpStatusCode.NotFound),
            (admin, HttpMethod.Get, $"{Letters}?limit=0", null, HttpStatusCode.BadRequest),
            (admin, HttpMethod.Get, $"{Letters}?limit=101", null, HttpStatusCode.BadRequest),
            (admin, HttpMethod.Get, $"{Letters}?cursor=x", null, HttpStatusCode.BadRequest),
            (admin, HttpMethod.Post, $"{Letters}/redrive", new { ids = Array.Empty<string>() }, HttpStatusCode.BadRequest),
            (admin, HttpMethod.Post, $"{Letters}/redrive", new { all = true }, HttpStatusCode.BadRequest),
            (admin, HttpMethod.Delete, $"{Letters}/x?reason=%20", null, HttpStatusCode.BadRequest),
            (admin, HttpMethod.Delete, $"{Letters}/x?reason=y", null, HttpStatusCode.NotFound),
        ];
        foreach (var (client, method, path, body, expected) in cases)
        {
            using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
            using var answer = await client.SendAsync(request);
            Assert.True(expected == answer.StatusCode, $"{method} {path}: {answer.StatusCode}");
            Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        }
    }

    [Fact]
    public async Task More_than_one_call_takes_are_moved_by_several_and_a_look_is_bounded_and_leaves_them_there()
    {
        var queue = await QueueAsync(shared.Server.Options());
        var bodies = Enumerable.Range(0, DeadLetters.MaxTaken + 234).Select(index => $"letter {index}").ToList();
        await SendAsync(queue.Dead!, bodies);

        Assert.Equal(25, (await new DeadLetters(queue).LookAsync(25, Never)).Count);
        Assert.Equal(bodies.Count, (await queue.StandingAsync(Never)).DeadLetters);
        var patience = TimeSpan.FromMinutes(5); // however slow the machine is
        Assert.Equal(DeadLetters.MaxTaken, (await new DeadLetters(queue, patience).RedriveAsync(null, Never)).Count(letter => letter.Value is null));
        Assert.Equal(234, (await new DeadLetters(queue, patience).RedriveAsync(null, Never)).Count(letter => letter.Value is null));
        Assert.Empty(await new DeadLetters(queue, patience).RedriveAsync(null, Never));

        var standing = await queue.StandingAsync(Never);
        Assert.Equal((bodies.Count, 0L), (standing.Waiting, standing.DeadLetters));
        Assert.Equal(bodies.Order(StringComparer.Ordinal), (await DrainAsync(queue)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task What_a_call_has_no_time_for_stays_among_the_dead_letters_and_is_told()
    {
        var queue = await QueueAsync(shared.Server.Options());
        await SendAsync(queue.Dead!, ["one"]);
        var letter = Assert.Single(await new DeadLetters(queue).LookAsync(1, Never));

        Assert.Empty(await new DeadLetters(queue, TimeSpan.Zero).RedriveAsync(null, Never));
        Assert.Equal("It is not among the dead letters that this call has found.", (await new DeadLetters(queue, TimeSpan.Zero).RedriveAsync([letter.Id], Never))[letter.Id]);
        Assert.Null((await new DeadLetters(queue).RedriveAsync([letter.Id], Never))[letter.Id]);
    }

    [Fact]
    public async Task What_the_queue_does_not_take_back_stays_and_nothing_is_lost_while_sqs_is_away()
    {
        await using var partial = await PartialSqs.StartAsync(shared.Server.Url);
        var options = shared.Server.Options(partial.Url);
        var queue = await QueueAsync(options);
        await SendAsync(queue.Dead!, ["one"]);
        partial.Fail("SendMessageBatch", 1);
        Assert.Equal("InternalError try again", (await new DeadLetters(queue).RedriveAsync(null, Never)).Single().Value);
        // Sent and not deleted: it is in both places, and not lost.
        partial.Fail("DeleteMessageBatch", 1);
        Assert.Null((await new DeadLetters(queue).RedriveAsync(null, Never)).Single().Value);
        var standing = await queue.StandingAsync(Never);
        Assert.Equal((1L, 1L), (standing.Waiting, standing.DeadLetters));

        await using var cable = new Cable(shared.Server.Url);
        var far = await QueueAsync(shared.Server.Options(cable.Url));
        await SendAsync(far.Dead!, ["two"]);
        await cable.CutAsync();
        await Assert.ThrowsAsync<QueueAwayException>(() => new DeadLetters(far).RedriveAsync(null, Never));
        await Assert.ThrowsAsync<QueueAwayException>(() => new DeadLetters(far).DeleteAsync("any", Never));
        cable.Mend();
        Assert.Equal(1, (await far.StandingAsync(Never)).DeadLetters);
        Assert.Null((await new DeadLetters(far).RedriveAsync(null, Never)).Single().Value);
        Assert.Equal(["two"], await DrainAsync(far));
    }

    private static async Task<(int Moved, int Remaining, string NotMoved)> RedriveAsync(HttpClient admin, object? body)
    {
        using var answer = await (body is null ? admin.PostAsync($"{Letters}/redrive", null) : admin.PostAsJsonAsync($"{Letters}/redrive", body));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var told = (await answer.Content.ReadFromJsonAsync<JsonObject>())!;
        return ((int)told["moved"]!, (int)told["remaining"]!, string.Join("; ", told["notMoved"]!.AsArray().Select(one => $"{one!["id"]}: {one["reason"]}")));
    }

    // Disposed with the process: what it made is used to the test's end.
    private static async Task<SqsQueue> QueueAsync(SqsOptions options) => await SqsServer.Queues(options).GetAsync("work", Never);

    private static async Task SendAsync(SqsQueue queue, IEnumerable<string> bodies)
    {
        foreach (var part in bodies.Chunk(SqsQueue.MaxBatch)) Assert.All(await queue.SendAsync(part, Never), Assert.Null);
    }

    private static async Task<List<string>> DrainAsync(SqsQueue queue)
    {
        var bodies = new List<string>();
        for (var received = await queue.ReceiveAsync(Never); received.Count > 0; received = await queue.ReceiveAsync(Never)) bodies.AddRange(received.Select(message => message.Body));
        return bodies;
    }
}

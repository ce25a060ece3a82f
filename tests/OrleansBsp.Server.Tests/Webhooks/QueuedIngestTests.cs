using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Npgsql;
using OrleansBsp.Server.Meta;
using OrleansBsp.Server.Queues;
using OrleansBsp.Server.Storage;
using OrleansBsp.Server.Tests.Cluster;
using OrleansBsp.Server.Tests.Queues;
using OrleansBsp.Server.Tests.Scenarios;
using OrleansBsp.Server.Tests.Storage;
using OrleansBsp.Server.Webhooks;

namespace OrleansBsp.Server.Tests.Webhooks;

/// <summary>Webhooks by way of SQS: acknowledged when the queue has them, applied as if they had come directly.</summary>
public sealed class QueuedIngestTests(SharedSqsServer shared) : IClassFixture<SharedSqsServer>
{
    private static readonly CancellationToken Never = CancellationToken.None;

    [Fact]
    public async Task All_98_bodies_as_printed_and_as_on_the_wire_end_in_the_inbox_and_are_applied()
    {
        var options = shared.Server.Options();
        await using var server = await StartAsync(options);
        var bodies = SampleBodies.Names.SelectMany(name => new[] { SampleBodies.Bytes(name), SampleBodies.OnTheWire(name) }).ToArray();
        Random.Shared.Shuffle(bodies);

        await Task.WhenAll(bodies.Select(server.AcknowledgedAsync));
        await StoredAsync(server, bodies.Length);
        await server.InboxAppliedAsync();

        Assert.Equal(
            bodies.Select(Convert.ToHexString).Order(StringComparer.Ordinal),
            (await server.ListAsync<byte[]>("select body from inbox")).Select(Convert.ToHexString).Order(StringComparer.Ordinal));
        Assert.Equal(
            SampleBodies.Names.Select(SampleBodies.Content).SelectMany(content => content.Inbound).Select(message => message.Wamid).Distinct().Order(),
            (await server.ListAsync<string>("select wamid from conversation_message where direction = 'in'")).Order());
        await StandsAsync(options, standing => standing is { Waiting: 0, InHand: 0, DeadLetters: 0 });
    }

    [Fact]
    public async Task A_message_that_the_queue_delivers_twice_is_stored_twice_and_applied_once()
    {
        var options = shared.Server.Options();
        await using var server = await StartAsync(options);
        var body = Encoding.UTF8.GetBytes(SampleBodies.Text("61491570006", "wamid.twice"));
        using var queues = SqsServer.Queues(options);
        var queue = await queues.GetAsync(QueuedIntake.Queue, Never);

        await queue.SendAsync([WebhookEnvelope.EncodeOrNull(body)!, WebhookEnvelope.EncodeOrNull(body)!], Never);
        await StoredAsync(server, 2);
        await server.InboxAppliedAsync();

        Assert.Equal(1, await server.ReadAsync<int>("select count(*)::int from conversation_message where wamid = 'wamid.twice'"));
        Assert.Equal(1, await server.ReadAsync<int>("select unread from conversation where address = '61491570006'"));
    }

    [Fact]
    public async Task A_bad_signature_is_refused_and_nothing_is_queued()
    {
        var options = shared.Server.Options();
        await using var server = await StartAsync(options);
        using var answer = await server.PostAsync(new ByteArrayContent("{}"u8.ToArray()), TestServer.Sign("{ }"u8.ToArray()));

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        await StandsAsync(options, standing => standing is { Waiting: 0, InHand: 0 });
        Assert.Equal(0, await server.ReadAsync<int>("select count(*)::int from inbox"));
    }

    [Fact]
    public async Task While_sqs_is_away_webhooks_are_refused_with_a_time_to_come_again_and_nothing_acknowledged_is_lost()
    {
        await using var cable = new Cable(shared.Server.Url);
        await using var server = await StartAsync(shared.Server.Options(cable.Url, visibilitySeconds: 4));
        var flood = new Flood(server);

        await flood.UntilAsync(() => flood.Acknowledged.Count > 200, "webhooks are acknowledged");
        await cable.CutAsync();
        await flood.UntilAsync(() => flood.Refused > 8, "webhooks are refused");
        var before = flood.Acknowledged.Count;
        cable.Mend();
        await flood.UntilAsync(() => flood.Acknowledged.Count > before + 200, "webhooks are acknowledged again");
        await flood.StopAsync();

        await flood.AllStoredAsync();
    }

    [Fact]
    public async Task While_the_database_is_away_webhooks_are_taken_all_the_same_and_none_is_lost_or_a_dead_letter()
    {
        var folder = Directory.CreateTempSubdirectory("bsp-ingest-").FullName;
        await using (var postgres = await EmbeddedPostgres.StartAsync(folder, durable: true, Never))
        {
            var options = shared.Server.Options(visibilitySeconds: 4, maxReceiveCount: 20);
            await using var server = await StartAsync(options, postgres.ConnectionString);
            var flood = new Flood(server);
            await flood.UntilAsync(() => flood.Acknowledged.Count > 200, "webhooks are acknowledged");
            var down = postgres.RestartAsync(kill: true, TimeSpan.FromSeconds(5), Never);
            await Task.Delay(TimeSpan.FromSeconds(1), Never);
            var before = flood.Acknowledged.Count;
            await flood.UntilAsync(() => flood.Acknowledged.Count > before + 200, "webhooks are acknowledged without the database");
            Assert.False(down.IsCompleted);
            await flood.StopAsync();
            await down;
            NpgsqlConnection.ClearPool(new NpgsqlConnection(postgres.ConnectionString)); // this test's own connections are dead too

            Assert.Equal(0, flood.Refused);
            await flood.AllStoredAsync();
            await StandsAsync(options, standing => standing is { Waiting: 0, InHand: 0, DeadLetters: 0 });
        }

        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Killed_between_the_commit_and_the_delete_it_stores_the_body_again_and_applies_it_once()
    {
        await using var cable = new Cable(shared.Server.Url);
        var options = shared.Server.Options(cable.Url, visibilitySeconds: 2);
        var folder = Directory.CreateTempSubdirectory("bsp-ingest-").FullName;
        var connectionString = await PostgresServer.CreateDatabaseAsync();
        await using (var database = new Database(connectionString, new DatabaseOptions())) await SampleAccount.AddAsync(database, new TokenCipher(new byte[32]));
        var environment = SqsServer.Settings(options).Append(("Ingest:Kind", "Sqs")).Append(("Meta:AppSecret", TestServer.AppSecret))
            .ToDictionary(setting => setting.Item1.Replace(":", "__", StringComparison.Ordinal), setting => setting.Item2);
        await using var server = await ServerProcess.StartAsync(folder, connectionString, environment);

        await using var blocker = new NpgsqlConnection(connectionString);
        await blocker.OpenAsync();
        await using var transaction = await blocker.BeginTransactionAsync();
        await using (var hold = new NpgsqlCommand("update inbox_head set last_offset = last_offset", blocker)) await hold.ExecuteNonQueryAsync();
        await PostAsync(server.Url, Encoding.UTF8.GetBytes(SampleBodies.Text("61491570006", "wamid.killed")));
        // It has the message in hand and waits for the lock: the commit comes, the delete cannot.
        await Eventually.IsTrueAsync(async () => await ReadAsync<long>("select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'") > 0, "the append waits");
        await cable.CutAsync();
        await transaction.RollbackAsync();
        await Eventually.IsTrueAsync(async () => await ReadAsync<long>("select count(*) from inbox") == 1, "the body is stored");
        await server.KillAsync();
        cable.Mend();
        await server.StartAgainAsync();

        await Eventually.IsTrueAsync(async () => await ReadAsync<long>("select count(*) from inbox") == 2, "the body is stored again");
        await Eventually.IsTrueAsync(async () => await ReadAsync<long>("""select count(*) from inbox_head h join inbox_cursor c using (shard) where c."offset" <> h.last_offset""") == 0, "the inbox is applied");
        Assert.Equal(1, await ReadAsync<long>("select count(*) from conversation_message where wamid = 'wamid.killed'"));
        await StandsAsync(options, standing => standing is { Waiting: 0, InHand: 0 });
        await server.KillAsync();
        Directory.Delete(folder, recursive: true);

        Task<T> ReadAsync<T>(string sql) => TestDatabase.ReadAsync<T>(connectionString, sql, null);
    }

    [Fact]
    public async Task What_is_not_ours_becomes_a_dead_letter_that_an_operator_sees()
    {
        var options = shared.Server.Options(maxReceiveCount: 3);
        await using var server = await StartAsync(options);
        using var queues = SqsServer.Queues(options);
        await (await queues.GetAsync(QueuedIntake.Queue, Never)).SendAsync(["not ours", "zzzz"], Never);
        await server.AcknowledgedAsync(SampleBodies.Text("61491570006", "wamid.neighbour"));

        await StoredAsync(server, 1);
        await StandsAsync(options, standing => standing is { Waiting: 0, InHand: 0, DeadLetters: 2 });
        using var admin = await server.AdminAsync();
        var page = await admin.GetFromJsonAsync<JsonObject>("/api/v1/queues");
        var queue = page!["items"]!.AsArray().Single()!;
        Assert.Equal(("webhooks", 0L, 2L), ((string?)queue["name"], (long)queue["depth"]!, (long)queue["deadLetters"]!));
        Assert.True((double?)queue["oldestSeconds"] is >= 0 and < 60);
        using var nobody = await server.Client.GetAsync("/api/v1/queues");
        Assert.Equal(HttpStatusCode.Unauthorized, nobody.StatusCode);
    }

    [Fact]
    public async Task Without_a_queue_the_list_is_empty_and_when_it_is_away_that_is_said()
    {
        await using var plain = await TestServer.StartAsync();
        using var admin = await plain.AdminAsync();
        Assert.Empty((await admin.GetFromJsonAsync<JsonObject>("/api/v1/queues"))!["items"]!.AsArray());

        await using var server = await StartAsync(shared.Server.Options(new Uri("http://127.0.0.1:9/")));
        using var other = await server.AdminAsync();
        using var answer = await other.GetAsync("/api/v1/queues");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.NotNull(answer.Headers.RetryAfter);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)] // then it does not fit into a message, and goes to the inbox directly
    public async Task Three_megabytes_are_taken(bool incompressible)
    {
        var options = shared.Server.Options();
        await using var server = await StartAsync(options);
        var filling = incompressible ? Convert.ToBase64String(RandomNumberGenerator.GetBytes(9 << 18)) : new string('x', 3 << 20);
        var body = Encoding.UTF8.GetBytes(SampleBodies.Text("61491570006", "wamid.long", filling));

        await server.AcknowledgedAsync(body);
        if (incompressible) Assert.Equal(1, await server.ReadAsync<int>("select count(*)::int from inbox"));
        await StoredAsync(server, 1);
        Assert.Equal(body, await server.ReadAsync<byte[]>("select body from inbox"));
    }

    private static Task<TestServer> StartAsync(SqsOptions options, string? connectionString = null) =>
        TestServer.StartAsync(connectionString, settings: [.. SqsServer.Settings(options), ("Ingest:Kind", "Sqs")]);

    private static Task StoredAsync(TestServer server, int count) =>
        Eventually.SeesAsync(() => server.ReadAsync<int>("select count(*)::int from inbox"), stored => stored == count, $"{count} bodies are in the inbox");

    private static async Task StandsAsync(SqsOptions options, Func<QueueStanding, bool> so)
    {
        using var queues = SqsServer.Queues(options);
        var queue = await queues.GetAsync(QueuedIntake.Queue, Never);
        await Eventually.SeesAsync(() => queue.StandingAsync(Never), so, "the queue stands so");
    }

    private static async Task PostAsync(Uri server, byte[] body)
    {
        using var http = new HttpClient { BaseAddress = server };
        using var request = new HttpRequestMessage(HttpMethod.Post, "webhooks/meta") { Content = new ByteArrayContent(body) };
        request.Headers.TryAddWithoutValidation("X-Hub-Signature-256", TestServer.Sign(body));
        using var answer = await http.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    /// <summary>A stream of webhooks from eight senders, each message with an id of its own.</summary>
    private sealed class Flood
    {
        private readonly TestServer _server;
        private readonly CancellationTokenSource _enough = new();
        private readonly List<Task> _senders;
        private int _refused;

        public Flood(TestServer server)
        {
            _server = server;
            _senders = [.. Enumerable.Range(0, 8).Select(sender => Task.Run(() => SendAsync(sender)))];
        }

        public ConcurrentBag<string> Acknowledged { get; } = [];

        public int Refused => Volatile.Read(ref _refused);

        public async Task UntilAsync(Func<bool> holds, string what)
        {
            await Eventually.IsTrueAsync(() => holds() || _senders.Any(sender => sender.IsCompleted), what);
            Assert.DoesNotContain(_senders, sender => sender.IsFaulted);
        }

        public async Task StopAsync()
        {
            await _enough.CancelAsync();
            await Task.WhenAll(_senders);
            _enough.Dispose();
        }

        public async Task AllStoredAsync()
        {
            await Eventually.SeesAsync(async () =>
            {
                var stored = (await _server.ListAsync<string>("select wamid from conversation_message")).ToHashSet();
                return Acknowledged.Count(wamid => !stored.Contains(wamid));
            }, missing => missing == 0, "what was acknowledged is applied");
        }

        private async Task SendAsync(int sender)
        {
            for (var index = 0; !_enough.IsCancellationRequested; index++)
            {
                var wamid = $"wamid.{sender}.{index}";
                using var answer = await _server.PostAsync(Encoding.UTF8.GetBytes(SampleBodies.Text($"6149157{sender:0000}", wamid)));
                if (answer.StatusCode == HttpStatusCode.OK)
                {
                    Acknowledged.Add(wamid);
                    continue;
                }

                Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
                Assert.NotNull(answer.Headers.RetryAfter);
                Interlocked.Increment(ref _refused);
            }
        }
    }
}

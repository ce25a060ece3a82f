using System.Net;
using System.Text;
using OrleansBsp.Server.Tests.Cluster;
using OrleansBsp.Server.Tests.Http;
using OrleansBsp.Server.Tests.Queues;

namespace OrleansBsp.Server.Tests.Webhooks;

/// <summary>
/// The front door for Meta: what it lets in, what it answers, and that what it has answered is stored and applied. Each way of <c>IWebhookIntake</c> passes all of it.
/// </summary>
public abstract class WebhookEndpointsTests(TestServer server) : IAsyncLifetime
{
    private readonly TestServer _server = server;
    private int _acknowledged;

    public Task InitializeAsync() => _server.RestoreAsync();

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task Only_a_body_signed_with_the_app_secret_is_stored()
    {
        var body = Encoding.UTF8.GetBytes(SampleBodies.Text("61491570006", "wamid.A"));
        var good = TestServer.Sign(body);
        (string? Signature, HttpStatusCode Answer)[] cases =
        [
            (good, HttpStatusCode.OK), ("sha256=" + good["sha256=".Length..].ToUpperInvariant(), HttpStatusCode.OK),
            (null, HttpStatusCode.Unauthorized), ("", HttpStatusCode.Unauthorized), ("sha256=", HttpStatusCode.Unauthorized),
            (good[..^1], HttpStatusCode.Unauthorized), (good + "0", HttpStatusCode.Unauthorized), (good["sha256=".Length..], HttpStatusCode.Unauthorized),
            (good[..^1] + (good[^1] == '0' ? '1' : '0'), HttpStatusCode.Unauthorized), (good[..^1] + "x", HttpStatusCode.Unauthorized),
            (TestServer.Sign(body, "another-secret"), HttpStatusCode.Unauthorized), (TestServer.Sign([.. body, (byte)' ']), HttpStatusCode.Unauthorized),
            ("sha1=" + good["sha256=".Length..], HttpStatusCode.Unauthorized),
        ];
        foreach (var (signature, expected) in cases)
        {
            using var answer = await _server.PostAsync(new ByteArrayContent(body), signature);
            Assert.True(expected == answer.StatusCode, $"{signature}: {answer.StatusCode}");
            if (expected == HttpStatusCode.OK) _acknowledged++;
        }

        await AppliedAsync();
        Assert.All(await _server.ListAsync<byte[]>("select body from inbox"), stored => Assert.Equal(body, stored));
    }

    [Fact]
    public async Task Who_is_refused_reads_what_is_missing_and_which_setting_decides()
    {
        var body = Encoding.UTF8.GetBytes(SampleBodies.Text("61491570006", "wamid.A"));
        using var unsigned = await _server.PostAsync(new ByteArrayContent(body), null);
        using var forged = await _server.PostAsync(new ByteArrayContent(body), TestServer.Sign(body, "another-secret"));
        using var stranger = await _server.Client.GetAsync("/webhooks/meta?hub.mode=subscribe&hub.verify_token=wrong&hub.challenge=1");

        Assert.Equal("The header X-Hub-Signature-256 is missing. Meta signs each webhook with the app secret; only what is signed is taken.", await DetailAsync(unsigned));
        Assert.Equal("X-Hub-Signature-256", unsigned.Headers.WwwAuthenticate.ToString());
        Assert.Contains("X-Hub-Signature-256 is not the signature of this body", await DetailAsync(forged), StringComparison.Ordinal);
        Assert.Contains("Meta__AppSecret", await DetailAsync(forged), StringComparison.Ordinal);
        Assert.Equal("hub.verify_token is not the one that is set here (Meta__VerifyToken). Enter the same in Meta's App Dashboard, beside the address.", await DetailAsync(stranger));
        foreach (var answer in (HttpResponseMessage[])[unsigned, forged, stranger])
            foreach (var secret in (string[])[TestServer.AppSecret, TestServer.VerifyToken]) Assert.DoesNotContain(secret, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        static async Task<string> DetailAsync(HttpResponseMessage answer) => (string)(await answer.ProblemAsync())["detail"]!;
    }

    [Theory]
    [InlineData("hub.mode=subscribe&hub.verify_token=test-verify-token&hub.challenge=1158201444", HttpStatusCode.OK)]
    [InlineData("hub.mode=subscribe&hub.verify_token=test-verify-toke&hub.challenge=1158201444", HttpStatusCode.Forbidden)]
    [InlineData("hub.mode=subscribe&hub.verify_token=&hub.challenge=1158201444", HttpStatusCode.Forbidden)]
    [InlineData("hub.mode=subscribe&hub.challenge=1158201444", HttpStatusCode.Forbidden)]
    [InlineData("hub.mode=unsubscribe&hub.verify_token=test-verify-token&hub.challenge=1158201444", HttpStatusCode.Forbidden)]
    [InlineData("", HttpStatusCode.Forbidden)]
    public async Task Verification_echoes_the_challenge_to_who_knows_the_token(string query, HttpStatusCode expected)
    {
        using var answer = await _server.Client.GetAsync("/webhooks/meta?" + query);

        Assert.Equal(expected, answer.StatusCode);
        if (expected != HttpStatusCode.OK) return;
        Assert.Equal("text/plain", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal("1158201444", await answer.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{\"object\":\"page\",\"entry\":[]}")]
    [InlineData("\u0000\u0001")]
    [InlineData("{\"object\":\"whatsapp_business_account\",\"entry\":[{\"id\":\"1\",\"changes\":[{\"field\":\"messages\",\"value\":7}]}]}")]
    public async Task What_is_signed_and_makes_no_sense_is_kept_and_shown(string body)
    {
        await AcknowledgedAsync(body);
        await AppliedAsync();

        Assert.Equal(1, await _server.ReadAsync<int>("select count(*)::int from webhook_problem"));
    }

    [Fact]
    public async Task Text_that_postgres_cannot_store_does_not_stop_the_inbox()
    {
        await AcknowledgedAsync(SampleBodies.Text("61491570066", "wamid.\\u0000A", "half an emoji \\ud83d and \\u0000"));
        await AcknowledgedAsync(SampleBodies.Status("wamid.\\ud83d\\u0000", "delivered"));
        await AcknowledgedAsync(SampleBodies.Status("wamid.B", "failed", "bsp1.c.0.1.1.1", more: ",\"errors\":[{\"code\":131026,\"title\":\"\\u0000\"}]"));
        await AppliedAsync();

        Assert.Equal("half an emoji \uFFFD and \uFFFD", await _server.ReadAsync<string>("select preview from conversation_message where conversation_id = '118233907745512:61491570066'"));
    }

    [Fact]
    public async Task A_body_with_a_thousand_updates_is_applied_whole()
    {
        var messages = string.Join(",", Enumerable.Range(0, 1000).Select(index =>
            $$$"""{"from":"{{{61491572000 + index % 20}}}","id":"wamid.thousand.{{{index}}}","timestamp":"{{{1795334000 + index}}}","type":"text","text":{"body":"{{{index}}}"}}"""));
        await AcknowledgedAsync(SampleBodies.Messages($"\"messages\":[{messages}]"));
        await AppliedAsync();

        Assert.Equal(1000, await _server.ReadAsync<int>("select count(distinct wamid)::int from conversation_message where wamid like 'wamid.thousand.%'"));
        Assert.Equal([.. Enumerable.Repeat(50, 20)], await _server.ListAsync<int>("select unread from conversation where address like '614915720%'"));
    }

    [Theory]
    [InlineData(3 << 20, false, HttpStatusCode.OK)]
    [InlineData(3 << 20, true, HttpStatusCode.OK)]
    [InlineData(5 << 20, false, HttpStatusCode.RequestEntityTooLarge)]
    [InlineData(5 << 20, true, HttpStatusCode.RequestEntityTooLarge)]
    public async Task Three_megabytes_are_taken_and_five_are_not(int size, bool chunked, HttpStatusCode expected)
    {
        var wamid = $"wamid.long.{size}.{chunked}";
        var message = SampleBodies.Text("61491570006", wamid, "TEXT");
        var body = Encoding.UTF8.GetBytes(message.Replace("TEXT", new string('x', size - message.Length)));
        using HttpContent content = chunked ? new ChunkedContent(body) : new ByteArrayContent(body);

        using var answer = await _server.PostAsync(content, TestServer.Sign(body));
        Assert.Equal(expected, answer.StatusCode);
        if (expected == HttpStatusCode.OK) _acknowledged++;
        await AppliedAsync();
        Assert.Equal(expected == HttpStatusCode.OK ? 1 : 0, await _server.ReadAsync<int>("select count(*)::int from conversation_message where wamid = @wamid", new { wamid }));
    }

    private async Task AcknowledgedAsync(string body)
    {
        await _server.AcknowledgedAsync(body);
        _acknowledged++;
    }

    /// <summary>What was acknowledged, and nothing else, is in the inbox and has been applied.</summary>
    private async Task AppliedAsync()
    {
        await Eventually.SeesAsync(() => _server.ReadAsync<int>("select count(*)::int from inbox"), stored => stored >= _acknowledged, $"{_acknowledged} bodies are in the inbox");
        await _server.InboxAppliedAsync();
        Assert.Equal(_acknowledged, await _server.ReadAsync<int>("select count(*)::int from inbox"));
    }

    /// <summary>Content of unknown length: sent in chunks.</summary>
    private sealed class ChunkedContent(byte[] body) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => stream.WriteAsync(body).AsTask();

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}

/// <summary>Straight into the inbox.</summary>
public sealed class DirectWebhookTests(SharedServer shared) : WebhookEndpointsTests(shared.Server), IClassFixture<SharedServer>;

/// <summary>By way of SQS.</summary>
public sealed class QueuedWebhookTests(QueuedServer shared) : WebhookEndpointsTests(shared.Server), IClassFixture<QueuedServer>;

/// <summary>One server with a queue behind its front door for the tests of a class.</summary>
public sealed class QueuedServer : IAsyncLifetime
{
    private SqsServer _sqs = null!;

    public TestServer Server { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        _sqs = await SqsServer.StartAsync();
        Server = await TestServer.StartAsync(settings: [.. SqsServer.Settings(_sqs.Options()), ("Ingest:Kind", "Sqs")]);
    }

    public async Task DisposeAsync()
    {
        await Server.DisposeAsync();
        await _sqs.DisposeAsync();
    }
}

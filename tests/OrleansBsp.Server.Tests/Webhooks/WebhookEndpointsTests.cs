using System.Net;
using System.Text;
using OrleansBsp.Server.Tests.Cluster;

namespace OrleansBsp.Server.Tests.Webhooks;

/// <summary>The front door for Meta: what it lets in, what it answers, and that it stores before it answers.</summary>
public sealed class WebhookEndpointsTests(SharedServer shared) : IClassFixture<SharedServer>, IAsyncLifetime
{
    private readonly TestServer _server = shared.Server;

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
        }

        Assert.Equal(2, await StoredAsync());
        Assert.All(await _server.ListAsync<byte[]>("select body from inbox"), stored => Assert.Equal(body, stored));
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
        await _server.AcknowledgedAsync(body);
        await _server.InboxAppliedAsync();

        Assert.Equal(1, await _server.ReadAsync<int>("select count(*)::int from webhook_problem"));
        Assert.Equal(1, await StoredAsync());
    }

    [Fact]
    public async Task Text_that_postgres_cannot_store_does_not_stop_the_inbox()
    {
        await _server.AcknowledgedAsync(SampleBodies.Text("61491570066", "wamid.\\u0000A", "half an emoji \\ud83d and \\u0000"));
        await _server.AcknowledgedAsync(SampleBodies.Status("wamid.\\ud83d\\u0000", "delivered"));
        await _server.AcknowledgedAsync(SampleBodies.Status("wamid.B", "failed", "bsp1.c.0.1.1.1", more: ",\"errors\":[{\"code\":131026,\"title\":\"\\u0000\"}]"));
        await _server.InboxAppliedAsync();

        Assert.Equal("half an emoji \uFFFD and \uFFFD", await _server.ReadAsync<string>("select preview from conversation_message where conversation_id = '118233907745512:61491570066'"));
    }

    [Fact]
    public async Task A_body_with_a_thousand_updates_is_applied_whole()
    {
        var messages = string.Join(",", Enumerable.Range(0, 1000).Select(index =>
            $$$"""{"from":"{{{61491572000 + index % 20}}}","id":"wamid.thousand.{{{index}}}","timestamp":"{{{1795334000 + index}}}","type":"text","text":{"body":"{{{index}}}"}}"""));
        await _server.AcknowledgedAsync(SampleBodies.Messages($"\"messages\":[{messages}]"));
        await _server.InboxAppliedAsync();

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
        await _server.InboxAppliedAsync();

        Assert.Equal(expected, answer.StatusCode);
        Assert.Equal(expected == HttpStatusCode.OK ? 1 : 0, await StoredAsync());
        Assert.Equal(expected == HttpStatusCode.OK ? 1 : 0, await _server.ReadAsync<int>("select count(*)::int from conversation_message where wamid = @wamid", new { wamid }));
    }

    private Task<int> StoredAsync() => _server.ReadAsync<int>("select count(*)::int from inbox");

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

using System.Net;
using OrleansBsp.Core.Messages;
using OrleansBsp.Server.Tests.Cluster;
using OrleansBsp.Server.Tests.Http;
using OrleansBsp.Server.Tests.Storage;
using OrleansBsp.Server.Tests.Webhooks;

namespace OrleansBsp.Server.Tests.Conversations;

/// <summary>A conversation whose owner has lost the row, or the answer to a release, goes on by itself.</summary>
public sealed class LostConversationTests
{
    private const string Hours = """{"phoneNumberId":"118233907745512","to":"+61491570006","type":"template","template":{"name":"store_hours","language":{"code":"en_US"}}}""";

    /// <summary>As after an activation on a silo that was thought dead, woke, took the conversation and ended: the one that calls reach has an old epoch.</summary>
    [Fact]
    public async Task Who_has_lost_the_conversation_makes_room_for_its_next_owner()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.AdminAsync();
        await server.AcknowledgedAsync(SampleBodies.Text("61491570006", "wamid.A"));
        await server.InboxAppliedAsync();

        await server.ListAsync<long>("update conversation set epoch = epoch + 1 returning epoch");
        await server.AcknowledgedAsync(SampleBodies.Text("61491570006", "wamid.B"));
        await server.InboxAppliedAsync();
        Assert.Equal(2, await server.ReadAsync<int>("select count(*)::int from conversation_message where direction = 'in'"));

        await server.ListAsync<long>("update conversation set epoch = epoch + 1 returning epoch");
        await Eventually.IsTrueAsync(async () =>
        {
            using var answer = await client.AskAsync("POST /api/v1/messages", Hours, "Idempotency-Key: k");
            Assert.True(answer.StatusCode is HttpStatusCode.Accepted or HttpStatusCode.ServiceUnavailable, $"{answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
            return answer.StatusCode == HttpStatusCode.Accepted;
        }, "the next message is taken");
        Assert.Equal(1, await server.ReadAsync<int>("select count(*)::int from conversation_message where direction = 'out'"));
    }

    /// <summary>Nobody else knows that nothing was posted: left alone, the message would stay in flight and become unknown.</summary>
    [Fact]
    public async Task A_message_whose_release_was_committed_unheard_is_sent()
    {
        var direct = await PostgresServer.CreateDatabaseAsync();
        await using var link = new LossyLink(direct);
        await using var server = await TestServer.StartAsync(link.ConnectionString);
        using var client = await server.AdminAsync();

        link.LoseAnswerBehind("with asked as");
        await client.AskAsync("POST /api/v1/messages", Hours).ExpectAsync(HttpStatusCode.Accepted);

        // Nobody listens at Meta's address: the attempt was made when it has failed.
        await Eventually.IsTrueAsync(
            async () => await server.ReadAsync<bool>("select exists (select from conversation_message where state = @retrying and attempt >= 1)", new { retrying = (short)MessageState.Retrying }),
            "the message has been tried");
        Assert.Equal(1, link.Lost);
    }

    /// <summary>As with the wrong key for the tokens: what cannot be sent yet is not released, or it would be in flight with nobody to send it.</summary>
    [Fact]
    public async Task A_message_whose_account_cannot_be_read_stays_due_and_is_sent_when_it_can()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.AdminAsync();
        var tokens = await server.ListAsync<byte[]>("select access_token from waba");
        await server.ListAsync<int>("update waba set access_token = '\\x00' returning 1");

        await client.AskAsync("POST /api/v1/messages", Hours).ExpectAsync(HttpStatusCode.Accepted);
        const string Waiting = "select exists (select from conversation_pending where due_at > now() + interval '30 seconds')";
        await Eventually.IsTrueAsync(() => server.ReadAsync<bool>(Waiting), "it waits for a minute");
        await PassAsync();
        await Eventually.IsTrueAsync(() => server.ReadAsync<bool>(Waiting), "it has looked again, and waits");
        Assert.Equal((short)MessageState.Retrying, await server.ReadAsync<short>("select state from conversation_message"));

        await server.ListAsync<int>("update waba set access_token = @token returning 1", new { token = tokens.Single() });
        await PassAsync();
        await Eventually.IsTrueAsync(
            async () => await server.ReadAsync<bool>("select exists (select from conversation_message where state = @retrying and attempt >= 1)", new { retrying = (short)MessageState.Retrying }),
            "the message has been tried");

        Task PassAsync() => server.ListAsync<int>("update conversation_pending set due_at = now() returning 1");
    }
}

using System.Net;
using OrleansBsp.Server.Tests.Cluster;
using OrleansBsp.Server.Tests.Http;

namespace OrleansBsp.Server.Tests.Conversations;

public sealed class SendOnceTests
{
    private const string Hours = """{"phoneNumberId":"118233907745512","to":"+61491570006","type":"template","template":{"name":"store_hours","language":{"code":"en_US"}}}""";

    /// <summary>Everything after the transaction that takes the message is lost, as if the process had been killed there; then its claim grows old.</summary>
    [Fact]
    public async Task A_repeated_send_after_a_crash_behind_the_commit_gets_the_first_answer()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.AdminAsync();
        await server.ListAsync<int>(
            """
            create table taken (transaction bigint);
            create function take() returns trigger language plpgsql as $f$ begin insert into taken values (txid_current()); return null; end $f$;
            create trigger take after insert on conversation_message for each row execute function take();
            create function die() returns trigger language plpgsql as $f$
            begin
              if not exists (select from taken where transaction = txid_current()) then raise exception 'killed' using errcode = '57P01'; end if;
              return new;
            end $f$;
            create trigger die before update on idempotency for each row when (old.status is null and new.status is not null) execute function die();
            select 1
            """);
        var first = await client.AskAsync("POST /api/v1/messages", Hours, "Idempotency-Key: k").ExpectAsync(HttpStatusCode.Accepted);

        await server.ListAsync<int>("update idempotency set created_at = created_at - interval '61 seconds' returning 1");
        var second = await client.AskAsync("POST /api/v1/messages", Hours, "Idempotency-Key: k").ExpectAsync(HttpStatusCode.Accepted);

        Assert.Equal(await first.Content.ReadAsStringAsync(), await second.Content.ReadAsStringAsync());
        Assert.Equal(first.Content.Headers.ContentType, second.Content.Headers.ContentType);
        Assert.Equal(first.Headers.Location, second.Headers.Location);
        Assert.True(second.Headers.Contains("Idempotency-Replayed"));
        Assert.Equal(1, await server.ReadAsync<int>("select count(*)::int from conversation_message"));
    }
}

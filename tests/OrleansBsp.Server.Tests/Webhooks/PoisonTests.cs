using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OrleansBsp.Core.Webhooks;
using OrleansBsp.Server.Tests.Cluster;
using OrleansBsp.Server.Tests.Telemetry;
using OrleansBsp.Server.Webhooks;

namespace OrleansBsp.Server.Tests.Webhooks;

/// <summary>What is signed and can never be applied must not keep back what can: it is put aside and shown, and the shard goes on.</summary>
public sealed class PoisonTests(SharedServer shared) : IClassFixture<SharedServer>, IAsyncLifetime
{
    private readonly TestServer _server = shared.Server;

    public Task InitializeAsync() => _server.RestoreAsync();

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task Statuses_of_another_installation_on_the_account_are_shown_and_change_nothing()
    {
        var campaign = await SampleAccount.AddCampaignAsync(_server.ConnectionString, 5, state: "paused");
        await _server.ListAsync<int>("update campaign_run set released_through = 5 where campaign_id = @campaign returning 1", new { campaign });
        await _server.AcknowledgedAsync(SampleBodies.Status("wamid.foreign.1", "delivered", "bsp1.c.999999.1.1.5"));
        await _server.AcknowledgedAsync(SampleBodies.Status("wamid.foreign.2", "delivered", $"bsp1.c.{campaign}.1.1.5"));
        await _server.AcknowledgedAsync(SampleBodies.Status("wamid.foreign.3", "delivered", "bsp1.m.999999.1.5"));
        await _server.InboxAppliedAsync();

        Assert.Equal(0, await _server.ReadAsync<int>("select delivered from campaign_run where campaign_id = @campaign", new { campaign }));
        Assert.True(await _server.ReadAsync<int>("select count(*)::int from webhook_problem") >= 2);
    }

    [Fact]
    public async Task A_message_to_a_number_that_is_not_ours_is_shown()
    {
        await _server.AcknowledgedAsync(SampleBodies.Text("61491570006", "wamid.stray", number: "999"));
        await _server.InboxAppliedAsync();

        Assert.Equal("wamid.stray", await _server.ReadAsync<string>("select path from webhook_problem"));
    }

    [Fact]
    public async Task What_is_put_aside_is_one_line_in_the_log_without_a_word_of_it()
    {
        using var log = new KeptLog();
        _server.Services.GetRequiredService<ILoggerFactory>().AddProvider(log);
        await _server.Services.GetRequiredService<WebhookRouter>().RouteAsync(
            3, [.. ((string[])["true secrets", "", SampleBodies.Text("61491570006", "wamid.stray", number: "999")]).Select((body, index) => (7L + index, WebhookReader.Read(Encoding.UTF8.GetBytes(body))))],
            0, CancellationToken.None);

        Assert.Equal(
            ["3003 3 parts of the webhooks 7 to 9 of inbox shard 3 are put aside, one of them because: No readable JSON. The table webhook_problem has them all"],
            log.Lines.Where(line => line.StartsWith("3003", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("120363-group")]
    [InlineData("99999999999999999999999")]
    public async Task An_opt_out_of_somebody_without_a_phone_number_does_not_stop_the_shard(string recipient)
    {
        await _server.AcknowledgedAsync(SampleBodies.Status("wamid.x", "failed", recipient: recipient, more: ",\"errors\":[{\"code\":131050,\"title\":\"stopped\"}]"));
        await _server.AcknowledgedAsync(SampleBodies.Change(
            $$"""{"messaging_product":"whatsapp","metadata":{"phone_number_id":"118233907745512"},"user_preferences":[{"wa_id":"{{recipient}}","value":"stop","timestamp":1795335210}]}""", "user_preferences"));
        await _server.InboxAppliedAsync();
    }

    [Fact]
    public async Task A_part_that_fails_for_good_is_put_aside_and_its_neighbours_are_applied()
    {
        // No row of the index may be as large as this id, so its conversation can never store it.
        var random = new Random(1);
        var endless = string.Concat(Enumerable.Range(0, 20_000).Select(_ => (char)('a' + random.Next(26))));
        await _server.AcknowledgedAsync(SampleBodies.Messages(
            $$"""
            "messages":[{"from":"61491570301","id":"wamid.{{endless}}","timestamp":"1795334710","type":"text","text":{"body":"never"} },
            {"from":"61491570302","id":"wamid.beside","timestamp":"1795334710","type":"text","text":{"body":"beside"} }]
            """));
        await _server.InboxAppliedAsync();

        Assert.Equal("beside", await _server.ReadAsync<string>("select preview from conversation_message where wamid = 'wamid.beside'"));
        Assert.Equal(["conversation 118233907745512:61491570301"], await _server.ListAsync<string>("select path from webhook_problem"));
    }

    [Fact]
    public async Task An_owner_that_fails_for_the_moment_is_tried_again_until_it_does_not()
    {
        await _server.ListAsync<int>("alter table event_head rename to event_head_away; select 1");
        try
        {
            await _server.AcknowledgedAsync(SampleBodies.Text("61491570303", "wamid.later"));
            await Eventually.IsTrueAsync(() => _server.ReadAsync<bool>("select exists (select from conversation where address = '61491570303')"), "the conversation was tried");
        }
        finally
        {
            await _server.ListAsync<int>("alter table event_head_away rename to event_head; select 1");
        }

        await _server.InboxAppliedAsync();
        Assert.Equal("hello", await _server.ReadAsync<string>("select preview from conversation_message where wamid = 'wamid.later'"));
    }

    [Fact]
    public async Task After_a_long_outage_nothing_is_put_aside_at_its_first_failure()
    {
        // Many tries fail as they do while the database goes down, then one for a reason of its own.
        await _server.ListAsync<int>(
            """
            create sequence tries;
            create function fail_at_first() returns trigger language plpgsql as $f$
            begin
              if nextval('tries') <= 6 then raise exception 'shutting down' using errcode = '57P01'; end if;
              if currval('tries') = 7 then raise exception 'once more' using errcode = 'XX000'; end if;
              return new;
            end $f$;
            create trigger fail_at_first before insert on conversation_message for each row execute function fail_at_first();
            select 1
            """);
        await _server.AcknowledgedAsync(SampleBodies.Text("61491570304", "wamid.outage"));
        await _server.InboxAppliedAsync();
        await _server.ListAsync<int>("drop trigger fail_at_first on conversation_message; drop function fail_at_first; drop sequence tries; select 1");

        Assert.Empty(await _server.ListAsync<string>("select path || ': ' || reason from webhook_problem"));
        Assert.Equal(1, await _server.ReadAsync<int>("select count(*)::int from conversation_message where wamid = 'wamid.outage'"));
    }

    [Fact]
    public async Task A_repeated_batch_changes_nothing()
    {
        var campaign = await SampleAccount.AddCampaignAsync(_server.ConnectionString, 5, state: "paused");
        await _server.ListAsync<int>("update campaign_run set released_through = 5 where campaign_id = @campaign returning 1", new { campaign });
        var key = await _server.ReadAsync<int>("select token_key from campaign where id = @campaign", new { campaign });
        string[] bodies =
        [
            SampleBodies.Status("wamid.r1", "delivered", $"bsp1.c.{campaign}.1.1.{key}"), SampleBodies.Status("wamid.r2", "read", $"bsp1.c.{campaign}.2.1.{key}"),
            SampleBodies.Status("wamid.r1", "sent", $"bsp1.c.{campaign}.1.1.{key}"), SampleBodies.Text("61491570305", "wamid.in.r1"),
            Encoding.UTF8.GetString(SampleBodies.Sample("098")),
        ];
        foreach (var body in bodies) await _server.AcknowledgedAsync(body);
        await _server.InboxAppliedAsync();
        var before = await SnapshotAsync(campaign);

        // Back to the beginning, as after a crash between applying and moving the cursor; and Meta repeats itself too.
        foreach (var body in bodies) await _server.AcknowledgedAsync(body);
        await _server.ListAsync<int>("""update inbox_cursor set epoch = epoch + 1, "offset" = 0 returning 1""");
        for (var turn = 0; turn < 4; turn++)
            foreach (var body in bodies.Reverse()) await _server.AcknowledgedAsync(body); // more than there are shards: each has something new
        await _server.InboxAppliedAsync();

        Assert.Equal(before, await SnapshotAsync(campaign));
        Assert.Equal("1 1", await _server.ReadAsync<string>("select delivered || ' ' || read from campaign_run where campaign_id = @campaign", new { campaign }));
    }

    private async Task<List<string>> SnapshotAsync(long campaign) =>
    [
        .. await _server.ListAsync<string>("select (to_jsonb(r) - 'updated_at')::text from campaign_run r where campaign_id = @campaign", new { campaign }),
        .. await _server.ListAsync<string>("select m::text from message m where campaign_id = @campaign order by position", new { campaign }),
        .. await _server.ListAsync<string>("select m::text from conversation_message m order by id"),
        .. await _server.ListAsync<string>("select (to_jsonb(c) - 'epoch')::text from conversation c order by id"),
        .. await _server.ListAsync<string>("select c::text from consent c order by id"),
        .. await _server.ListAsync<string>("select e::text from event_head e order by shard"),
    ];
}

using System.Text;
using OrleansBsp.Core.Webhooks;
using OrleansBsp.Server.Tests.Cluster;

namespace OrleansBsp.Server.Tests.Webhooks;

/// <summary>Each of Meta's sample bodies, posted to a whole server: acknowledged, applied to its end, and where it belongs.</summary>
public sealed class SampleBodiesTests(SharedServer shared) : IClassFixture<SharedServer>, IAsyncLifetime
{
    public Task InitializeAsync() => shared.Server.RestoreAsync();

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task All_98_bodies_as_printed_and_as_on_the_wire_are_acknowledged_and_applied()
    {
        await using var server = await TestServer.StartAsync();
        var bodies = SampleBodies.Names.SelectMany(name => new[] { SampleBodies.Bytes(name), SampleBodies.OnTheWire(name) }).ToArray();
        Assert.Equal(2 * 98, bodies.Length);
        Random.Shared.Shuffle(bodies);

        await Task.WhenAll(bodies.Select(server.AcknowledgedAsync));
        await server.InboxAppliedAsync();

        var contents = SampleBodies.Names.Select(SampleBodies.Content).ToList();
        var inbound = contents.SelectMany(content => content.Inbound).ToList();
        Assert.Equal(
            inbound.Select(message => message.Wamid).Distinct().Order(),
            (await server.ListAsync<string>("select wamid from conversation_message where direction = 'in'")).Order());
        Assert.Equal(WindowsOf(inbound), (await server.ListAsync<(string, DateTime?)>("select id, window_until from conversation order by id")).OrderBy(row => row.Item1, StringComparer.Ordinal));
        Assert.Equal(
            contents.SelectMany(content => content.Statuses).Select(status => status.Wamid).Distinct().Order(),
            (await server.ListAsync<string>("select distinct path from webhook_problem")).Order());
    }

    [Theory]
    [InlineData("070", "1689556908129832", "APPROVED MARKETING GREEN")]
    [InlineData("071", "1689556908129835", "REJECTED MARKETING GREEN")]
    [InlineData("073", "1689556908129832", "PAUSED MARKETING GREEN")]
    [InlineData("074", "1689556908129832", "APPROVED MARKETING GREEN")]
    [InlineData("075", "1689556908129832", "DISABLED MARKETING GREEN")]
    [InlineData("076", "1689556908129841", "ARCHIVED MARKETING GREEN")]
    [InlineData("077", "1689556908129842", "PENDING_DELETION UTILITY GREEN")]
    [InlineData("078", "1689556908129832", "APPROVED MARKETING YELLOW")]
    [InlineData("080", "1689556908129852", "APPROVED UTILITY GREEN")]
    [InlineData("081", "1689556908129852", "APPROVED MARKETING GREEN")]
    public async Task A_template_event_changes_its_template(string body, string template, string expected)
    {
        var server = shared.Server;

        await server.AcknowledgedAsync(SampleBodies.Sample(body));
        await server.InboxAppliedAsync();

        Assert.Equal(expected, await server.ReadAsync<string>("select status || ' ' || category || ' ' || quality from template where id = @template", new { template }));
        Assert.Equal(6, await server.ReadAsync<int>("select count(*)::int from template where id <> @template and status = 'APPROVED' and quality = 'GREEN'", new { template }));
    }

    [Theory]
    [InlineData("082", "1000 HIGH Example")]
    [InlineData("083", "1000 HIGH Example")]
    [InlineData("084", "80 STANDARD Example Retail")]
    [InlineData("085", "80 STANDARD Example")]
    public async Task A_number_event_changes_its_number(string body, string expected)
    {
        var server = shared.Server;

        await server.AcknowledgedAsync(SampleBodies.Sample(body));
        await server.InboxAppliedAsync();

        Assert.Equal(expected, await server.ReadAsync<string>(
            "select throughput || ' ' || throughput_level || ' ' || verified_name from phone_number where id = @id", new { id = SampleAccount.Number }));
    }

    [Theory]
    [InlineData("087", "active")]
    [InlineData("088", "stopped")]
    [InlineData("089", "stopped")]
    [InlineData("090", "active")]
    [InlineData("091", "stopped")]
    [InlineData("092", "active")]
    [InlineData("095", "active")]
    public async Task An_account_event_stops_the_account_only_if_it_forbids_sending(string body, string expected)
    {
        var server = shared.Server;

        await server.AcknowledgedAsync(SampleBodies.Sample(body));
        await server.InboxAppliedAsync();

        Assert.Equal(expected, await server.ReadAsync<string>("select state from waba"));
        Assert.Equal(expected == "stopped", await server.ReadAsync<bool>("select state_reason is not null from waba"));
    }

    [Fact]
    public async Task Preferences_and_the_opt_out_error_change_consent_with_their_evidence()
    {
        var server = shared.Server;
        await server.ListAsync<int>("delete from consent; delete from contact; select 1");
        // The failure's own time lies before the other wishes, so it would not count.
        var failedSince = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(SampleBodies.Sample("047")).Replace("1795334408", "1795335300", StringComparison.Ordinal));
        byte[][] bodies = [.. new[] { "098", "098", "099", "100" }.Select(SampleBodies.Sample), failedSince, failedSince, SampleBodies.Sample("099")];
        foreach (var body in bodies)
        {
            await server.AcknowledgedAsync(body);
            await server.InboxAppliedAsync();
        }

        Assert.Equal(
            ["61491570110 ", "61491570159 marketing"],
            await server.ListAsync<string>("select phone || ' ' || coalesce(opted_out, '') from contact order by phone"));
        Assert.Equal(
            ["opt-out marketing meta-preference", "opt-in marketing meta-preference", "opt-in marketing meta-preference", "opt-out marketing meta-error"],
            await server.ListAsync<string>("select action || ' ' || scope || ' ' || source from consent order by id"));
    }

    [Fact]
    public async Task A_call_of_a_person_opens_the_window_as_a_message_does()
    {
        var server = shared.Server;
        await server.ListAsync<int>("delete from conversation_message; delete from conversation; delete from orleans_state; select 1");
        foreach (var body in new[] { "106", "106", "107" }) await server.AcknowledgedAsync(SampleBodies.Sample(body));
        await server.InboxAppliedAsync();

        Assert.Equal(
            [(DateTimeOffset.FromUnixTimeSeconds(1795335280).AddHours(24).UtcDateTime, "Asha Menon")],
            await server.ListAsync<(DateTime, string)>("select window_until, name from conversation where address = '61491570006'"));
        Assert.Equal(["call"], await server.ListAsync<string>("select type from conversation_message"));
    }

    [Fact]
    public async Task A_field_that_nobody_knows_is_kept_and_shown()
    {
        var server = shared.Server;

        await server.AcknowledgedAsync(SampleBodies.Change("""{"colour":"green"}""", "moods"));
        await server.InboxAppliedAsync();

        Assert.Equal(["entry[0].changes[0]: Unknown field moods."], await server.ListAsync<string>("select path || ': ' || reason from webhook_problem"));
    }

    /// <summary>By Meta's time of the last message that opens the window; none opens it: null.</summary>
    private static IEnumerable<(string, DateTime?)> WindowsOf(IEnumerable<InboundMessage> messages) => messages
        .GroupBy(message => $"{message.PhoneNumberId}:{message.From ?? message.FromUserId}")
        .Select(thread => (thread.Key, thread.Where(message => message.OpensWindow).Select(message => message.At).Max()?.UtcDateTime.AddHours(24)))
        .OrderBy(row => row.Key, StringComparer.Ordinal);
}

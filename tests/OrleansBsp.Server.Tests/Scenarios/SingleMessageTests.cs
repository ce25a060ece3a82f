using Npgsql;
using OrleansBsp.Server.Tests.Telemetry;
using OrleansBsp.Simulator.Fates;
using OrleansBsp.Simulator.Faults;
using OrleansBsp.Simulator.Webhooks;
using Xunit.Abstractions;

namespace OrleansBsp.Server.Tests.Scenarios;

/// <summary>Messages sent one by one with <c>POST /api/v1/messages</c>.</summary>
public sealed class SingleMessageTests(ITestOutputHelper output) : ScenarioTests(output)
{
    private const string Anew = "It is not repeated any more. Send it anew if it is still wanted.";
    private const string Asha = "+919812340001";
    private static readonly object Hours = new { name = "store_hours", language = new { code = "en_US" } };

    [Fact]
    public async Task A_template_goes_out_and_its_timeline_tells_the_whole_story()
    {
        Stage.Meta.Behaviour.Statuses = StatusProfile.Instant;
        var id = await Stage.Api.SendMessageAsync(Template(Asha));
        var message = await WaitForStateAsync(id, "read");
        Assert.Equal(["accepted", "created", "delivered", "read", "sent"], message.Timeline.Select(moment => moment.What).Order());
        Assert.Equal(1, message.Attempt);
        var record = Assert.Single(Stage.Meta.Ledger.Read());
        Assert.Equal((Asha[1..], message.Wamid), (record.To, record.Wamid));
    }

    [Fact]
    public async Task A_text_goes_out_only_while_the_window_is_open()
    {
        var problem = await Stage.Api.RefusedAsync(HttpMethod.Post, "messages", Text(Asha, "Hello"));
        Assert.Equal((422, "The customer service window of 919812340001 is closed: only templates can be sent. Send a template, or wait until the person writes."),
            (problem.Status, problem.Detail));
        Assert.Equal("window-closed", Assert.Single(problem.Errors!).Code);

        Stage.Meta.ReceiveInbound(new InboundMessage { PhoneNumberId = Stage.Number1000, From = Asha[1..], Text = "Are you open?" });
        await Stage.WaitUntilWebhooksAppliedAsync();
        var id = await Stage.Api.SendMessageAsync(Text(Asha, "Yes, until six."));
        await WaitForStateAsync(id, "sent", "delivered", "read");
        Assert.Single(Stage.Meta.Ledger.Read());
    }

    [Fact]
    public async Task The_same_idempotency_key_sends_once_and_another_body_is_refused()
    {
        var ids = new List<string>();
        for (var call = 0; call < 3; call++) ids.Add(await Stage.Api.SendMessageAsync(Template(Asha), "order-4711"));
        Assert.Single(ids.Distinct());
        await WaitForStateAsync(ids[0], "sent", "delivered", "read");
        Assert.Single(Stage.Meta.Ledger.Read());
        var refusal = await Assert.ThrowsAsync<ApiRefusedException>(() => Stage.Api.SendMessageAsync(Template("+919812340002"), "order-4711"));
        Assert.Equal((422, "/problems/idempotency-key-reused"), (refusal.Problem.Status, refusal.Problem.Type));
    }

    [Fact]
    public async Task A_message_that_waits_for_two_days_expires_and_says_what_it_waited_for()
    {
        var (old, younger) = await TwoThatWaitAsync(131057);
        var reason = (await Stage.Api.MessageAsync(old)).Reason;
        await AgeAsync(younger, "47 hours 50 minutes");
        await AgeAsync(old, "48 hours 1 second");
        await PassAsync();

        var expired = await WaitForStateAsync(old, "expired");
        Assert.Equal((1, $"cannot be sent within 48 hours; last: {reason}", 131057, Anew), (expired.Attempt, expired.Reason, expired.ErrorCode, expired.Advice));
        await WaitForStateAsync(younger, "sent", "delivered", "read");
        Assert.Equal("919812340002", Assert.Single(Stage.Meta.Ledger.Read()).To);
        await using (var waiting = Stage.Database.CreateCommand("select count(*) from conversation_pending")) Assert.Equal(0L, await waiting.ExecuteScalarAsync());
        await Wait.UntilAsync(() => Stage.Server.Log.Any(line => line.Contains($"The single message {old} of number", StringComparison.Ordinal)), "the log says that it has expired");
    }

    [Fact]
    public async Task A_message_that_Meta_takes_again_only_when_it_is_too_late_expires_at_once()
    {
        var (old, younger) = await TwoThatWaitAsync(131057);
        await AgeAsync(old, "30 hours");
        Stage.Meta.Faults.Add(new FaultRule { Kind = FaultKind.Error, Code = 131049, Times = 2 }); // not again for a day
        await PassAsync();

        var expired = await WaitForStateAsync(old, "expired");
        Assert.Equal((2, 131049), (expired.Attempt, expired.ErrorCode));
        Assert.StartsWith("cannot be sent within 48 hours; last: ", expired.Reason, StringComparison.Ordinal);
        await Wait.UntilAsync(() => Stage.Api.MessageAsync(younger), message => message is { State: "retrying", Attempt: 2, ErrorCode: 131049 }, "the other one waits");
        await PassAsync();
        await WaitForStateAsync(younger, "sent", "delivered", "read");
    }

    [Fact]
    public async Task A_message_whose_number_is_stopped_says_so_and_goes_out_when_it_is_started_or_expires()
    {
        var (old, younger) = await TwoThatWaitAsync(131057);
        await Stage.Api.ConfigureNumberAsync(Stage.Number1000, new { state = "stopped" });
        await PassAsync();
        foreach (var id in (string[])[old, younger])
            await Wait.UntilAsync(() => Stage.Api.MessageAsync(id), message => message is { State: "retrying", Reason: "the number is stopped: stopped by an operator", ErrorCode: null }, $"message {id} says what it waits for");
        Assert.Equal(2, await WaitingAsync()); // nobody looks each second

        await AgeAsync(old, "3 days");
        await PassAsync();
        var expired = await WaitForStateAsync(old, "expired");
        Assert.Equal(("cannot be sent within 48 hours; last: the number is stopped: stopped by an operator", Anew), (expired.Reason, expired.Advice));
        await Wait.UntilAsync(WaitingAsync, waiting => waiting == 1, "the other one has looked in vain too");
        var metrics = new Metrics(await Stage.Api.Http.GetStringAsync("metrics"));
        Assert.InRange(metrics.Value("bsp_conversation_postponed_total"), 3, 20);
        Assert.Equal(1, metrics.Value("bsp_conversation_expired_total"));
        await Stage.Api.ConfigureNumberAsync(Stage.Number1000, new { state = "active" });
        await PassAsync();
        Assert.Null((await WaitForStateAsync(younger, "sent", "delivered", "read")).Reason);
        Assert.Single(Stage.Meta.Ledger.Read());

        async Task<long> WaitingAsync()
        {
            await using var waiting = Stage.Database.CreateCommand("select count(*) from conversation_pending where due_at > now()");
            return (long)(await waiting.ExecuteScalarAsync())!;
        }
    }

    [Fact]
    public async Task A_message_that_Meta_puts_off_waits_and_goes_out_at_last()
    {
        Stage.Meta.Faults.Add(new FaultRule { Kind = FaultKind.Error, Code = 131056, Times = 2 });
        var id = await Stage.Api.SendMessageAsync(Template(Asha));
        var message = await WaitForStateAsync(id, "sent", "delivered", "read");
        Assert.Equal(3, message.Attempt);
        Assert.Single(Stage.Meta.Ledger.Read());
        Assert.Equal(2, Stage.Meta.Ledger.RefusedByCode[131056]);
    }

    [Fact]
    public async Task A_refused_message_says_why()
    {
        Stage.Meta.Faults.Add(new FaultRule { Kind = FaultKind.Error, Code = 131026, Times = 1 });
        var message = await WaitForStateAsync(await Stage.Api.SendMessageAsync(Template(Asha)), "refused");
        Assert.Equal(131026, message.ErrorCode);
        Assert.Empty(Stage.Meta.Ledger.Read());
    }

    [Fact]
    public async Task A_message_that_is_wrong_itself_ends_at_once_and_one_that_waits_for_its_template_does_not()
    {
        Stage.Meta.Faults.Add(new FaultRule { Kind = FaultKind.Error, Code = 132001, Times = 1 });
        var message = await WaitForStateAsync(await Stage.Api.SendMessageAsync(Template(Asha)), "refused");
        Assert.Equal((132001, "Synchronise templates, check name, language and approval, and send the message anew."), (message.ErrorCode, message.Advice));

        Stage.Meta.Faults.Add(new FaultRule { Kind = FaultKind.Error, Code = 132015, Times = 1 });
        var paused = await Stage.Api.SendMessageAsync(Template("+919812340002"));
        Assert.Equal("retrying", (await Wait.UntilAsync(() => Stage.Api.MessageAsync(paused), view => view.ErrorCode == 132015, "Meta has declined it")).State);
    }

    [Fact]
    public async Task A_message_without_an_answer_is_not_sent_again_and_settled_by_its_status()
    {
        Stage.Meta.Behaviour.Statuses = StatusProfile.Instant with { SentMinMs = 3_600_000, SentMaxMs = 3_600_000 };
        Stage.Meta.Faults.Add(new FaultRule { Kind = FaultKind.ResetAfterAccept, Times = 1 }, new FaultRule { Kind = FaultKind.ResetBeforeAccept, Times = 1 });
        var taken = await Stage.Api.SendMessageAsync(Template(Asha));
        await WaitForStateAsync(taken, "uncertain");
        var lost = await Stage.Api.SendMessageAsync(Template("+919812340002"));
        await WaitForStateAsync(lost, "uncertain");
        Stage.Meta.AdvanceClock(TimeSpan.FromHours(2));
        await WaitForStateAsync(taken, "read");
        Assert.Equal("no status came in time", (await WaitForStateAsync(lost, "unknown")).Reason);
        Assert.Single(Stage.Meta.Ledger.Read());
    }

    [Fact]
    public async Task Messages_taken_before_a_kill_are_sent_once_or_explained()
    {
        var ids = new List<string>();
        // Slow answers, so that the kill meets messages in every stage: taken, released, posted, answered.
        Stage.Meta.Faults.Add(new FaultRule { Kind = FaultKind.Latency, MinMs = 50, MaxMs = 400 });
        for (var person = 0; person < 120; person++) ids.Add(await Stage.Api.SendMessageAsync(Template($"+9198123{person:00000}")));
        await Stage.Server.KillAsync();
        await Stage.Server.StartAgainAsync();

        var messages = new List<MessageView>();
        foreach (var id in ids) messages.Add(await WaitForStateAsync(id, "sent", "delivered", "read", "unknown"));
        await Stage.WaitUntilWebhooksAppliedAsync();
        var accepted = Stage.Meta.Ledger.Read().ToList();
        Assert.Equal(accepted.Count, accepted.DistinctBy(record => record.To).Count());
        Assert.Equal(accepted.Select(record => record.Wamid).Order(), messages.Where(message => message.State != "unknown").Select(message => message.Wamid).Order());
        Tell($"unknown after the kill: {messages.Count(message => message.State == "unknown")} of {ids.Count}");
    }

    [Fact]
    public async Task An_orderly_stop_leaves_no_message_uncertain()
    {
        Stage.Meta.Faults.Add(new FaultRule { Kind = FaultKind.Latency, MinMs = 500, MaxMs = 1500 });
        var ids = new List<string>();
        for (var person = 0; person < 40; person++) ids.Add(await Stage.Api.SendMessageAsync(Template($"+9198123{person:00000}")));
        await Stage.Server.StopAsync();
        await Stage.Server.StartAgainAsync();
        foreach (var id in ids)
        {
            var message = await WaitForStateAsync(id, "sent", "delivered", "read", "uncertain", "unknown");
            Assert.DoesNotContain(message.State, (string[])["uncertain", "unknown"]);
        }

        await Stage.WaitUntilWebhooksAppliedAsync();
        Assert.Equal(40, Stage.Meta.Ledger.Count);
        Assert.Equal(40, Stage.Meta.Ledger.Summarize().DistinctRecipients);
    }

    /// <summary>Two messages of which Meta has not taken the first attempt.</summary>
    private async Task<(string Old, string Younger)> TwoThatWaitAsync(int code)
    {
        Stage.Meta.Faults.Add(new FaultRule { Kind = FaultKind.Error, Code = code, Times = 2 });
        var (old, younger) = (await Stage.Api.SendMessageAsync(Template(Asha)), await Stage.Api.SendMessageAsync(Template("+919812340002")));
        foreach (var id in (string[])[old, younger])
            await Wait.UntilAsync(() => Stage.Api.MessageAsync(id), message => message is { State: "retrying", Attempt: 1 }, $"message {id} waits for another attempt");
        return (old, younger);
    }

    /// <summary>The time of all that waits has come.</summary>
    private async Task PassAsync()
    {
        await using var due = Stage.Database.CreateCommand("update conversation_pending set due_at = now()");
        await due.ExecuteNonQueryAsync();
    }

    /// <summary>As if it had been taken that long ago.</summary>
    private async Task AgeAsync(string id, string ago)
    {
        await using var age = Stage.Database.CreateCommand("update conversation_message set created_at = now() - $1::text::interval where id = $2::text::bigint");
        age.Parameters.Add(new NpgsqlParameter { Value = ago });
        age.Parameters.Add(new NpgsqlParameter { Value = id });
        Assert.Equal(1, await age.ExecuteNonQueryAsync());
    }

    private Task<MessageView> WaitForStateAsync(string id, params string[] states) =>
        Wait.UntilAsync(() => Stage.Api.MessageAsync(id), message => states.Contains(message.State), $"message {id} is {string.Join(" or ", states)}");

    private static object Template(string to) => new { phoneNumberId = Stage.Number1000, to, type = "template", template = Hours };

    private static object Text(string to, string body) => new { phoneNumberId = Stage.Number1000, to, type = "text", text = new { body } };
}

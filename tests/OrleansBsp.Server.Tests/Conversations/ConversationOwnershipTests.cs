using OrleansBsp.Core.Messages;
using OrleansBsp.Core.PhoneNumbers;
using OrleansBsp.Server.Campaigns;
using OrleansBsp.Server.Conversations;
using OrleansBsp.Server.Meta;
using OrleansBsp.Server.Storage;
using OrleansBsp.Server.Tests.Cluster;
using OrleansBsp.Server.Tests.Storage;

namespace OrleansBsp.Server.Tests.Conversations;

/// <summary>The rows of a conversation belong to its newest activation; what it knows is merged once.</summary>
public sealed class ConversationOwnershipTests : IAsyncLifetime
{
    private const string Id = SampleAccount.Number + ":61491570006";
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    private Database _database = null!;
    private ConversationStore _store = null!;

    public async Task InitializeAsync()
    {
        _database = new Database(await PostgresServer.CreateDatabaseAsync(), new DatabaseOptions());
        _store = new ConversationStore(_database);
        await SampleAccount.AddAsync(_database, new TokenCipher(new byte[32]));
    }

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Fact]
    public async Task A_superseded_activation_changes_nothing_and_learns_it()
    {
        var old = await TakeAsync();
        var message = await old.AddOutboundAsync("text", "{}", "", "test");
        await TakeAsync();

        await Assert.ThrowsAsync<OwnershipLostException>(() => old.ReleaseAsync(message, 1, TimeSpan.Zero, Day));
        await Assert.ThrowsAsync<OwnershipLostException>(() => old.PostponeAsync(message, 0, "the number is stopped", Day));
        await Assert.ThrowsAsync<OwnershipLostException>(() => old.AddOutboundAsync("text", "{}", "", "test"));
        await Assert.ThrowsAsync<OwnershipLostException>(() => old.AddInboundAsync([Inbound("wamid.1")], null));
        await Assert.ThrowsAsync<OwnershipLostException>(() => SeeAsync(old, message, MessageStatus.Read));
        Assert.Equal(MessageState.Retrying, (await old.ReadAsync(message, CancellationToken.None))!.Message.State);
    }

    [Fact]
    public async Task Takeover_marks_what_was_released_and_not_answered()
    {
        var old = await TakeAsync();
        var waiting = await old.AddOutboundAsync("text", "{}", "", "test");
        var released = await old.AddOutboundAsync("text", "{}", "", "test");
        var answered = await old.AddOutboundAsync("text", "{}", "", "test");
        await old.ReleaseAsync(released, 1, TimeSpan.FromMinutes(10), Day);
        await old.ReleaseAsync(answered, 1, TimeSpan.FromMinutes(10), Day);
        await SeeAsync(old, answered, MessageStatus.Delivered);

        var (next, _, due) = await TakenAsync();

        Assert.Equal(MessageState.Retrying, await StateAsync(next, waiting));
        Assert.Equal(MessageState.Uncertain, await StateAsync(next, released));
        Assert.Equal(MessageState.Delivered, await StateAsync(next, answered));
        Assert.Equal([new DueMessage(waiting, PendingKind.Retry, 0)], due);
        Assert.Equal(due, await next.ReadDueAsync(CancellationToken.None));
    }

    [Fact]
    public async Task A_release_may_be_repeated_but_not_after_the_attempt_has_ended()
    {
        var ledger = await TakeAsync();
        var message = await ledger.AddOutboundAsync("text", "{}", "", "test");
        Assert.Equal(ReleaseAnswer.Released, await ledger.ReleaseAsync(message, 1, TimeSpan.FromMinutes(10), Day));
        Assert.Equal(ReleaseAnswer.Released, await ledger.ReleaseAsync(message, 1, TimeSpan.FromMinutes(10), Day));
        Assert.Equal(MessageState.InFlight, await StateAsync(ledger, message));

        await ledger.MergeAsync(message, record => record.EndAttempt(1, MessageState.Retrying, 130472, "not now"), _ => TimeSpan.Zero);
        Assert.Equal(ReleaseAnswer.NotWaiting, await ledger.ReleaseAsync(message, 1, TimeSpan.FromMinutes(10), Day));
        Assert.Equal(MessageState.Retrying, await StateAsync(ledger, message));
        Assert.Equal([new DueMessage(message, PendingKind.Retry, 1)], await ledger.ReadDueAsync(CancellationToken.None));

        await SeeAsync(ledger, message, MessageStatus.Delivered);
        Assert.Equal(ReleaseAnswer.NotWaiting, await ledger.ReleaseAsync(message, 2, TimeSpan.FromMinutes(10), Day));
        Assert.Equal(MessageState.Delivered, await StateAsync(ledger, message));
        Assert.Empty(await ledger.ReadDueAsync(CancellationToken.None));
    }

    [Fact]
    public async Task What_was_taken_too_long_ago_is_not_released_and_what_was_released_in_time_stays_so()
    {
        var ledger = await TakeAsync();
        var (late, inTime) = (await ledger.AddOutboundAsync("text", "{}", "", "test"), await ledger.AddOutboundAsync("text", "{}", "", "test"));

        Assert.Equal(ReleaseAnswer.TooLate, await ledger.ReleaseAsync(late, 1, TimeSpan.FromMinutes(10), TimeSpan.Zero));
        Assert.Equal(MessageState.Retrying, await StateAsync(ledger, late));
        Assert.Equal(ReleaseAnswer.Released, await ledger.ReleaseAsync(inTime, 1, TimeSpan.FromMinutes(10), Day));
        Assert.Equal(ReleaseAnswer.Released, await ledger.ReleaseAsync(inTime, 1, TimeSpan.FromMinutes(10), TimeSpan.Zero)); // the answer was lost, and meanwhile it has become late
    }

    [Fact]
    public async Task What_is_postponed_says_why_and_is_due_later_and_what_is_released_cannot_be()
    {
        var ledger = await TakeAsync();
        var (waiting, released) = (await ledger.AddOutboundAsync("text", "{}", "", "test"), await ledger.AddOutboundAsync("text", "{}", "", "test"));
        await ledger.ReleaseAsync(released, 1, TimeSpan.Zero, Day);

        await ledger.PostponeAsync(waiting, 0, "the number is stopped", TimeSpan.FromMinutes(1));
        await ledger.PostponeAsync(released, 1, "the number is stopped", TimeSpan.FromMinutes(1));

        Assert.Equal((MessageState.Retrying, "the number is stopped"), await ReasonAsync(waiting));
        Assert.Equal((MessageState.InFlight, null), await ReasonAsync(released));
        Assert.Equal([released], (await ledger.ReadDueAsync(CancellationToken.None)).Select(due => due.Id)); // its time to hear of it is over
        await ledger.PostponeAsync(waiting, 1, "the number is stopped", TimeSpan.Zero); // as who has heard nothing of an attempt since
        Assert.Single(await ledger.ReadDueAsync(CancellationToken.None));
        await ledger.PostponeAsync(waiting, 0, "the number is stopped", TimeSpan.Zero); // for the same reason as before
        Assert.Equal([waiting, released], (await ledger.ReadDueAsync(CancellationToken.None)).Select(due => due.Id));

        async Task<(MessageState, string?)> ReasonAsync(long message)
        {
            var stored = (await ledger.ReadAsync(message, CancellationToken.None))!.Message;
            return (stored.State, stored.ErrorDetail);
        }
    }

    [Fact]
    public async Task A_message_that_comes_again_is_stored_once()
    {
        var ledger = await TakeAsync();

        Assert.Equal(2, await ledger.AddInboundAsync([Inbound("wamid.1"), Inbound("wamid.2"), Inbound("wamid.1")], DateTimeOffset.UtcNow));
        Assert.Equal(1, await ledger.AddInboundAsync([Inbound("wamid.2"), Inbound("wamid.3")], DateTimeOffset.UtcNow));
        Assert.Equal(0, await ledger.AddInboundAsync([Inbound("wamid.3")], DateTimeOffset.UtcNow));
    }

    [Fact]
    public async Task The_service_window_is_handed_on_to_the_next_owner()
    {
        var until = new DateTimeOffset(2026, 11, 24, 9, 30, 0, TimeSpan.Zero);
        Assert.Null((await TakenAsync()).WindowUntil);

        await (await TakeAsync()).AddInboundAsync([Inbound("wamid.1")], until);
        await (await TakeAsync()).AddInboundAsync([Inbound("wamid.0")], until.AddHours(-1));

        Assert.Equal(until, (await TakenAsync()).WindowUntil);
    }

    private Task<TakenConversation> TakenAsync() =>
        _store.TakeAsync(Id, new PhoneNumberId(SampleAccount.Number), "61491570006", "test", TimeSpan.FromMinutes(10), CancellationToken.None);

    private async Task<ConversationLedger> TakeAsync() => (await TakenAsync()).Ledger;

    private static Task<MessageRecord?> SeeAsync(ConversationLedger ledger, long message, MessageStatus status) =>
        ledger.MergeAsync(message, record => record.See(status, "wamid.out", DateTimeOffset.UnixEpoch, null, null), _ => TimeSpan.Zero);

    private static async Task<MessageState> StateAsync(ConversationLedger ledger, long message) => (await ledger.ReadAsync(message, CancellationToken.None))!.Message.State;

    private static ConversationInbound Inbound(string wamid) => new(wamid, "text", "{}", "hello", "Asha", DateTimeOffset.UnixEpoch, true, null, null);
}

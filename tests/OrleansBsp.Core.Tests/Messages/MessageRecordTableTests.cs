using OrleansBsp.Core.Messages;

namespace OrleansBsp.Core.Tests.Messages;

/// <summary>Every state of a message × everything that can become known of it. The message is in its second attempt.</summary>
public class MessageRecordTableTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    //                             accepted    held      sent      failed    delivered read
    [InlineData("InFlight",       "Accepted    Held      Sent      Failed    Delivered Read")]
    [InlineData("Retrying",       "Accepted    Held      Sent      Failed    Delivered Read")]
    [InlineData("Uncertain",      "Accepted    Held      Sent      Failed    Delivered Read")]
    [InlineData("Unknown",        "Accepted    Held      Sent      Failed    Delivered Read")]
    [InlineData("Refused",        "Accepted    Held      Sent      Failed    Delivered Read")]
    [InlineData("Skipped",        "Accepted    Held      Sent      Failed    Delivered Read")]
    [InlineData("Expired",        "Accepted    Held      Sent      Failed    Delivered Read")]
    [InlineData("Cancelled",      "Accepted    Held      Sent      Failed    Delivered Read")]
    [InlineData("Accepted",       "Accepted    Held      Sent      Failed    Delivered Read")]
    [InlineData("Held",           "Held        Held      Sent      Failed    Delivered Read")]
    [InlineData("Sent",           "Sent        Sent      Sent      Failed    Delivered Read")]
    [InlineData("Failed",         "Failed      Failed    Failed    Failed    Delivered Read")]
    [InlineData("Delivered",      "Delivered   Delivered Delivered Delivered Delivered Read")]
    [InlineData("Read",           "Read        Read      Read      Read      Read      Read")]
    public void Knowledge_that_Meta_took_it(string from, string expected) => AssertRow(from, expected,
        message => message.Accept("w", null, held: false, Noon),
        message => message.Accept("w", null, held: true, Noon),
        message => message.See(MessageStatus.Sent, "w", Noon, null, null),
        message => message.See(MessageStatus.Failed, "w", Noon, 131049, "not delivered"),
        message => message.See(MessageStatus.Delivered, "w", Noon, null, null),
        message => message.See(MessageStatus.Read, "w", Noon, null, null));

    [Theory]
    //                             retrying    uncertain refused   | of the first attempt: retrying, uncertain, refused
    [InlineData("InFlight",       "Retrying    Uncertain Refused   InFlight  InFlight  InFlight")]
    [InlineData("Retrying",       "Retrying    Retrying  Refused   Retrying  Retrying  Retrying")]
    [InlineData("Uncertain",      "Retrying    Uncertain Refused   Uncertain Uncertain Uncertain")]
    [InlineData("Unknown",        "Unknown     Unknown   Unknown   Unknown   Unknown   Unknown")]
    [InlineData("Refused",        "Refused     Refused   Refused   Refused   Refused   Refused")]
    [InlineData("Skipped",        "Skipped     Skipped   Skipped   Skipped   Skipped   Skipped")]
    [InlineData("Expired",        "Expired     Expired   Expired   Expired   Expired   Expired")]
    [InlineData("Cancelled",      "Cancelled   Cancelled Cancelled Cancelled Cancelled Cancelled")]
    [InlineData("Accepted",       "Accepted    Accepted  Accepted  Accepted  Accepted  Accepted")]
    [InlineData("Held",           "Held        Held      Held      Held      Held      Held")]
    [InlineData("Sent",           "Sent        Sent      Sent      Sent      Sent      Sent")]
    [InlineData("Failed",         "Failed      Failed    Failed    Failed    Failed    Failed")]
    [InlineData("Delivered",      "Delivered   Delivered Delivered Delivered Delivered Delivered")]
    [InlineData("Read",           "Read        Read      Read      Read      Read      Read")]
    public void End_of_an_attempt(string from, string expected) => AssertRow(from, expected,
        message => message.EndAttempt(2, MessageState.Retrying, 130429, "slow down"),
        message => message.EndAttempt(2, MessageState.Uncertain, null, "time-out"),
        message => message.EndAttempt(2, MessageState.Refused, 131026, "undeliverable"),
        message => message.EndAttempt(1, MessageState.Retrying, 130429, "slow down"),
        message => message.EndAttempt(1, MessageState.Uncertain, null, "time-out"),
        message => message.EndAttempt(1, MessageState.Refused, 131026, "undeliverable"));

    [Theory]
    //                             refused for now: 1st refusal, last of one, of the first attempt
    [InlineData("InFlight",       "Retrying    Refused   InFlight")]
    [InlineData("Retrying",       "Retrying    Retrying  Retrying")]
    [InlineData("Uncertain",      "Retrying    Refused   Uncertain")]
    [InlineData("Unknown",        "Unknown     Unknown   Unknown")]
    [InlineData("Refused",        "Refused     Refused   Refused")]
    [InlineData("Skipped",        "Skipped     Skipped   Skipped")]
    [InlineData("Expired",        "Expired     Expired   Expired")]
    [InlineData("Cancelled",      "Cancelled   Cancelled Cancelled")]
    [InlineData("Accepted",       "Accepted    Accepted  Accepted")]
    [InlineData("Held",           "Held        Held      Held")]
    [InlineData("Sent",           "Sent        Sent      Sent")]
    [InlineData("Failed",         "Failed      Failed    Failed")]
    [InlineData("Delivered",      "Delivered   Delivered Delivered")]
    [InlineData("Read",           "Read        Read      Read")]
    public void Refusal_for_the_moment(string from, string expected) => AssertRow(from, expected,
        message => message.RefuseForNow(2, 12, 131057, "in maintenance"),
        message => message.RefuseForNow(2, 1, 131057, "in maintenance"),
        message => message.RefuseForNow(1, 1, 131057, "in maintenance"));

    [Theory]
    //                             released: 3rd, 2nd, 1st        | given up: unknown, expired, cancelled, skipped
    [InlineData("InFlight",       "InFlight  InFlight  InFlight   InFlight  InFlight  InFlight  InFlight")]
    [InlineData("Retrying",       "InFlight  Retrying  Retrying   Retrying  Expired   Cancelled Skipped")]
    [InlineData("Uncertain",      "InFlight  Uncertain Uncertain  Unknown   Uncertain Uncertain Uncertain")]
    [InlineData("Unknown",        "Unknown   Unknown   Unknown    Unknown   Unknown   Unknown   Unknown")]
    [InlineData("Refused",        "Refused   Refused   Refused    Refused   Refused   Refused   Refused")]
    [InlineData("Skipped",        "Skipped   Skipped   Skipped    Skipped   Skipped   Skipped   Skipped")]
    [InlineData("Expired",        "Expired   Expired   Expired    Expired   Expired   Expired   Expired")]
    [InlineData("Cancelled",      "Cancelled Cancelled Cancelled  Cancelled Cancelled Cancelled Cancelled")]
    [InlineData("Accepted",       "Accepted  Accepted  Accepted   Accepted  Accepted  Accepted  Accepted")]
    [InlineData("Held",           "Held      Held      Held       Held      Held      Held      Held")]
    [InlineData("Sent",           "Sent      Sent      Sent       Sent      Sent      Sent      Sent")]
    [InlineData("Failed",         "Failed    Failed    Failed     Failed    Failed    Failed    Failed")]
    [InlineData("Delivered",      "Delivered Delivered Delivered  Delivered Delivered Delivered Delivered")]
    [InlineData("Read",           "Read      Read      Read       Read      Read      Read      Read")]
    public void Decisions_of_ours(string from, string expected) => AssertRow(from, expected,
        message => message.ReleaseAgain(3),
        message => message.ReleaseAgain(2),
        message => message.ReleaseAgain(1),
        message => message.GiveUp(MessageState.Unknown, "no status came"),
        message => message.GiveUp(MessageState.Expired, "too late"),
        message => message.GiveUp(MessageState.Cancelled, "the campaign was cancelled"),
        message => message.GiveUp(MessageState.Skipped, "the contact has opted out"));

    [Fact]
    public void The_tables_have_every_state() => Assert.Equal(14, Enum.GetValues<MessageState>().Length);

    [Fact]
    public void Accepted_and_settled_states_are_the_ends_of_the_order()
    {
        Assert.Equal("Accepted Held Sent Failed Delivered Read", string.Join(' ', Enum.GetValues<MessageState>().Where(state => state.IsAccepted())));
        Assert.Equal("InFlight Retrying Uncertain", string.Join(' ', Enum.GetValues<MessageState>().Where(state => !state.IsSettled())));
    }

    private static void AssertRow(string from, string expected, params Func<MessageRecord, MessageRecord>[] changes)
    {
        var message = MessageRecord.Released with { State = Enum.Parse<MessageState>(from), Attempt = 2 };
        var states = changes.Select(change => change(message).State);
        Assert.Equal(expected.Split(' ', StringSplitOptions.RemoveEmptyEntries), states.Select(state => state.ToString()));
        // What changes no state leaves the attempt alone too.
        Assert.All(changes.Select(change => change(message)), after => Assert.Equal(after.State == MessageState.InFlight && after != message ? 3 : 2, after.Attempt));
    }
}

using FsCheck.Xunit;
using OrleansBsp.Core.Campaigns;
using OrleansBsp.Core.Messages;

namespace OrleansBsp.Core.Tests.Campaigns;

public class BooksTests
{
    [Fact]
    public void Running_EverythingNotStoredFollowsFromTheCheckpoint()
    {
        var books = Of(planned: 100, released: 40, isCancelled: false, (MessageState.Sent, 10), (MessageState.Retrying, 2), (MessageState.Skipped, 3));
        Assert.Equal((60, 25, 0, 10), (books.NotReleased, books.InFlight, books.Cancelled, books.Accepted));
        Assert.Null(books.FindFault());
        Assert.False(books.IsComplete);
    }

    [Fact]
    public void Cancelled_WhatWasNotReleasedIsCancelledToo()
    {
        var books = Of(planned: 100, released: 40, isCancelled: true, (MessageState.Read, 38), (MessageState.Cancelled, 2));
        Assert.Equal((0, 0, 62), (books.NotReleased, books.InFlight, books.Cancelled));
        Assert.Null(books.FindFault());
        Assert.True(books.IsComplete);
    }

    [Fact]
    public void Accepted_IsEveryStateThatMetaTook()
    {
        var books = Of(6, 6, false, (MessageState.Accepted, 1), (MessageState.Held, 1), (MessageState.Sent, 1),
            (MessageState.Failed, 1), (MessageState.Delivered, 1), (MessageState.Read, 1));
        Assert.Equal(6, books.Accepted);
        Assert.True(books.IsComplete);
    }

    [Theory]
    [InlineData(MessageState.Retrying, false)]
    [InlineData(MessageState.Uncertain, false)]
    [InlineData(MessageState.Unknown, true)]
    [InlineData(MessageState.Refused, true)]
    [InlineData(MessageState.Skipped, true)]
    [InlineData(MessageState.Expired, true)]
    [InlineData(MessageState.Cancelled, true)]
    [InlineData(MessageState.Accepted, true)]
    [InlineData(MessageState.Held, true)]
    [InlineData(MessageState.Sent, true)]
    [InlineData(MessageState.Failed, true)]
    [InlineData(MessageState.Delivered, true)]
    [InlineData(MessageState.Read, true)]
    public void IsComplete_LastMessageInState_WaitsForTheOpenOnes(MessageState last, bool complete) =>
        Assert.Equal(complete, Of(1, 1, false, (last, 1)).IsComplete);

    [Fact]
    public void IsComplete_OneInFlightOrNotReleased_IsFalse()
    {
        Assert.False(Of(3, 3, false, (MessageState.Read, 2)).IsComplete);
        Assert.False(Of(3, 3, true, (MessageState.Read, 2)).IsComplete);
        Assert.False(Of(3, 2, false, (MessageState.Read, 2)).IsComplete);
        Assert.True(Of(3, 2, true, (MessageState.Read, 2)).IsComplete);
    }

    [Theory]
    [InlineData(10, 5, 6, 0, "more outcomes (6) than released recipients (5)")]
    [InlineData(10, 11, 11, 0, "released 11 of 10 planned recipients")]
    [InlineData(10, 5, 5, -1, "-1 messages are Retrying")]
    public void FindFault_BrokenBooks_SaysWhatIsWrong(int planned, int released, int sent, int retrying, string fault)
    {
        Assert.Equal(fault, Of(planned, released, false, (MessageState.Sent, sent), (MessageState.Retrying, retrying)).FindFault());
    }

    /// <summary>Messages wander between all states; the books must balance after each step, running or cancelled.</summary>
    [Property(MaxTest = 300)]
    public bool Any_walk_of_the_messages_keeps_the_books_balanced(byte planned, byte[] steps, bool isCancelled)
    {
        var states = Enum.GetValues<MessageState>();
        var messages = new List<MessageState>();
        var counts = new MessageCounts();
        foreach (var step in steps)
        {
            if (messages.Count < planned && step % 3 == 0) messages.Add(MessageState.InFlight);
            if (messages.Count == 0) continue;
            var (index, to) = (step % messages.Count, states[step / 3 % states.Length]);
            counts.Move(messages[index], to);
            messages[index] = to;
            var books = new Books { Planned = planned, ReleasedThrough = messages.Count, IsCancelled = isCancelled, Counts = counts };
            var stored = messages.Count(state => state == MessageState.Cancelled);
            if (books.FindFault() is not null || books.InFlight != messages.Count(state => state == MessageState.InFlight)
                || books.Accepted != messages.Count(state => state.IsAccepted())
                || books.Cancelled != stored + (isCancelled ? planned - messages.Count : 0)
                || books.NotReleased != (isCancelled ? 0 : planned - messages.Count)) return false;
        }

        return true;
    }

    private static Books Of(int planned, int released, bool isCancelled, params (MessageState State, int Count)[] counts)
    {
        var all = new MessageCounts();
        foreach (var (state, count) in counts) all[state] = count;
        return new Books { Planned = planned, ReleasedThrough = released, IsCancelled = isCancelled, Counts = all };
    }
}

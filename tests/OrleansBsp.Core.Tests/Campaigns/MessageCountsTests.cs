using FsCheck.Xunit;
using OrleansBsp.Core.Campaigns;
using OrleansBsp.Core.Messages;

namespace OrleansBsp.Core.Tests.Campaigns;

public class MessageCountsTests
{
    private static readonly MessageState[] States = Enum.GetValues<MessageState>();

    [Fact]
    public void Counted_is_every_state_but_in_flight() =>
        Assert.Equal(States.Where(state => state != MessageState.InFlight), MessageCounts.Counted);

    [Property(MaxTest = 500)]
    public bool Differences_added_up_are_the_counts_of_the_rows(byte[] steps)
    {
        // Eight messages, moved about; each move is a difference of its own, added to the stored counts.
        var messages = new MessageState[8];
        var stored = new MessageCounts();
        for (var step = 0; step < steps.Length; step++)
        {
            var to = States[steps[step] % States.Length];
            var difference = new MessageCounts();
            difference.Move(messages[step % 8], to);
            if (messages[step % 8] == to != difference.IsZero) return false;
            messages[step % 8] = to;
            stored.Add(difference);
            if (stored.Total != messages.Count(state => state != MessageState.InFlight)) return false;
        }

        return MessageCounts.Counted.All(state => stored[state] == messages.Count(message => message == state));
    }

    [Fact]
    public void IsZero_ForDifferencesThatOnlySumToZero_IsFalse()
    {
        var counts = new MessageCounts();
        counts.Move(MessageState.Sent, MessageState.Read);
        Assert.Equal((0, false), (counts.Total, counts.IsZero));
        counts.Move(MessageState.Read, MessageState.Sent);
        Assert.True(counts.IsZero);
    }
}

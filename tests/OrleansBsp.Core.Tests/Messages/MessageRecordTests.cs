using OrleansBsp.Core.Messages;

namespace OrleansBsp.Core.Tests.Messages;

/// <summary>The corners of <see cref="MessageRecord"/> that are easy to get wrong, each by itself.</summary>
public class MessageRecordTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void EndAttempt_UncertainAfterProofThatMetaDidNotTakeIt_KeepsTheProof()
    {
        var refusedForNow = MessageRecord.Released.EndAttempt(1, MessageState.Retrying, 130429, "slow down");
        Assert.Equal(refusedForNow, refusedForNow.EndAttempt(1, MessageState.Uncertain, null, "the sender was stopped"));
    }

    [Fact]
    public void EndAttempt_ProofAfterUncertain_SettlesTheDoubt()
    {
        var uncertain = MessageRecord.Released.EndAttempt(1, MessageState.Uncertain, null, "the sender was stopped");
        Assert.Equal(MessageState.Refused, uncertain.EndAttempt(1, MessageState.Refused, 131026, "undeliverable").State);
        Assert.Equal(MessageState.Retrying, uncertain.EndAttempt(1, MessageState.Retrying, null, "never sent").State);
    }

    [Fact]
    public void EndAttempt_UncertainLaterAttemptAfterRetrying_IsUncertain() =>
        Assert.Equal(MessageState.Uncertain, Retrying().EndAttempt(2, MessageState.Uncertain, null, "time-out").State);

    private static MessageRecord Retrying() => MessageRecord.Released.EndAttempt(1, MessageState.Retrying, 130429, "slow down");
}

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

    [Theory]
    [InlineData(MessageState.Unknown)]
    [InlineData(MessageState.Skipped)]
    [InlineData(MessageState.Expired)]
    [InlineData(MessageState.Cancelled)]
    public void GiveUp_WhileAnAttemptIsInFlight_ChangesNothing(MessageState state)
    {
        // Its timer ran out just as it was released again: it is being sent, and its answer will say what became of it.
        var again = Retrying().ReleaseAgain(2);
        Assert.Equal(again, again.GiveUp(state, "the campaign was cancelled"));
        Assert.Equal(MessageState.Uncertain, again.GiveUp(state, "").EndAttempt(2, MessageState.Uncertain, null, "time-out").State);
    }

    [Theory]
    [InlineData(MessageState.Skipped)]
    [InlineData(MessageState.Expired)]
    [InlineData(MessageState.Cancelled)]
    public void GiveUp_UncertainAsNotSent_ChangesNothing(MessageState state)
    {
        var uncertain = MessageRecord.Released.EndAttempt(1, MessageState.Uncertain, null, "time-out");
        Assert.Equal(uncertain, uncertain.GiveUp(state, "the campaign was cancelled"));
    }

    [Fact]
    public void GiveUp_WhatMetaProvablyDidNotTakeAsUnknown_ChangesNothing() =>
        Assert.Equal(Retrying(), Retrying().GiveUp(MessageState.Unknown, "no status came"));

    [Fact]
    public void GiveUp_AfterALateStatus_ChangesNothing()
    {
        var sent = MessageRecord.Released.EndAttempt(1, MessageState.Uncertain, null, "time-out").See(MessageStatus.Sent, "w", Noon, null, null);
        Assert.Equal(sent, sent.GiveUp(MessageState.Unknown, "no status came"));
    }

    [Theory]
    [InlineData(MessageState.Skipped)]
    [InlineData(MessageState.Expired)]
    [InlineData(MessageState.Cancelled)]
    public void GiveUp_OnPurpose_ForgetsTheCodeOfAnEarlierAttempt(MessageState state)
    {
        var given = Retrying().GiveUp(state, "the campaign was cancelled");
        Assert.Equal((state, null, "the campaign was cancelled"), (given.State, given.ErrorCode, given.ErrorDetail));
    }

    [Fact]
    public void GiveUp_Unknown_KeepsTheCodeThatMadeItUncertain()
    {
        var unknown = MessageRecord.Released.EndAttempt(1, MessageState.Uncertain, 131000, "something went wrong").GiveUp(MessageState.Unknown, "no status came");
        Assert.Equal((MessageState.Unknown, 131000, "no status came"), (unknown.State, unknown.ErrorCode, unknown.ErrorDetail));
    }

    private static MessageRecord Retrying() => MessageRecord.Released.EndAttempt(1, MessageState.Retrying, 130429, "slow down");
}

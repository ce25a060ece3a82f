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

    [Theory]
    [InlineData(null, null, "cannot be sent within 48 hours")]
    [InlineData(null, "the number is stopped", "cannot be sent within 48 hours; last: the number is stopped")]
    [InlineData(131049, "not now", "cannot be sent within 48 hours; last: not now")]
    [InlineData(131049, "", "cannot be sent within 48 hours; last: Meta chose not to deliver (too much marketing)")]
    public void Expire_WhatWaits_SaysWhatItWaitedForAndKeepsTheCode(int? code, string? detail, string reason)
    {
        var expired = (Retrying() with { ErrorCode = code, ErrorDetail = detail }).Expire(TimeSpan.FromHours(48));
        Assert.Equal((MessageState.Expired, code, reason), (expired.State, expired.ErrorCode, expired.ErrorDetail));
        Assert.Equal(expired, expired.Expire(TimeSpan.FromHours(1)));
    }

    [Theory]
    [MemberData(nameof(AllButRetrying))]
    public void Expire_WhatMetaMayHaveOrWhatHasEnded_ChangesNothing(MessageState state)
    {
        var message = Retrying() with { State = state };
        Assert.Equal(message, message.Expire(TimeSpan.FromHours(48)));
    }

    public static TheoryData<MessageState> AllButRetrying() => [.. Enum.GetValues<MessageState>().Where(state => state != MessageState.Retrying)];

    [Fact]
    public void GiveUp_Unknown_KeepsTheCodeThatMadeItUncertain()
    {
        var unknown = MessageRecord.Released.EndAttempt(1, MessageState.Uncertain, 131000, "something went wrong").GiveUp(MessageState.Unknown, "no status came");
        Assert.Equal((MessageState.Unknown, 131000, "no status came"), (unknown.State, unknown.ErrorCode, unknown.ErrorDetail));
    }

    [Fact]
    public void Accept_AfterAFailedStatus_StaysFailedWithItsReason()
    {
        var failed = Failed(131049, Noon);
        var accepted = failed.Accept("w", "919", held: false, Noon);
        Assert.Equal(failed with { WaId = "919", AcceptedAt = Noon }, accepted);
    }

    [Theory]
    [InlineData(MessageStatus.Delivered)]
    [InlineData(MessageStatus.Read)]
    public void See_DeliveredOrReadBesideFailed_HasNoErrorInEitherOrder(MessageStatus status)
    {
        var failedFirst = Failed(131049, Noon).See(status, "w", Noon, null, null);
        var failedLast = MessageRecord.Released.See(status, "w", Noon, null, null).See(MessageStatus.Failed, "w", Noon, 131049, "not delivered");
        Assert.Equal(failedFirst, failedLast);
        Assert.Equal((null, null, Noon), (failedFirst.ErrorCode, failedFirst.ErrorDetail, failedFirst.FailedAt));
    }

    [Fact]
    public void See_TwoFailuresWithDifferentCodes_TheEarlierExplains()
    {
        var earlierFirst = Failed(131026, Noon).See(MessageStatus.Failed, "w", Noon.AddSeconds(1), 131049, "later");
        var laterFirst = Failed(131049, Noon.AddSeconds(1)).See(MessageStatus.Failed, "w", Noon, 131026, "not delivered");
        Assert.Equal(131026, earlierFirst.ErrorCode);
        Assert.Equal(earlierFirst, laterFirst);
    }

    [Fact]
    public void See_TwoFailuresOfTheSameSecond_AreTheSameInEitherOrder()
    {
        var one = Failed(131026, Noon).See(MessageStatus.Failed, "w", Noon, 131049, "not delivered").See(MessageStatus.Failed, "w", Noon, null, null);
        var other = MessageRecord.Released.See(MessageStatus.Failed, "w", Noon, null, null)
            .See(MessageStatus.Failed, "w", Noon, 131049, "not delivered").See(MessageStatus.Failed, "w", Noon, 131026, "not delivered");
        Assert.Equal(one, other);
    }

    [Fact]
    public void See_TwoMessagesForOneRecipient_KeepsTheWamidThatWasKnownFirst()
    {
        // After a repeated uncertain send Meta may have taken both. The furthest of both counts; the name we gave out does not change.
        var both = MessageRecord.Released.EndAttempt(1, MessageState.Uncertain, null, "time-out").ReleaseAgain(2)
            .Accept("second", null, held: false, Noon).See(MessageStatus.Delivered, "first", Noon, null, null);
        Assert.Equal((MessageState.Delivered, "second"), (both.State, both.Wamid));
    }

    [Fact]
    public void See_StatusOfAnEarlierAttemptWhileTheNextIsInFlight_SettlesIt()
    {
        var settled = MessageRecord.Released.EndAttempt(1, MessageState.Uncertain, null, "time-out").ReleaseAgain(2).See(MessageStatus.Sent, "w", Noon, null, null);
        Assert.Equal(settled, settled.EndAttempt(2, MessageState.Retrying, 130429, "slow down"));
        Assert.Equal(settled, settled.ReleaseAgain(3));
    }

    private static MessageRecord Retrying() => MessageRecord.Released.EndAttempt(1, MessageState.Retrying, 130429, "slow down");

    private static MessageRecord Failed(int code, DateTimeOffset at) => MessageRecord.Released.See(MessageStatus.Failed, "w", at, code, "not delivered");
}

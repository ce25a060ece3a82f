using OrleansBsp.Core.Messages;
using OrleansBsp.Server.Campaigns;

namespace OrleansBsp.Server.Tests.Campaigns;

/// <summary>A message is given up when Meta has refused it for the moment too often. What waits for a rate, a connection or a queue has not been refused.</summary>
public sealed class AttemptLimitTests
{
    private const int Most = 12;
    private static readonly DateTimeOffset Noon = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    private static readonly SendOutcome Maintenance = Answer(131057);

    public static TheoryData<string, int?> Waits => new() { { "late in the queue, or no connection", null }, { "the number's throughput", 130429 }, { "a paused template", 132015 } };

    [Theory]
    [MemberData(nameof(Waits))]
    public void The_first_refusal_after_many_waits_is_the_first(string what, int? code)
    {
        var message = After(Enumerable.Repeat(code is { } known ? Answer(known) : SendOutcome.NotSent(what), 40).Append(Maintenance));
        Assert.Equal((MessageState.Retrying, 41), (message.State, message.Attempt));
    }

    [Fact]
    public void Whoever_is_refused_as_often_as_allowed_is_given_up_whatever_lies_between()
    {
        var outcomes = Enumerable.Range(0, Most).SelectMany(_ => (SendOutcome[])[SendOutcome.NotSent("late"), Answer(130429), Maintenance]).ToList();
        var last = After(outcomes);
        Assert.Equal((MessageState.Refused, 131057, "given up after 12 refusals: not now"), (last.State, last.ErrorCode, last.ErrorDetail));
        Assert.Equal((MessageState.Retrying, Most - 1), (After(outcomes.SkipLast(1)).State, After(outcomes.SkipLast(1)).Refusals));
    }

    [Fact]
    public void What_is_told_twice_of_an_attempt_counts_once()
    {
        var refused = new AttemptEnded(1, 1, 919876543210, Maintenance, Noon, 2);
        var message = refused.ApplyTo(refused.ApplyTo(MessageRecord.Released));
        Assert.Equal((MessageState.Retrying, 1), (message.State, message.Refusals));
    }

    /// <summary>131056: one message too many to one person; 1, 4, 16 … seconds.</summary>
    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 4)]
    [InlineData(3, 64)]
    public void Waits_grow_with_refusals_and_not_with_attempts(int refusalsBefore, int seconds)
    {
        var before = Enumerable.Repeat(SendOutcome.NotSent("late"), 20).Concat(Enumerable.Repeat(Maintenance, refusalsBefore)).ToList();
        var attempt = before.Count + 1;
        // As the poster says: it knows of 21 attempts and more.
        var outcome = SendAnswer.Read(400, Body(131056), attempt, 0);
        Assert.Equal(TimeSpan.FromSeconds(1024), ((SendOutcome.Retry)outcome).After);

        var batch = RecordedBatch.Merge(
            [new AttemptEnded(1, attempt, 919876543210, outcome, Noon, Most)],
            new Dictionary<int, MessageRecord> { [1] = After(before).ReleaseAgain(attempt) }, TimeSpan.FromMinutes(10));

        var timer = Assert.Single(batch.Timers);
        Assert.Equal((attempt, refusalsBefore + 1), (timer.Attempt, timer.Refusals));
        Assert.InRange(timer.Wait.TotalSeconds, seconds, seconds * 1.25);
    }

    private static MessageRecord After(IEnumerable<SendOutcome> outcomes)
    {
        var (message, attempt) = (MessageRecord.Released, 0);
        foreach (var outcome in outcomes)
        {
            attempt++;
            message = new AttemptEnded(1, attempt, 919876543210, outcome, Noon, Most).ApplyTo(message.ReleaseAgain(attempt));
        }

        return message;
    }

    private static SendOutcome Answer(int code) => SendAnswer.Read(400, Body(code), 1, 0);

    private static byte[] Body(int code) => System.Text.Encoding.UTF8.GetBytes($$$"""{"error":{"code":{{{code}}},"message":"not now"}}""");
}

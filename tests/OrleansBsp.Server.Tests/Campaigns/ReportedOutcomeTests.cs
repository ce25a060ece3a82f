using System.Net.Http.Headers;
using OrleansBsp.Core.Messages;
using OrleansBsp.Server.Campaigns.Sending;

namespace OrleansBsp.Server.Tests.Campaigns;

/// <summary>Orders and outcomes on their way between processes: what arrives is what left.</summary>
public sealed class ReportedOutcomeTests
{
    private static readonly SendOrder Order = new(
        SendOrder.Current, 1001, 77, 5, 2, "118233907745512", "104829366712045", 919876543210, 80, new DateTime(2026, 11, 22, 10, 0, 0, 123, DateTimeKind.Utc).AddMicroseconds(456), 7,
        """{"text":"नमस्ते 🙂 \u0001 \uFFFE"}""");

    public static TheoryData<string> Answers =>
    [
        """200 {"messaging_product":"whatsapp","contacts":[{"input":"1","wa_id":"919876543210"}],"messages":[{"id":"wamid.1"}]}""",
        """200 {"messages":[{"id":"wamid.2","message_status":"held_for_quality_assessment"}]}""",
        """400 {"error":{"code":131026,"message":"no","fbtrace_id":"T"}}""",
        """400 {"error":{"code":130429,"message":"slow"}}""",
        """400 {"error":{"code":132015,"message":"paused"}}""",
        """401 {"error":{"code":190,"message":"expired"}}""",
        """400 {"error":{"code":4711,"message":"unheard of"}}""",
        """429 {}""",
        """500 oops""",
        """400 oops""",
    ];

    [Theory]
    [MemberData(nameof(Answers))]
    public void An_outcome_arrives_as_it_left(string answer)
    {
        var outcome = SendAnswer.Read(int.Parse(answer[..3]), System.Text.Encoding.UTF8.GetBytes(answer[4..]), 2, 0.5);
        var token = new AuthenticationHeaderValue("Bearer", "secret");

        var reported = ReportedOutcome.From(Order, outcome, wasPosted: true, token);

        Assert.Equal(outcome, reported.ToOutcome());
        Assert.DoesNotContain("secret", reported.ToString());
        Assert.Equal(ReportedOutcome.PrintOf(token), reported.TokenPrint);
    }

    [Fact]
    public void Outcomes_without_an_answer_arrive_as_they_left() => Assert.All(
        [SendOutcome.NotSent("no way", 3, 0.5), SendOutcome.NotSendable("no data"), SendOutcome.NoAnswer("nothing came")],
        outcome => Assert.Equal(outcome, ReportedOutcome.From(Order, outcome, wasPosted: false, null).ToOutcome()));

    [Fact]
    public void An_order_arrives_as_it_left_in_plain_ascii()
    {
        var text = Order.ToText();
        Assert.Equal(Order, SendOrder.ParseOrNull(text));
        Assert.All(text, character => Assert.InRange(character, ' ', '~'));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("not json")]
    [InlineData("""{"version":2,"campaign":1,"position":1,"attempt":1,"number":"1","waba":"1","limit":1,"moment":"2026-11-22T10:00:00Z","body":"{}"}""")]
    [InlineData("""{"version":1,"campaign":1,"position":0,"attempt":1,"number":"1","waba":"1","limit":1,"moment":"2026-11-22T10:00:00Z","body":"{}"}""")]
    [InlineData("""{"version":1,"campaign":1,"position":1,"attempt":1,"number":"1","waba":"1","limit":1,"moment":"2026-11-22T10:00:00","body":"{}"}""")]
    public void What_is_no_order_is_said_to_be_none(string text) => Assert.Null(SendOrder.ParseOrNull(text));
}

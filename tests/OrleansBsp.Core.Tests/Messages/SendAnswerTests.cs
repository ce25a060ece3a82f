using System.Text;
using FsCheck.Xunit;
using OrleansBsp.Core.Messages;

namespace OrleansBsp.Core.Tests.Messages;

public class SendAnswerTests
{
    private const string Ok = """
        {"messaging_product":"whatsapp","contacts":[{"input":"+61491570006","wa_id":"61491570006"}],"messages":[{"id":"wamid.HBgL","message_status":"accepted"}]}
        """;

    private static SendOutcome Read(int status, string body, int attempt = 1) =>
        SendAnswer.Read(status, Encoding.UTF8.GetBytes(body), attempt, 0);

    private static string Error(string code, string rest = "") => $$$"""{"error":{"message":"(#x) words","type":"OAuthException","code":{{{code}}}{{{rest}}},"fbtrace_id":"Az8"}}""";

    [Fact]
    public void An_accepted_send_gives_wamid_and_wa_id() =>
        Assert.Equal(new SendOutcome.Accepted("wamid.HBgL", "61491570006", null, false), Read(200, Ok));

    [Theory]
    [InlineData(131061, true)]
    [InlineData(131063, false)] // the account's settings may change
    [InlineData(132000, true)]
    [InlineData(132001, true)]
    [InlineData(132007, true)]
    [InlineData(132015, false)] // a paused template is sent again by itself
    [InlineData(132016, true)]
    [InlineData(132068, false)]
    [InlineData(190, false)] // the token can be mended, and the message is right
    public void A_single_message_that_is_wrong_itself_is_refused_where_a_campaign_would_wait(int code, bool isRefused)
    {
        var outcome = Read(400, Error($"{code}"));

        Assert.IsType<SendOutcome.Blocked>(outcome);
        Assert.Equal(isRefused, outcome.ForSingle is SendOutcome.Refused);
        Assert.Equal(outcome.Problem, outcome.ForSingle.Problem);
    }

    [Theory]
    [InlineData("""{"contacts":[{"input":"AU.1","user_id":"AU.1"}],"messages":[{"id":"w"}]}""", null, "AU.1", false)]
    [InlineData("""{"contacts":[{"input":"+1","wa_id":"1","user_id":"AU.1"}],"messages":[{"id":"w","message_status":"held_for_quality_assessment"}]}""", "1", "AU.1", true)]
    [InlineData("""{"contacts":[],"messages":[{"id":"w","message_status":"paused"}]}""", null, null, true)]
    [InlineData("""{"contacts":"?","messages":[{"id":"w","message_status":7}]}""", null, null, false)]
    [InlineData("""{"messages":[{"id":"w","group_id":"g"}]}""", null, null, false)]
    public void An_accepted_send_may_lack_most_of_it(string body, string? waId, string? userId, bool held) =>
        Assert.Equal(new SendOutcome.Accepted("w", waId, userId, held), Read(200, body));

    [Theory]
    [InlineData("")]
    [InlineData("OK")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"success":true}""")]
    [InlineData("""{"messages":[]}""")]
    [InlineData("""{"messages":[{}]}""")]
    [InlineData("""{"messages":[{"id":""}]}""")]
    [InlineData("""{"messages":[{"id":null}]}""")]
    [InlineData("""{"messages":[7]}""")]
    [InlineData("""{"messages":[{"id":"wamid.HBgL","message_st""")]
    [InlineData("<html>hello</html>")]
    public void A_200_without_a_wamid_is_uncertain(string body) => Assert.IsType<SendOutcome.Uncertain>(Read(200, body));

    [Fact]
    public void A_wamid_under_a_failing_status_is_uncertain()
    {
        Assert.IsType<SendOutcome.Uncertain>(Read(400, Ok));
        Assert.IsType<SendOutcome.Uncertain>(Read(500, Ok));
    }

    [Theory]
    [InlineData(400)]
    [InlineData(429)]
    [InlineData(200)]
    [InlineData(500)]
    public void The_code_decides_under_any_status(int status)
    {
        var retry = Assert.IsType<SendOutcome.Retry>(Read(status, Error("130429"), attempt: 3));
        Assert.Equal(TimeSpan.FromSeconds(4), retry.After);
        Assert.IsType<SendOutcome.Uncertain>(Read(status, Error("131000")));
        Assert.IsType<SendOutcome.Refused>(Read(status, Error("131026")));
        Assert.IsType<SendOutcome.Blocked>(Read(status, Error("132015")));
        Assert.IsType<SendOutcome.Blocked>(Read(status, Error("190", """, "error_subcode":463""")));
    }

    [Theory]
    [MemberData(nameof(AllCodes))]
    public void Only_codes_refused_before_processing_are_repeated(int code)
    {
        var rule = MetaErrorTable.FindOrNull(code)!;
        var outcome = Read(400, Error(code.ToString()));

        Assert.Equal(rule.IsSafeToRepeat, outcome is SendOutcome.Retry);
        Assert.Equal(rule.StopsSending, outcome is SendOutcome.Blocked);
        Assert.Equal(code is 1 or 2 or 131000 or 131016 or 133004, outcome is SendOutcome.Uncertain);
    }

    public static TheoryData<int> AllCodes => [.. MetaErrorTable.Rules.Select(rule => rule.Code)];

    [Theory]
    [InlineData(""", "error_data":{"messaging_product":"whatsapp","details":"In words."}""", "In words.")]
    [InlineData(""", "error_data":"In words."  """, "In words.")]
    [InlineData(""", "error_data":{"details":7}""", "7")]
    [InlineData(""", "error_data":{}, "error_user_msg":"For the user"  """, "For the user")]
    [InlineData(""", "error_data":null""", "(#x) words")]
    [InlineData(""", "error_data":[1]""", "(#x) words")]
    [InlineData("", "(#x) words")]
    public void Details_come_from_wherever_Meta_put_them(string rest, string details)
    {
        var fault = Assert.IsType<SendOutcome.Refused>(Read(400, Error("131009", rest))).Fault;
        Assert.Equal(details, fault.Details);
        Assert.Equal(131009, fault.Code);
        Assert.Equal("Az8", fault.TraceId);
        Assert.Same(MetaErrorTable.FindOrNull(131009), fault.Rule);
    }

    [Fact]
    public void Details_are_cut_between_characters()
    {
        var words = string.Concat(Enumerable.Repeat("😊", 400));
        var fault = Assert.IsType<SendOutcome.Refused>(Read(400, Error("100", $$""","error_data":{"details":"a{{words}}"}"""))).Fault;
        Assert.Equal(299, fault.Details.Length);
        Assert.False(char.IsHighSurrogate(fault.Details[^1]));
    }

    [Theory]
    [InlineData("\"131026\"", 131026)]
    [InlineData("131026", 131026)]
    public void A_code_may_be_a_string(string code, int expected) =>
        Assert.Equal(expected, Assert.IsType<SendOutcome.Refused>(Read(400, Error(code))).Fault.Code);

    [Theory]
    [InlineData("null")]
    [InlineData("131026.5")]
    [InlineData("99999999999999999999")]
    [InlineData("1e400")]
    [InlineData("{}")]
    public void A_code_that_is_none_counts_as_missing(string code)
    {
        Assert.Null(Assert.IsType<SendOutcome.Refused>(Read(400, Error(code))).Fault.Code);
        Assert.IsType<SendOutcome.Uncertain>(Read(500, Error(code)));
    }

    [Theory]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(504)]
    [InlineData(408)]
    [InlineData(302)]
    public void Without_a_code_a_server_fault_is_uncertain(int status)
    {
        Assert.IsType<SendOutcome.Uncertain>(Read(status, ""));
        Assert.IsType<SendOutcome.Uncertain>(Read(status, "<html>Bad Gateway</html>"));
        Assert.IsType<SendOutcome.Uncertain>(Read(status, """{"error":"upstream"}"""));
    }

    [Fact]
    public void Without_a_code_429_is_repeated_and_other_4xx_refused()
    {
        Assert.IsType<SendOutcome.Retry>(Read(429, "Too Many Requests"));
        var refused = Assert.IsType<SendOutcome.Refused>(Read(403, "Forbidden by proxy"));
        Assert.Equal("Forbidden by proxy", refused.Fault.Details);
        Assert.Null(refused.Fault.Code);
        Assert.Equal("upstream", Assert.IsType<SendOutcome.Refused>(Read(404, """{"error":"upstream"}""")).Fault.Details);
    }

    [Fact]
    public void Transport_failures_say_whether_something_was_written()
    {
        var notSent = Assert.IsType<SendOutcome.Retry>(SendOutcome.NotSent(" connection refused "));
        Assert.Equal("connection refused", notSent.Fault.Details);
        Assert.Equal(TimeSpan.FromSeconds(1), notSent.After);
        Assert.Equal(TimeSpan.FromSeconds(8), Assert.IsType<SendOutcome.Retry>(SendOutcome.NotSent("x", 4)).After);
        Assert.IsType<SendOutcome.Uncertain>(SendOutcome.NoAnswer("time-out after 10 s"));
    }

    [Fact]
    public void Match_calls_the_arm_of_its_case()
    {
        static string Arm(SendOutcome outcome) => outcome.Match(_ => "accepted", _ => "retry", _ => "refused", _ => "blocked", _ => "uncertain");
        Assert.Equal("accepted", Arm(Read(200, Ok)));
        Assert.Equal("retry", Arm(Read(400, Error("4"))));
        Assert.Equal("refused", Arm(Read(400, Error("100"))));
        Assert.Equal("blocked", Arm(Read(400, Error("368"))));
        Assert.Equal("uncertain", Arm(Read(500, "")));
    }

    [Property(MaxTest = 500)]
    public bool No_bytes_make_it_throw_and_garbage_is_never_accepted(byte[] body, ushort status) =>
        SendAnswer.Read(status, body, 1, 0.5) is not SendOutcome.Accepted;

    [Property(MaxTest = 500)]
    public bool A_truncated_success_is_never_repeated(ushort cut)
    {
        var bytes = Encoding.UTF8.GetBytes(Ok.Trim());
        return SendAnswer.Read(200, bytes.AsSpan(0, cut % bytes.Length), 1, 0) is SendOutcome.Uncertain;
    }
}

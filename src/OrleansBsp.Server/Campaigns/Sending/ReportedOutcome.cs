using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using OrleansBsp.Core.Messages;

namespace OrleansBsp.Server.Campaigns.Sending;

/// <summary>Which of the outcomes it is. The numbers travel between processes of different versions.</summary>
public enum ReportedKind
{
    Accepted = 1,
    Retry = 2,
    Refused = 3,
    Blocked = 4,
    Uncertain = 5,
}

/// <summary>The outcome of one attempt, as it travels from the process that posted it to the campaign's owner.</summary>
/// <param name="WasPosted">False: it was not posted, so it says nothing of Meta.</param>
/// <param name="RuleCode">The rule that the poster found for the error; what it means is looked up where it arrives.</param>
/// <param name="TokenPrint">A hash of the access token that it was posted with; null if it was not.</param>
[GenerateSerializer, Immutable, Alias("ReportedOutcome")]
public sealed record ReportedOutcome(
    [property: Id(0)] int Position, [property: Id(1)] int Attempt, [property: Id(2)] long Phone, [property: Id(3)] int TokenKey, [property: Id(4)] ReportedKind Kind,
    [property: Id(5)] bool WasPosted, [property: Id(6)] string? Wamid, [property: Id(7)] string? WaId, [property: Id(8)] string? UserId, [property: Id(9)] bool Held,
    [property: Id(10)] TimeSpan RetryAfter, [property: Id(11)] int? Code, [property: Id(12)] int RuleCode, [property: Id(13)] string? Details,
    [property: Id(14)] string? TraceId, [property: Id(15)] string? TokenPrint)
{
    private static readonly MetaErrorRule[] WithoutCode =
    [
        MetaErrorTable.NoAnswer, MetaErrorTable.NotSent, MetaErrorTable.TooManyRequests, MetaErrorTable.Declined, MetaErrorTable.UnknownCode,
        MetaErrorTable.UnknownFault, MetaErrorTable.NotSendable,
    ];

    internal static ReportedOutcome From(SendOrder order, SendOutcome outcome, bool wasPosted, AuthenticationHeaderValue? token) =>
        From(order.Position, order.Attempt, order.Phone, order.TokenKey, outcome, wasPosted, token);

    internal static ReportedOutcome From(
        int position, int attempt, long phone, int tokenKey, SendOutcome outcome, bool wasPosted, AuthenticationHeaderValue? token)
    {
        var accepted = outcome as SendOutcome.Accepted;
        var fault = outcome.Problem;
        return new ReportedOutcome(
            position, attempt, phone, tokenKey,
            outcome.Match(_ => ReportedKind.Accepted, _ => ReportedKind.Retry, _ => ReportedKind.Refused, _ => ReportedKind.Blocked, _ => ReportedKind.Uncertain),
            wasPosted, accepted?.Wamid, accepted?.WaId, accepted?.UserId, accepted?.Held ?? false,
            outcome is SendOutcome.Retry retry ? retry.After : TimeSpan.Zero, fault?.Code, fault?.Rule.Code ?? 0, fault?.Details, fault?.TraceId,
            token is null ? null : PrintOf(token));
    }

    /// <summary>What it was where it happened.</summary>
    public SendOutcome ToOutcome()
    {
        // A kind that this version does not know is not known to be anything: doubt harms nobody.
        var fault = new SendFault(Code, Details ?? "", TraceId, RuleOf(RuleCode));
        return Kind switch
        {
            ReportedKind.Accepted => new SendOutcome.Accepted(Wamid!, WaId, UserId, Held),
            ReportedKind.Retry => new SendOutcome.Retry(RetryAfter, fault),
            ReportedKind.Refused => new SendOutcome.Refused(fault),
            ReportedKind.Blocked => new SendOutcome.Blocked(fault),
            ReportedKind.Uncertain => new SendOutcome.Uncertain(fault),
        };
    }

    /// <summary>Tells tokens apart without telling them.</summary>
    public static string PrintOf(AuthenticationHeaderValue token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token.ToString()))[..8]);

    private static MetaErrorRule RuleOf(int code) => WithoutCode.FirstOrDefault(rule => rule.Code == code) ?? MetaErrorTable.FindOrNull(code) ?? MetaErrorTable.UnknownCode;
}

/// <summary>Outcomes of one campaign.</summary>
[GenerateSerializer, Immutable, Alias("OutcomeBatch")]
public sealed record OutcomeBatch([property: Id(0)] ReportedOutcome[] Outcomes);

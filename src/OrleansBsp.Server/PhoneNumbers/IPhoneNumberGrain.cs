using OrleansBsp.Core.Pacing;

namespace OrleansBsp.Server.PhoneNumbers;

/// <summary>
/// Owns the right to send from one business phone number: hands out permits at the rate that Meta and the operator allow, fairly
/// between campaigns, replies first. Key: <c>p:</c> and the phone number id.
/// </summary>
[Alias("PhoneNumber")]
public interface IPhoneNumberGrain : IGrainWithStringKey
{
    /// <summary>Asks for permits for the next slot of a campaign. Never waits: an answer of 0 says when to ask again.</summary>
    /// <param name="process">Who will use them: the name of the silo.</param>
    /// <param name="lead">
    /// How long before their moments they are needed, for messages that go by a queue, from which any process may send them. Zero: <paramref name="process"/> sends them itself.
    /// Null: an older version, which does not say.
    /// </param>
    [Alias("AskPermits")]
    Task<PermitAnswer> AskPermits(long campaignId, int want, string process, TimeSpan? lead);

    /// <summary>Asks for one permit for a reply or a single send, for now.</summary>
    /// <param name="process">Who will use it: the name of the silo.</param>
    [Alias("AskReplyPermit")]
    Task<PermitAnswer> AskReplyPermit(string process);

    /// <summary>Requests of permits that are to be told of have arrived, will never be posted, or are still on their way.</summary>
    [Alias("ReportArrivals")]
    Task ReportArrivals(ArrivalReport report);

    /// <summary>Meta refused a message for throughput: slow down.</summary>
    [Alias("ReportThrottled")]
    Task ReportThrottled();

    /// <summary>Messages from people count against the number's throughput too (Meta's reference 3.1).</summary>
    [Alias("ReportInbound")]
    Task ReportInbound(int count);

    /// <summary>The number's row or its account has changed.</summary>
    [Alias("Refresh")]
    Task Refresh();

    [Alias("GetLive")]
    Task<PhoneNumberLive> GetLive();
}

/// <summary>Permits for one slot. Times are relative to the answer, so that clocks of two silos need not agree.</summary>
/// <param name="Count">0: none now, ask again after <paramref name="StartsIn"/>.</param>
/// <param name="LimitPerSecond">What the number may send in any second, all campaigns together.</param>
/// <param name="LimitedBy">What keeps the number from sending faster, for the screen.</param>
/// <param name="First">Number of the first permit, whose arrivals are to be told; 0: they need not be.</param>
/// <param name="IsStopped">The number or its account is stopped, as <paramref name="LimitedBy"/> says: that does not pass by itself within seconds.</param>
[GenerateSerializer, Immutable, Alias("PermitAnswer")]
public sealed record PermitAnswer(
    [property: Id(0)] int Count,
    [property: Id(1)] TimeSpan StartsIn,
    [property: Id(2)] TimeSpan Interval,
    [property: Id(3)] int LimitPerSecond,
    [property: Id(4)] string LimitedBy,
    [property: Id(5)] long First = 0,
    [property: Id(6)] bool IsStopped = false)
{
    /// <summary>The permits in the time of the process that asked.</summary>
    public PermitGrant At(TimeSpan now) => new(Count, now + StartsIn, Interval, First);
}

/// <summary>What became of permits. Times are relative to the report, so that clocks of two silos need not agree.</summary>
/// <param name="Permits">Their numbers.</param>
/// <param name="Ages">How long ago the request of each has arrived at the latest; a second or more for one that was never posted.</param>
/// <param name="OnTheirWay">Numbers of permits whose requests were posted a while ago and have not arrived for all that is known; null from older versions, which do not say.</param>
[GenerateSerializer, Immutable, Alias("ArrivalReport")]
public sealed record ArrivalReport([property: Id(0)] long[] Permits, [property: Id(1)] TimeSpan[] Ages, [property: Id(2)] long[]? OnTheirWay = null);

/// <param name="RatePerSecond">What is handed out at most at present.</param>
[GenerateSerializer, Immutable, Alias("PhoneNumberLive")]
public sealed record PhoneNumberLive(
    [property: Id(0)] string Silo,
    [property: Id(1)] long Epoch,
    [property: Id(2)] double RatePerSecond,
    [property: Id(3)] int GrantedPerSecond,
    [property: Id(4)] string LimitedBy);

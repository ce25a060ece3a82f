using System.Diagnostics;
using OrleansBsp.Server.PhoneNumbers;
using OrleansBsp.Server.Tests.Cluster;

namespace OrleansBsp.Server.Tests.PhoneNumbers;

/// <summary>Who sends by way of a queue says how long before their moments permits are needed; the number has no setting of its own.</summary>
public sealed class PermitLeadTests : IAsyncLifetime
{
    private static readonly TimeSpan Lead = TimeSpan.FromMilliseconds(400);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private TestCluster _cluster = null!;
    private IPhoneNumberGrain _number = null!;

    public async Task InitializeAsync()
    {
        _cluster = await TestCluster.StartAsync(1);
        await _cluster.ListAsync<int>("update phone_number set reserved_for_replies = 0 where id = @id returning 1", new { id = SampleAccount.HighNumber });
        _number = _cluster.Grain<IPhoneNumberGrain>($"p:{SampleAccount.HighNumber}");
    }

    public async Task DisposeAsync() => await _cluster.DisposeAsync();

    public static TheoryData<int?> Leads => [0, 400, 250, null];

    [Theory]
    [MemberData(nameof(Leads))]
    public async Task Moments_lie_as_far_ahead_as_was_asked_and_for_older_versions_as_far_as_a_queue_needs(int? leadMs)
    {
        var (least, granted) = (TimeSpan.FromMilliseconds(leadMs ?? 400), 0);
        for (var began = Stopwatch.GetTimestamp(); granted < 20 && Stopwatch.GetElapsedTime(began) < Patience;)
        {
            var answer = await _number.AskPermits(1, 1000, "one", leadMs is null ? null : least);
            granted += answer.Count;
            if (answer.Count == 0) await Task.Delay(answer.StartsIn); // the right begins with its first renewal
            else Assert.InRange(answer.StartsIn, least, least + PhoneNumberGrain.Slot * 1.5);
        }

        Assert.True(granted >= 20);
    }

    [Fact]
    public async Task Campaigns_that_are_sent_by_a_queue_and_by_their_owner_share_a_number_and_replies_get_through()
    {
        // Of a thousand in a second: for three seconds, or longer on a machine that stands still in between.
        var toCampaigns = 0;
        var counts = await Task.WhenAll(
            AskAsync(CountedAsync(() => _number.AskPermits(1, 1000, "one", Lead)), IsOver),
            AskAsync(CountedAsync(() => _number.AskPermits(2, 1000, "one", TimeSpan.Zero)), IsOver),
            AskAsync(() => _number.AskReplyPermit("one"), IsOver, asMany: TimeSpan.FromMilliseconds(20)));
        Assert.True(IsOver());
        var told = $"by the queue {counts[0]}, by the owner {counts[1]}, replies {counts[2]}";
        Assert.True(counts[0] > 0 && counts[1] * 3 > counts[0] && counts[0] * 3 > counts[1], told);
        // 150 were wanted at most; what campaigns leave over by chance would be five or so.
        Assert.True(counts[2] > 30, told);

        bool IsOver() => Volatile.Read(ref toCampaigns) >= 2700;

        Func<Task<PermitAnswer>> CountedAsync(Func<Task<PermitAnswer>> ask) => async () =>
        {
            var answer = await ask();
            Interlocked.Add(ref toCampaigns, answer.Count);
            return answer;
        };
    }

    /// <summary>Asks whenever the answers say, until it is over. Each request arrives at its moment.</summary>
    /// <param name="asMany">Between two that were granted, for who does not want everything.</param>
    /// <returns>How many were granted.</returns>
    private async Task<int> AskAsync(Func<Task<PermitAnswer>> ask, Func<bool> isOver, TimeSpan asMany = default)
    {
        var granted = 0;
        for (var began = Stopwatch.GetTimestamp(); !isOver() && Stopwatch.GetElapsedTime(began) < Patience;)
        {
            var answer = await ask();
            granted += answer.Count;
            if (answer.Count > 0)
                await _number.ReportArrivals(new ArrivalReport(
                    [.. Enumerable.Range(0, answer.Count).Select(index => answer.First + index)],
                    [.. Enumerable.Range(0, answer.Count).Select(index => -(answer.StartsIn + answer.Interval * index))]));
            await Task.Delay(answer.Count == 0 ? answer.StartsIn : asMany);
        }

        return granted;
    }
}

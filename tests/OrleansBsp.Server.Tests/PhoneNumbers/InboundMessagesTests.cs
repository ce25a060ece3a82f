using OrleansBsp.Server.PhoneNumbers;
using OrleansBsp.Server.Tests.Cluster;

namespace OrleansBsp.Server.Tests.PhoneNumbers;

/// <summary>Messages from people use the number's throughput (Meta's reference 2.4), each as much as one of ours.</summary>
public sealed class InboundMessagesTests : IAsyncLifetime
{
    private TestCluster _cluster = null!;

    public async Task InitializeAsync() => _cluster = await TestCluster.StartAsync(1);

    public async Task DisposeAsync() => await _cluster.DisposeAsync();

    /// <summary>A number that is taken over while people write: it had no rate before somebody asked for permits, each message cost a second, and its campaigns stood.</summary>
    [Fact]
    public async Task What_people_write_before_anybody_has_asked_for_permits_costs_its_share_and_no_more()
    {
        var number = _cluster.Grain<IPhoneNumberGrain>($"p:{SampleAccount.HighNumber}");
        await number.ReportInbound(300); // a third of a second, or five minutes
        var answer = await Eventually.SeesAsync(() => number.AskPermits(1, 1000, "one", TimeSpan.Zero), answer => answer.Count > 0, "permits are granted");
        Assert.InRange(answer.StartsIn, TimeSpan.Zero, PhoneNumberGrain.Slot * 1.5);
    }
}

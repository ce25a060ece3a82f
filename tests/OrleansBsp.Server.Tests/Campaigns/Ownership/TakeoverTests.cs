using Orleans.Runtime;
using OrleansBsp.Core.Campaigns;
using OrleansBsp.Core.Messages;
using OrleansBsp.Server.Campaigns;
using OrleansBsp.Server.PhoneNumbers;
using OrleansBsp.Server.Storage;
using OrleansBsp.Server.Tests.Cluster;

namespace OrleansBsp.Server.Tests.Campaigns.Ownership;

/// <summary>Campaigns through real grains on several silos: killed, superseded, spread.</summary>
public sealed class TakeoverTests
{
    [Fact]
    public async Task A_campaign_whose_silo_is_killed_goes_on_elsewhere_and_nobody_is_sent_to_twice()
    {
        await using var cluster = await TestCluster.StartAsync(3);
        const int recipients = 3000;
        var id = await SampleAccount.AddCampaignAsync(cluster.ConnectionString, recipients, number: SampleAccount.HighNumber, firstPhone: 61400000000);
        await cluster.Grain<ICampaignGrain>($"c:{id}").Wake();

        for (var kill = 0; kill < 2; kill++)
        {
            var accepted = cluster.Meta.Ledger.Count + 400;
            await Eventually.SeesAsync(() => StateAsync(cluster, id), _ => cluster.Meta.Ledger.Count >= accepted, $"{accepted} messages are accepted");
            var owner = await cluster.ReadAsync<string>("select owner from campaign_run where campaign_id = @id", new { id });
            await cluster.Silos.KillSiloAsync(cluster.Silos.Silos.Single(silo => silo.Name == owner));
        }

        await Eventually.SeesAsync(() => StateAsync(cluster, id), state => state.StartsWith("completed", StringComparison.Ordinal), "the campaign is completed");
        var summary = cluster.Meta.Ledger.Summarize();
        Assert.Equal(0, summary.DuplicateRecipients);
        await BooksBalanceAsync(cluster, id, recipients);
        Assert.True(await cluster.ReadAsync<long>("select epoch from campaign_run where campaign_id = @id", new { id }) >= 3);
        // Whoever Meta took is accepted, or unknown if the answer died with the silo.
        var known = await cluster.ReadAsync<int>("select accepted_only from campaign_run where campaign_id = @id", new { id });
        Assert.InRange(summary.Accepted, known, recipients);
        Assert.Equal(recipients - known, await cluster.ReadAsync<int>("select unknown from campaign_run where campaign_id = @id", new { id }));
    }

    [Theory]
    [InlineData(100)]
    [InlineData(1)]
    public async Task A_superseded_activation_learns_it_ends_and_the_campaign_goes_on(int maxPerSecond)
    {
        await using var cluster = await TestCluster.StartAsync(1);
        var recipients = maxPerSecond * 10; // there is much left when it is taken over
        var id = await SampleAccount.AddCampaignAsync(cluster.ConnectionString, recipients);
        await cluster.ListAsync<int>("update campaign set max_per_second = @maxPerSecond where id = @id returning 1", new { id, maxPerSecond });
        await cluster.Grain<ICampaignGrain>($"c:{id}").Wake();
        await Eventually.IsTrueAsync(async () => await cluster.ReadAsync<int>("select accepted_only from campaign_run where campaign_id = @id", new { id }) > 0, "an outcome is stored");

        // Another activation, somewhere behind a partition, takes it and does nothing. The next one has no time to lose.
        await cluster.ListAsync<int>("update campaign set max_per_second = null where id = @id returning 1", new { id });
        var taken = await cluster.ReadAsync<long>("update campaign_run set epoch = epoch + 1, owner = 'elsewhere' where campaign_id = @id returning epoch", new { id });

        await Eventually.SeesAsync(() => cluster.ReadAsync<long>("select epoch from campaign_run where campaign_id = @id", new { id }), epoch => epoch > taken, "a new activation has the campaign");
        await Eventually.SeesAsync(() => StateAsync(cluster, id), state => state.StartsWith("completed", StringComparison.Ordinal), "the campaign is completed");
        Assert.Equal(0, cluster.Meta.Ledger.Summarize().DuplicateRecipients);
        await BooksBalanceAsync(cluster, id, recipients);
    }

    [Fact]
    public async Task Receipts_for_a_superseded_activation_fail_with_an_error_that_passes_and_reach_the_next_one()
    {
        await using var cluster = await TestCluster.StartAsync(2);
        var id = await SampleAccount.AddCampaignAsync(cluster.ConnectionString, 10, state: "paused");
        await cluster.ListAsync<int>("update campaign_run set released_through = 10 where campaign_id = @id returning 1", new { id });
        var grain = cluster.Grain<ICampaignGrain>($"c:{id}");
        await grain.Wake();
        await cluster.ListAsync<int>("update campaign_run set epoch = epoch + 1 where campaign_id = @id returning 1", new { id });
        var batch = new CampaignReceiptBatch([new CampaignReceipt(1, null, MessageStatus.Delivered, "wamid.1", DateTimeOffset.UtcNow, null, null)]);

        var failure = await Record.ExceptionAsync(() => grain.ApplyReceipts(batch));
        Assert.True(failure is not null && Passing.Is(failure), $"{failure?.GetType()}: {failure?.Message}");

        await Eventually.SeesAsync(() => Record.ExceptionAsync(() => grain.ApplyReceipts(batch)), again => again is null, "the receipts are applied");
        Assert.Equal(1, await cluster.ReadAsync<int>("select delivered from campaign_run where campaign_id = @id", new { id }));
    }

    [Fact]
    public async Task A_campaign_that_does_not_exist_is_said_to_be_unknown()
    {
        await using var cluster = await TestCluster.StartAsync(2);
        for (var id = 1; id <= 8; id++)
            await Assert.ThrowsAsync<KeyNotFoundException>(() => cluster.Grain<ICampaignGrain>($"c:{id}").ApplyReceipts(new CampaignReceiptBatch([])));
    }

    [Fact]
    public async Task Campaigns_and_numbers_are_spread_over_the_silos()
    {
        await using var cluster = await TestCluster.StartAsync(3);
        var owners = new HashSet<string>();
        for (var campaign = 0; campaign < 30; campaign++)
        {
            var id = await SampleAccount.AddCampaignAsync(cluster.ConnectionString, 1, state: "paused");
            owners.Add((await cluster.Grain<ICampaignGrain>($"c:{id}").GetLive()).Silo);
        }

        Assert.Equal(3, owners.Count);
    }

    [Fact]
    public async Task Permits_of_one_activation_of_a_number_after_another_never_overlap()
    {
        await using var cluster = await TestCluster.StartAsync(2);
        var grain = cluster.Grain<IPhoneNumberGrain>($"p:{SampleAccount.HighNumber}");
        var clock = TimeProvider.System;
        var origin = clock.GetTimestamp();
        var slots = new List<(TimeSpan From, TimeSpan Until, TimeSpan Asked)>();
        for (var turn = 0; turn < 4; turn++)
        {
            for (var granted = 0; granted < 300;)
            {
                var asked = clock.GetElapsedTime(origin);
                var answer = await grain.AskPermits(1, 1000, "one", TimeSpan.Zero);
                var answered = clock.GetElapsedTime(origin);
                granted += answer.Count;
                // The moment of the answer lies between asking and hearing: as early as it can have been, and as short.
                if (answer.Count > 0) slots.Add((asked + answer.StartsIn, asked + answer.StartsIn + answer.Interval * (answer.Count - 1), answered - asked));
            }

            await cluster.Silos.DeactivateAsync(grain);
        }

        for (var next = 1; next < slots.Count; next++)
            Assert.True(slots[next].From + slots[next].Asked >= slots[next - 1].Until, $"permits until {slots[next - 1].Until} and then from {slots[next].From}");
    }

    private static async Task BooksBalanceAsync(TestCluster cluster, long id, int recipients)
    {
        var row = (await cluster.ListAsync<CampaignRunRow>(CampaignSql.ReadRun, new { id })).Single();
        Assert.Null(row.Books().FindFault());
        Assert.True(row.Books().IsComplete);
        Assert.Equal(recipients, await cluster.ReadAsync<int>("select count(*)::int from message where campaign_id = @id", new { id }));
        foreach (var (state, count) in await cluster.ListAsync<(short, int)>("select state, count(*)::int from message where campaign_id = @id group by state", new { id }))
            Assert.Equal(row.Counts()[(MessageState)state], count);
    }

    private static Task<string> StateAsync(TestCluster cluster, long id) => cluster.ReadAsync<string>(
        """
        select state || ' ' || coalesce(state_reason, '') || ' released ' || released_through || ' of ' || planned || ', accepted ' || accepted_only
               || ', uncertain ' || uncertain || ', unknown ' || unknown || ', retrying ' || retrying || ', epoch ' || epoch || ', owner ' || owner
        from campaign_run where campaign_id = @id
        """, new { id });
}

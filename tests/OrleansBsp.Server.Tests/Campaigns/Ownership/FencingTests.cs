using OrleansBsp.Core.Campaigns;
using OrleansBsp.Core.Messages;
using OrleansBsp.Server.Campaigns;
using OrleansBsp.Server.Storage;

namespace OrleansBsp.Server.Tests.Campaigns.Ownership;

/// <summary>Two activations of one campaign: only the newer one changes rows, and the older one learns it.</summary>
public sealed class FencingTests
{
    [Fact]
    public async Task No_position_is_released_by_two_activations()
    {
        await using var campaign = await OwnedCampaign.StartAsync(2000);
        var released = new List<(int Owner, int Position)>();
        var owners = new List<Task>();
        for (var owner = 0; owner < 6; owner++)
        {
            var number = owner;
            owners.Add(Task.Run(async () =>
            {
                for (var (ledger, progress) = await campaign.TakeAsync(); ;)
                {
                    if (await campaign.ReleaseAsync(ledger, progress, 7) is not { Length: > 0 } positions) return;
                    lock (released) released.AddRange(positions.Select(position => (number, position)));
                }
            }));
            lock (released) if (released.Count > 1500) break;
            await Task.Yield();
        }

        await Task.WhenAll(owners);

        Assert.Equal(Enumerable.Range(1, (await campaign.RowAsync()).ReleasedThrough), released.Select(item => item.Position).Order());
    }

    [Fact]
    public async Task A_superseded_activation_changes_nothing_and_learns_it()
    {
        await using var campaign = await OwnedCampaign.StartAsync(50);
        var (old, oldProgress) = await campaign.TakeAsync();
        await campaign.ReleaseAsync(old, oldProgress, 10);
        var (_, _) = await campaign.TakeAsync();
        var before = await SnapshotAsync(campaign);

        await Assert.ThrowsAsync<OwnershipLostException>(() => old.WriteAsync(Batch(OwnedCampaign.Accepted(1)), 1, CancellationToken.None));
        await Assert.ThrowsAsync<OwnershipLostException>(() => old.MarkUncertainAsync(oldProgress, OwnedCampaign.Window, CancellationToken.None));
        await Assert.ThrowsAsync<OwnershipLostException>(() => old.ReleaseAgainAsync([new DueRow(1, PendingKind.Retry, 1, 61491570001, [], "")], OwnedCampaign.Window, CancellationToken.None));
        await Assert.ThrowsAsync<OwnershipLostException>(() => old.SettleReleaseAsync(10, [new RecipientRow(11, 61491570011, [])], CancellationToken.None));
        Assert.Null(await campaign.ReleaseAsync(old, oldProgress, 10));
        Assert.Null(await old.ReadRunAsync(CancellationToken.None));
        Assert.False(await old.SetStateAsync(CampaignState.Paused, "", [CampaignState.Running], CancellationToken.None));
        Assert.False(await old.CompleteAsync(CancellationToken.None));
        Assert.False(await old.StartIfDueAsync(CancellationToken.None));

        Assert.Equal(before, await SnapshotAsync(campaign));
    }

    [Fact]
    public async Task Takeover_marks_exactly_what_was_released_and_not_answered()
    {
        await using var campaign = await OwnedCampaign.StartAsync(40);
        var (old, oldProgress) = await campaign.TakeAsync();
        await campaign.ReleaseAsync(old, oldProgress, 30);
        // 1 to 5 and some that overtook open positions; one to be repeated, one repeated and in flight, one repeated and answered.
        int[] answered = [1, 2, 3, 4, 5, 9, 17, 30];
        var retry = new SendOutcome.Retry(TimeSpan.Zero, new SendFault(130429, "slow down", null, MetaErrorTable.ForFailed(130429)));
        await old.WriteAsync(Batch([.. answered.Select(position => OwnedCampaign.Accepted(position)), .. new[] { 10, 11, 12 }.Select(position => OwnedCampaign.Ended(position, retry))]), 5, CancellationToken.None);
        DueRow[] due = [new(11, PendingKind.Retry, 1, 61491570011, [], ""), new(12, PendingKind.Retry, 1, 61491570012, [], "")];
        Assert.Equal([11, 12], (await old.ReleaseAgainAsync(due, OwnedCampaign.Window, CancellationToken.None)).Order());
        await WriteAsync(old, OwnedCampaign.Accepted(12, attempt: 2));
        await campaign.SoundAsync();

        var (next, nextProgress) = await campaign.TakeAsync();
        await next.MarkUncertainAsync(nextProgress, OwnedCampaign.Window, CancellationToken.None);

        await campaign.SoundAsync();
        int[] expected = [.. Enumerable.Range(1, 30).Except([.. answered, 10, 12])];
        Assert.Equal(expected, await campaign.QueryAsync<int>($"select position from message where campaign_id = @Id and state = {(int)MessageState.Uncertain} order by 1"));
        Assert.Equal(expected, await campaign.QueryAsync<int>($"select position from pending where campaign_id = @Id and kind = {(int)PendingKind.Uncertain} order by 1"));
        Assert.Equal(30, nextProgress.RecordedThrough);
        var once = await SnapshotAsync(campaign);

        var (third, thirdProgress) = await campaign.TakeAsync();
        await third.MarkUncertainAsync(thirdProgress, OwnedCampaign.Window, CancellationToken.None);
        Assert.Equal(once[1..], (await SnapshotAsync(campaign))[1..]);
    }

    [Fact]
    public async Task An_opt_out_committed_before_the_release_skips_its_recipient()
    {
        await using var campaign = await OwnedCampaign.StartAsync(10);
        await campaign.QueryAsync<int>("insert into contact (phone, opted_out) values (61491570003, 'all'), (61491570004, 'marketing'); select 1");
        var (ledger, progress) = await campaign.TakeAsync();
        await campaign.ReleaseAsync(ledger, progress, 10);

        Assert.Equal([3], await campaign.QueryAsync<int>($"select position from message where campaign_id = @Id and state = {(int)MessageState.Skipped}"));
        Assert.True(progress.IsRecorded(3));
        await campaign.SoundAsync();
    }

    private static async Task WriteAsync(CampaignLedger ledger, params Change[] changes) =>
        await ledger.WriteAsync(
            RecordedBatch.Merge(changes, await ledger.ReadMessagesAsync([.. changes.Select(change => change.Position)], CancellationToken.None), OwnedCampaign.Window),
            0, CancellationToken.None);

    private static RecordedBatch Batch(params Change[] changes) => RecordedBatch.Merge(changes, new Dictionary<int, MessageRecord>(), OwnedCampaign.Window);

    private static async Task<string[]> SnapshotAsync(OwnedCampaign campaign) =>
    [
        (await campaign.QueryAsync<string>("select to_jsonb(r)::text from campaign_run r where campaign_id = @Id")).Single(),
        string.Join('\n', await campaign.QueryAsync<string>("select m::text from message m where campaign_id = @Id order by position")),
        string.Join('\n', await campaign.QueryAsync<string>("select p::text from pending p where campaign_id = @Id order by position")),
        string.Join('\n', await campaign.QueryAsync<string>("""select shard || ' ' || "offset" from event order by 1""")),
    ];
}

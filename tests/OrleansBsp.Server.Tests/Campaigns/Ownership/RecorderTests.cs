using FsCheck.Xunit;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansBsp.Core.Messages;
using OrleansBsp.Server.Campaigns;
using OrleansBsp.Server.Storage;
using OrleansBsp.Server.Tests.Storage;

namespace OrleansBsp.Server.Tests.Campaigns.Ownership;

/// <summary>What the recorder has confirmed is in the rows once, whatever was repeated or lost on the way; counters equal rows.</summary>
public sealed class RecorderTests
{
    private const int Recipients = 40;

    [Property(MaxTest = 15)]
    public async Task Any_sequence_of_outcomes_and_statuses_in_any_batches_gives_rows_counters_and_events_of_the_model(int seed)
    {
        await using var campaign = await OwnedCampaign.StartAsync(Recipients);
        await RunAsync(new Random(seed), campaign, loseAnswers: null);
    }

    [Property(MaxTest = 4)]
    public async Task Lost_answers_change_nothing_of_that(int seed)
    {
        LossyLink? link = null;
        await using var campaign = await OwnedCampaign.StartAsync(Recipients, direct => (link = new LossyLink(direct)).ConnectionString);
        await using var _ = link!;
        await RunAsync(new Random(seed), campaign, link);
    }

    [Fact]
    public async Task A_write_whose_answer_was_lost_counts_once()
    {
        LossyLink? link = null;
        await using var campaign = await OwnedCampaign.StartAsync(10, direct => (link = new LossyLink(direct)).ConnectionString);
        await using var _ = link!;
        var (ledger, progress) = await campaign.TakeAsync();
        await campaign.ReleaseAsync(ledger, progress, 10);
        await using var recorder = new CampaignRecorder(ledger, progress, OwnedCampaign.Window, NullLogger.Instance);

        link!.LoseNextAnswer();
        await recorder.AddAsync([.. Enumerable.Range(1, 10).Select(position => OwnedCampaign.Accepted(position))]);

        Assert.Equal(1, link.Lost);
        Assert.Equal(10, (await campaign.RowAsync()).AcceptedOnly);
        Assert.Equal([10], await campaign.QueryAsync<int>("select sum(count)::int from event"));
        await campaign.SoundAsync();
    }

    [Fact]
    public async Task A_release_whose_answer_was_lost_is_found_again()
    {
        LossyLink? link = null;
        await using var campaign = await OwnedCampaign.StartAsync(10, direct => (link = new LossyLink(direct)).ConnectionString);
        await using var _ = link!;
        await campaign.QueryAsync<int>("insert into contact (phone, opted_out) values (61491570003, 'all'); select 1");
        var (ledger, _) = await campaign.TakeAsync();
        RecipientRow[] batch = [.. Enumerable.Range(1, 5).Select(position => new RecipientRow(position, 61491570000 + position, []))];

        link!.LoseNextAnswer();
        await Assert.ThrowsAnyAsync<Npgsql.NpgsqlException>(() => ledger.ReleaseAsync(0, batch, CancellationToken.None));

        var skipped = await ledger.SettleReleaseAsync(0, batch, CancellationToken.None);
        Assert.Equal([3], skipped!);
        Assert.Equal(5, (await campaign.RowAsync()).ReleasedThrough);
        await campaign.SoundAsync();
    }

    [Fact]
    public async Task A_release_that_was_given_up_and_arrives_after_all_finds_its_recipients_released()
    {
        await using var campaign = await OwnedCampaign.StartAsync(10);
        await campaign.QueryAsync<int>("insert into contact (phone, opted_out) values (61491570003, 'all'); select 1");
        var (ledger, _) = await campaign.TakeAsync();
        RecipientRow[] batch = [.. Enumerable.Range(1, 5).Select(position => new RecipientRow(position, 61491570000 + position, []))];

        var skipped = await ledger.SettleReleaseAsync(0, batch, CancellationToken.None);
        Assert.Equal([3], skipped!);
        Assert.Null(await ledger.ReleaseAsync(0, batch, CancellationToken.None)); // it arrives
        Assert.Equal(5, (await campaign.RowAsync()).ReleasedThrough);
        await campaign.SoundAsync();
    }

    [Fact]
    public async Task What_follows_from_a_row_is_not_written_when_another_attempt_was_released_since_it_was_read()
    {
        await using var campaign = await OwnedCampaign.StartAsync(10);
        var (ledger, progress) = await campaign.TakeAsync();
        await campaign.ReleaseAsync(ledger, progress, 2);
        await using var recorder = new CampaignRecorder(ledger, progress, OwnedCampaign.Window, NullLogger.Instance);
        await recorder.AddAsync([NotSent(1, "nobody took it"), NotSent(2, "nobody took it")]);

        // The same is reported once more, in other words; while that is being merged, the message is on its way again.
        Change[] again = [NotSent(1, "it came too late")];
        var read = RecordedBatch.Merge(again, await ledger.ReadMessagesAsync([1], CancellationToken.None), OwnedCampaign.Window);
        Assert.Equal([1], await ledger.ReleaseAgainAsync([new DueRow(1, PendingKind.Retry, 1, 61491570001, [], "")], OwnedCampaign.Window, CancellationToken.None));
        var stale = await Assert.ThrowsAsync<Npgsql.PostgresException>(() => ledger.WriteAsync(read, 2, CancellationToken.None));

        Assert.Equal(Npgsql.PostgresErrorCodes.SerializationFailure, stale.SqlState);
        await IsOnItsWayAsync();
        await recorder.AddAsync(again); // reads what is there now
        await IsOnItsWayAsync();
        await recorder.AddAsync([OwnedCampaign.Accepted(1, attempt: 2)]);
        await campaign.SoundAsync();

        async Task IsOnItsWayAsync()
        {
            await campaign.SoundAsync();
            var message = (await ledger.ReadMessagesAsync([1], CancellationToken.None))[1];
            Assert.Equal((MessageState.InFlight, 2), (message.State, message.Attempt));
        }
    }

    /// <summary>The way to the database was silent: the statement is on its way for longer than anybody waited for its answer.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_repeated_release_that_was_thought_lost_happens_once(bool arrivesFirst)
    {
        await using var campaign = await OwnedCampaign.StartAsync(10);
        var (ledger, progress) = await campaign.TakeAsync();
        await campaign.ReleaseAsync(ledger, progress, 1);
        await using var recorder = new CampaignRecorder(ledger, progress, OwnedCampaign.Window, NullLogger.Instance);
        await recorder.AddAsync([NotSent(1, "nobody took it")]);
        DueRow[] due = [new(1, PendingKind.Retry, 1, 61491570001, [], "")];

        if (arrivesFirst) await LateStatementAsync();
        Assert.Equal([1], await ledger.SettleReleaseAgainAsync(due, OwnedCampaign.Window, CancellationToken.None));
        if (!arrivesFirst) Assert.Empty(await LateStatementAsync());

        Assert.Equal(2, (await ledger.ReadMessagesAsync([1], CancellationToken.None))[1].Attempt);
        await recorder.AddAsync([OwnedCampaign.Accepted(1, attempt: 2)]);
        await campaign.SoundAsync();

        Task<HashSet<int>> LateStatementAsync() => ledger.ReleaseAgainAsync(due, OwnedCampaign.Window, CancellationToken.None);
    }

    /// <summary>Each attempt by another owner; each second one is a wait of ours, and each third one leaves the answer to the next owner.</summary>
    [Fact]
    public async Task Refusals_are_counted_from_owner_to_owner()
    {
        await using var campaign = await OwnedCampaign.StartAsync(10);
        for (var attempt = 1; attempt < 2 * OwnedCampaign.MostRefusals; attempt++)
        {
            Assert.Equal(attempt / 2, await RefusalsAsync());
            var (ledger, progress) = await campaign.TakeAsync();
            if (attempt == 1) await campaign.ReleaseAsync(ledger, progress, 1);
            else Assert.Equal([1], await ledger.ReleaseAgainAsync([new DueRow(1, PendingKind.Retry, (short)(attempt - 1), 61491570001, [], "")], OwnedCampaign.Window, CancellationToken.None));
            if (attempt % 3 == 0)
            {
                (ledger, progress) = await campaign.TakeAsync();
                await ledger.MarkUncertainAsync(progress, OwnedCampaign.Window, CancellationToken.None);
            }

            await using var recorder = new CampaignRecorder(ledger, progress, OwnedCampaign.Window, NullLogger.Instance);
            var outcome = attempt % 2 == 0 ? SendOutcome.NotSent("late") : OwnedCampaign.RefusedForNow;
            await recorder.AddAsync([OwnedCampaign.Ended(1, outcome, attempt)]);
            await recorder.AddAsync([OwnedCampaign.Ended(1, outcome, attempt)]);
        }

        Assert.Equal([(short)MessageState.Refused], await campaign.QueryAsync<short>("select state from message where campaign_id = @Id"));
        Assert.Equal(
            [.. Enumerable.Range(1, 2 * OwnedCampaign.MostRefusals - 2).Select(attempt => $"{attempt} retry"), $"{2 * OwnedCampaign.MostRefusals - 1} refused"],
            await campaign.QueryAsync<string>("select attempt || ' ' || outcome from attempt where campaign_id = @Id order by attempt"));
        await campaign.SoundAsync();

        async Task<int> RefusalsAsync() => (await campaign.QueryAsync<int>("select refusals::int from pending where campaign_id = @Id")).SingleOrDefault();
    }

    [Fact]
    public async Task A_write_that_was_given_up_and_repeated_counts_once_when_it_arrives_after_all()
    {
        await using var campaign = await OwnedCampaign.StartAsync(10);
        var (ledger, progress) = await campaign.TakeAsync();
        await campaign.ReleaseAsync(ledger, progress, 2);
        await using var recorder = new CampaignRecorder(ledger, progress, OwnedCampaign.Window, NullLogger.Instance);
        await recorder.AddAsync([OwnedCampaign.Accepted(1), OwnedCampaign.Accepted(2)]);
        Change[] statuses = [OwnedCampaign.Seen(1, MessageStatus.Sent), OwnedCampaign.Seen(2, MessageStatus.Delivered)];
        var late = RecordedBatch.Merge(statuses, await ledger.ReadMessagesAsync([1, 2], CancellationToken.None), OwnedCampaign.Window);

        await recorder.AddAsync(statuses);
        await Assert.ThrowsAsync<Npgsql.PostgresException>(() => ledger.WriteAsync(late, 2, CancellationToken.None));
        await campaign.SoundAsync();
        Assert.Equal([4], await campaign.QueryAsync<int>("select sum(count)::int from event"));
    }

    [Fact]
    public async Task Applying_the_same_statuses_twice_changes_nothing()
    {
        await using var campaign = await OwnedCampaign.StartAsync(10);
        var (ledger, progress) = await campaign.TakeAsync();
        await campaign.ReleaseAsync(ledger, progress, 10);
        await using var recorder = new CampaignRecorder(ledger, progress, OwnedCampaign.Window, NullLogger.Instance);
        Change[] statuses =
        [
            .. Enumerable.Range(1, 8).Select(position => OwnedCampaign.Seen(position, MessageStatus.Delivered)),
            OwnedCampaign.Seen(2, MessageStatus.Sent), OwnedCampaign.Seen(3, MessageStatus.Read), OwnedCampaign.Seen(9, MessageStatus.Failed, 131026),
        ];
        await recorder.AddAsync(statuses);
        var before = await SnapshotAsync(campaign);

        await recorder.AddAsync(statuses);
        await recorder.AddAsync([.. statuses.Reverse()]);

        Assert.Equal(before, await SnapshotAsync(campaign));
        await campaign.SoundAsync();
    }

    [Fact]
    public async Task When_the_campaign_is_taken_everybody_who_waits_is_told_and_so_is_the_run()
    {
        await using var campaign = await OwnedCampaign.StartAsync(10);
        var (ledger, progress) = await campaign.TakeAsync();
        await campaign.ReleaseAsync(ledger, progress, 10);
        await using var recorder = new CampaignRecorder(ledger, progress, OwnedCampaign.Window, NullLogger.Instance);
        await campaign.TakeAsync();

        await Assert.ThrowsAsync<OwnershipLostException>(() => recorder.AddAsync([OwnedCampaign.Accepted(1)]));
        await recorder.Lost;
        await Assert.ThrowsAsync<OwnershipLostException>(() => recorder.AddAsync([OwnedCampaign.Accepted(2)]));
        Assert.Empty(await campaign.QueryAsync<int>("select position from message where campaign_id = @Id"));
    }

    private static async Task RunAsync(Random random, OwnedCampaign campaign, LossyLink? loseAnswers)
    {
        var (ledger, progress) = await campaign.TakeAsync();
        await using var recorder = new CampaignRecorder(ledger, progress, OwnedCampaign.Window, NullLogger.Instance);
        var model = new Dictionary<int, MessageRecord>();
        var expected = 0;
        while (progress.ReleasedThrough < Recipients || model.Count < Recipients)
        {
            if (progress.ReleasedThrough < Recipients) await campaign.ReleaseAsync(ledger, progress, random.Next(1, 15));
            Change[] changes = [.. Enumerable.Range(0, random.Next(1, 40)).Select(_ => AnyChange(random, random.Next(1, progress.ReleasedThrough + 1)))];
            foreach (var change in changes)
            {
                var before = model.GetValueOrDefault(change.Position, MessageRecord.Released);
                var after = change.ApplyTo(before);
                if (after == before) continue;
                if (after.State != before.State) expected++;
                model[change.Position] = after;
            }

            if (loseAnswers is not null && random.Next(3) == 0) loseAnswers.LoseNextAnswer();
            await recorder.AddAsync(changes);
            if (random.Next(4) == 0) await campaign.SoundAsync();
        }

        await campaign.SoundAsync();
        var stored = await ledger.ReadMessagesAsync([.. Enumerable.Range(1, Recipients)], CancellationToken.None);
        Assert.Equal(model.OrderBy(pair => pair.Key), stored.OrderBy(pair => pair.Key));
        Assert.Equal(expected, (await campaign.QueryAsync<int>("select sum(count)::int from event")).Single());
        Assert.Equal(
            model.Where(pair => pair.Value.State is MessageState.Uncertain or MessageState.Retrying).Select(pair => pair.Key).Order(),
            await campaign.QueryAsync<int>("select position from pending where campaign_id = @Id order by 1"));
    }

    private static Change NotSent(int position, string why) => OwnedCampaign.Ended(position, SendOutcome.NotSent(why));

    private static Change AnyChange(Random random, int position)
    {
        var fault = new SendFault(131026, "test", null, MetaErrorTable.ForFailed(131026));
        return random.Next(9) switch
        {
            0 or 1 => OwnedCampaign.Accepted(position),
            2 => OwnedCampaign.Ended(position, OwnedCampaign.RefusedForNow),
            3 => OwnedCampaign.Ended(position, new SendOutcome.Refused(fault)),
            4 => OwnedCampaign.Ended(position, new SendOutcome.Uncertain(fault)),
            5 => OwnedCampaign.Seen(position, MessageStatus.Sent),
            6 => OwnedCampaign.Seen(position, MessageStatus.Delivered),
            7 => OwnedCampaign.Seen(position, MessageStatus.Read),
            _ => OwnedCampaign.Seen(position, MessageStatus.Failed, 131026),
        };
    }

    private static async Task<string[]> SnapshotAsync(OwnedCampaign campaign) =>
    [
        (await campaign.QueryAsync<string>("select (to_jsonb(r) - 'updated_at')::text from campaign_run r where campaign_id = @Id")).Single(),
        string.Join('\n', await campaign.QueryAsync<string>("select m::text from message m where campaign_id = @Id order by position")),
        string.Join('\n', await campaign.QueryAsync<string>("select last_offset::text from event_head order by shard")),
    ];
}

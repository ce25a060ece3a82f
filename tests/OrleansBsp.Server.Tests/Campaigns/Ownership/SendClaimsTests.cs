using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using OrleansBsp.Server.Campaigns.Sending;
using OrleansBsp.Server.Storage;
using OrleansBsp.Server.Tests.Storage;

namespace OrleansBsp.Server.Tests.Campaigns.Ownership;

/// <summary>However often and wherever an attempt is received, at most one may send it, and "nobody has" is proof.</summary>
public sealed class SendClaimsTests
{
    [Fact]
    public async Task Of_many_who_claim_at_once_one_may_send()
    {
        await using var campaign = await OwnedCampaign.StartAsync(100);
        var keys = Keys(campaign, 100);
        var claims = Claims(campaign.Database);

        var all = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => Task.Run(() =>
            claims.ClaimAsync(keys.OrderBy(_ => Random.Shared.Next()).ToList(), CancellationToken.None))));

        foreach (var key in keys)
            Assert.Equal([SendClaim.Ours, .. Enumerable.Repeat(SendClaim.Anothers, 11)], all.Select(one => one![key]).Order());
    }

    [Theory]
    [InlineData("paused")]
    [InlineData("cancelled")]
    public async Task Nobody_sends_for_a_campaign_that_does_not_run(string state)
    {
        await using var campaign = await OwnedCampaign.StartAsync(3);
        var keys = Keys(campaign, 3);
        await campaign.QueryAsync<int>($"update campaign_run set state = '{state}' where campaign_id = @Id returning 1");

        Assert.All((await Claims(campaign.Database).ClaimAsync(keys, CancellationToken.None))!.Values, claim => Assert.Equal(SendClaim.Nobodys, claim));
        await campaign.QueryAsync<int>("update campaign_run set state = 'running' where campaign_id = @Id returning 1");
        // Once said, it is final: it may have been released anew.
        Assert.All((await Claims(campaign.Database).ClaimAsync(keys, CancellationToken.None))!.Values, claim => Assert.Equal(SendClaim.Nobodys, claim));
    }

    [Fact]
    public async Task What_comes_too_late_is_sent_by_nobody()
    {
        await using var campaign = await OwnedCampaign.StartAsync(2);
        var late = Keys(campaign, 1, -SendClaims.Tolerance - TimeSpan.FromMilliseconds(50));
        var claims = Claims(campaign.Database);

        Assert.Equal([SendClaim.Nobodys], (await claims.ClaimAsync(late, CancellationToken.None))!.Values);
        Assert.Equal([SendClaim.Ours], (await claims.ClaimAsync([late[0] with { Attempt = 2, Moment = late[0].Moment.AddMinutes(1) }], CancellationToken.None))!.Values);
    }

    [Fact]
    public async Task An_unknown_campaign_is_nobodys()
    {
        await using var campaign = await OwnedCampaign.StartAsync(1);
        var key = Keys(campaign, 1)[0] with { Campaign = 999_999 };

        Assert.Equal([SendClaim.Nobodys], (await Claims(campaign.Database).ClaimAsync([key], CancellationToken.None))!.Values);
    }

    [Fact]
    public async Task What_the_owner_forbids_nobody_sends_and_what_is_claimed_it_cannot_forbid()
    {
        await using var campaign = await OwnedCampaign.StartAsync(2);
        var keys = Keys(campaign, 2);
        var claims = Claims(campaign.Database);
        await claims.ClaimAsync([keys[0]], CancellationToken.None);

        var forbidden = await claims.ForbidAsync(keys, CancellationToken.None);

        Assert.Equal((SendClaim.Anothers, SendClaim.Nobodys), (forbidden[keys[0]], forbidden[keys[1]]));
        Assert.Equal([SendClaim.Nobodys], (await claims.ClaimAsync([keys[1]], CancellationToken.None))!.Values);
    }

    [Fact]
    public async Task What_was_ordered_before_a_restore_may_have_been_sent_by_somebody_who_is_forgotten()
    {
        await using var campaign = await OwnedCampaign.StartAsync(3);
        var before = Keys(campaign, 2, TimeSpan.FromSeconds(-1));
        await campaign.QueryAsync<int>("insert into restored values (clock_timestamp()) returning 1");
        var after = Keys(campaign, 3)[2];
        var claims = Claims(campaign.Database);

        Assert.Equal(SendClaim.Anothers, (await claims.ForbidAsync([before[0]], CancellationToken.None))[before[0]]);
        var claimed = (await claims.ClaimAsync([.. before, after], CancellationToken.None))!;

        Assert.Equal([SendClaim.Anothers, SendClaim.Anothers, SendClaim.Ours], [claimed[before[0]], claimed[before[1]], claimed[after]]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public async Task A_claim_whose_answer_is_lost_is_found_to_be_ours(int times)
    {
        LossyLink? link = null;
        await using var campaign = await OwnedCampaign.StartAsync(5, direct => (link = new LossyLink(direct)).ConnectionString);
        var claims = Claims(campaign.Database);
        var keys = Keys(campaign, 5);
        await claims.ClaimAsync([keys[0]], CancellationToken.None);

        link!.LoseNextAnswer(times);
        var claimed = await claims.ClaimAsync(keys, CancellationToken.None);

        Assert.Equal(times, link.Lost);
        Assert.Equal([SendClaim.Anothers, .. Enumerable.Repeat(SendClaim.Ours, 4)], keys.Select(key => claimed![key]));
        await link.DisposeAsync();
    }

    [Fact]
    public async Task Stopped_while_the_database_does_not_answer_it_says_that_nothing_may_be_sent()
    {
        await using var campaign = await OwnedCampaign.StartAsync(1);
        await using var away = new Database(new NpgsqlConnectionStringBuilder(campaign.Database.ConnectionString) { Port = 9 }.ConnectionString, new DatabaseOptions());

        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        Assert.Null(await Claims(away).ClaimAsync(Keys(campaign, 1), stop.Token));
    }

    [Fact]
    public async Task A_silo_that_was_declared_dead_claims_and_forbids_nothing()
    {
        await using var campaign = await OwnedCampaign.StartAsync(1);
        var self = SiloAddress.New(System.Net.IPAddress.Loopback, 11111, 7);
        await campaign.QueryAsync<int>($"""
            with c as (insert into orleans_cluster (cluster_id) values ('c') returning cluster_id)
            insert into orleans_silo (cluster_id, address, port, generation, silo_name, host_name, status, start_time, alive_time)
            select cluster_id, '127.0.0.1', 11111, 7, 's', 'h', {(int)SiloStatus.Dead}, now(), now() from c returning 1
            """);
        var dead = new SendClaims(campaign.Database, self, NullLogger<SendClaims>.Instance);
        var keys = Keys(campaign, 1);

        Assert.Null(await dead.ClaimAsync(keys, CancellationToken.None));
        Assert.Empty(await dead.ForbidAsync(keys, CancellationToken.None));
        Assert.Equal(0, (await campaign.QueryAsync<int>("select count(*)::int from send_claim")).Single());
        await campaign.QueryAsync<int>($"update orleans_silo set status = {(int)SiloStatus.Active} returning 1");
        Assert.Equal([SendClaim.Ours], (await dead.ClaimAsync(keys, CancellationToken.None))!.Values);
    }

    [Fact]
    public async Task Claims_of_days_that_have_passed_are_dropped()
    {
        await using var campaign = await OwnedCampaign.StartAsync(1);
        await campaign.QueryAsync<string>("select ensure_day_partition('send_claim', current_date - 9)::text");
        await using var connection = await campaign.Database.Control.OpenConnectionAsync();

        await PartitionKeeper.DropOldAsync(connection, new DatabaseOptions(), CancellationToken.None);

        Assert.Equal(9, (await campaign.QueryAsync<int>("select count(*)::int from pg_inherits where inhparent = 'send_claim'::regclass")).Single());
    }

    [Fact]
    public async Task The_database_clock_is_off_by_less_than_half_a_round_trip()
    {
        await using var campaign = await OwnedCampaign.StartAsync(1);
        var clock = new DatabaseClock(campaign.Database, TimeProvider.System);
        Assert.Null(clock.NowOrNull);
        var roundTrip = TimeSpan.MaxValue; // of the quickest, or a little more
        for (var reading = 0; reading < 5; reading++)
        {
            var began = Stopwatch.GetTimestamp();
            await clock.ReadAsync(CancellationToken.None);
            var took = Stopwatch.GetElapsedTime(began);
            if (took < roundTrip) roundTrip = took;
        }

        var before = clock.NowOrNull!.Value;
        var there = (await campaign.QueryAsync<DateTime>("select clock_timestamp()")).Single();
        var after = clock.NowOrNull!.Value;

        var most = roundTrip / 2 + TimeSpan.FromMilliseconds(1); // and what clocks drift apart
        Assert.InRange(there, before - most, after + most);
    }

    private static SendClaims Claims(Database database) => new(database, null, NullLogger<SendClaims>.Instance);

    /// <param name="fromNow">Their moment. A minute, unless it matters: what comes half a second late is claimed by nobody.</param>
    private static List<SendKey> Keys(OwnedCampaign campaign, int count, TimeSpan? fromNow = null)
    {
        var now = DateTime.UtcNow + (fromNow ?? TimeSpan.FromMinutes(1));
        var moment = new DateTime(now.Ticks - now.Ticks % TimeSpan.TicksPerMicrosecond, DateTimeKind.Utc);
        return [.. Enumerable.Range(1, count).Select(position => new SendKey(campaign.Id, position, 1, moment))];
    }
}

using System.Text;
using Microsoft.AspNetCore.Http;
using Npgsql;
using OrleansBsp.Server.Campaigns.Audience;

namespace OrleansBsp.Server.Tests.Campaigns.Audience;

/// <summary>All or nothing, whatever goes wrong and whenever.</summary>
public sealed class AudienceTransactionTests(AudienceDatabase db) : IClassFixture<AudienceDatabase>
{
    private const string File = "phone,name\n9876543210,a\n9876543211,b\nx,c\n";

    public static TheoryData<string> Failures => new("reset", "short", "limit", "bug", "cancelled");

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task An_upload_that_breaks_off_changes_nothing(string how)
    {
        var campaign = await db.CampaignAsync();
        await db.ImportedAsync(campaign, "phone\n9876543219\n");
        var before = await db.EverythingAsync();
        var body = new Upload(Rows(20_000), atEnd: () => throw how switch
        {
            "reset" => new IOException("The client reset the request stream."),
            "short" => new BadHttpRequestException("Unexpected end of request content.", StatusCodes.Status400BadRequest),
            "limit" => new BadHttpRequestException("Request body too large.", StatusCodes.Status413PayloadTooLarge),
            "cancelled" => new OperationCanceledException(),
            _ => new InvalidOperationException("A bug."),
        });

        var (status, code) = how switch { "limit" => (413, "file_too_large"), _ => (400, "cut_off") };
        switch (how)
        {
            case "bug": await Assert.ThrowsAsync<InvalidOperationException>(() => db.ImportAsync(campaign, body)); break;
            case "cancelled": await Assert.ThrowsAsync<OperationCanceledException>(() => db.ImportAsync(campaign, body)); break;
            default:
                var refused = AudienceDatabase.Refused(await db.ImportAsync(campaign, body));
                Assert.Equal((status, code), (refused.Status, refused.Errors[0].Code));
                break;
        }

        Assert.Equal(before, await db.EverythingAsync());
    }

    [Fact]
    public async Task A_launch_during_the_upload_wins()
    {
        var campaign = await db.CampaignAsync();
        await db.ImportedAsync(campaign, "phone\n9876543219\n");
        string? before = null;
        var body = new Upload(Encoding.UTF8.GetBytes(File), atEnd: () =>
        {
            db.ExecuteAsync($"update campaign_run set state = 'running' where campaign_id = {campaign}").GetAwaiter().GetResult();
            before = db.EverythingAsync().GetAwaiter().GetResult();
        });

        var refused = AudienceDatabase.Refused(await db.ImportAsync(campaign, body));

        Assert.Equal((409, "campaign_not_draft"), (refused.Status, refused.Errors[0].Code));
        Assert.Equal(before, await db.EverythingAsync());
    }

    [Fact]
    public async Task A_slow_upload_locks_nothing()
    {
        var campaign = await db.CampaignAsync();
        var changed = 0L;
        var body = new Upload(Encoding.UTF8.GetBytes(File), atEnd: () =>
        {
            // "skip locked" sees no row if anybody holds a lock on it; and no transaction waits open for the rest of the upload.
            changed = db.ScalarAsync<long>($"select count(*) from (select 1 from campaign_run where campaign_id = {campaign} for update skip locked) as free").GetAwaiter().GetResult();
            changed += db.ScalarAsync<long>("select count(*) from pg_stat_activity where datname = current_database() and state like 'idle in transaction%'").GetAwaiter().GetResult();
        });

        AudienceDatabase.Imported(await db.ImportAsync(campaign, body));

        Assert.Equal(1, changed);
    }

    [Fact]
    public async Task A_campaign_that_another_request_holds_is_busy()
    {
        var campaign = await db.CampaignAsync();
        var before = await db.EverythingAsync();
        await using var other = await db.Database.Main.OpenConnectionAsync();
        await using var transaction = await other.BeginTransactionAsync();
        await using (var hold = new NpgsqlCommand($"select 1 from campaign_run where campaign_id = {campaign} for update", other, transaction)) await hold.ExecuteScalarAsync();

        var refused = AudienceDatabase.Refused(await db.ImportAsync(campaign, File));

        Assert.Equal((409, "campaign_busy"), (refused.Status, refused.Errors[0].Code));
        await transaction.RollbackAsync();
        Assert.Equal(before, await db.EverythingAsync());
    }

    [Fact]
    public async Task A_database_error_in_the_middle_of_the_copy_rolls_everything_back()
    {
        var campaign = await db.CampaignAsync();
        await db.ImportedAsync(campaign, "phone\n9876543219\n");
        var before = await db.EverythingAsync();
        await db.ExecuteAsync("alter table recipient add constraint no_19999 check (phone <> 919876519999)");
        try
        {
            await Assert.ThrowsAsync<PostgresException>(() => db.ImportAsync(campaign, new MemoryStream(Rows(60_000))));
        }
        finally
        {
            await db.ExecuteAsync("alter table recipient drop constraint no_19999");
        }

        Assert.Equal(before, await db.EverythingAsync());
        Assert.Equal(60_000, AudienceDatabase.Imported(await db.ImportAsync(campaign, new MemoryStream(Rows(60_000)))).Accepted);
    }

    [Fact]
    public async Task A_bad_end_of_a_long_file_rolls_its_beginning_back()
    {
        var campaign = await db.CampaignAsync();
        await db.ImportedAsync(campaign, "phone\n9876543219\n");
        var before = await db.EverythingAsync();

        var refused = AudienceDatabase.Refused(await db.ImportAsync(campaign, new MemoryStream([.. Rows(20_000), .. "9876599999,\"never closed"u8])));

        Assert.Equal(("unclosed_quote", 20_001), (refused.Errors[0].Code, refused.Errors[0].Row));
        Assert.Equal(before, await db.EverythingAsync());
    }

    [Fact]
    public async Task Uploads_at_the_same_time_leave_one_whole_audience()
    {
        var campaign = await db.CampaignAsync();

        var imports = await Task.WhenAll(Enumerable.Range(1, 4).Select(i => Task.Run(() => db.ImportAsync(campaign, new MemoryStream(Rows(i * 3_000))))));

        Assert.All(imports, import => AudienceDatabase.Imported(import));
        var audience = await db.ScalarAsync<long>($"select audience_id from campaign where id = {campaign}");
        Assert.Equal(audience, await db.ScalarAsync<long>($"select id from audience where campaign_id = {campaign}"));
        var accepted = await db.ScalarAsync<int>($"select accepted from audience where id = {audience}");
        Assert.Equal(accepted, await db.ScalarAsync<int>($"select planned from campaign_run where campaign_id = {campaign}"));
        Assert.Equal(accepted, (await db.RecipientsAsync(campaign)).Count);
        var others = string.Join(",", imports.Select(import => AudienceDatabase.Imported(import).AudienceId).Where(id => id != audience));
        Assert.Equal(0, await db.ScalarAsync<long>($"select count(*) from recipient where audience_id in ({others})"));
    }

    [Fact]
    public async Task Nothing_stays_in_the_spool_folder()
    {
        var folder = Directory.CreateTempSubdirectory("bsp-spool-");
        string[]? during = null;
        var body = new Upload(Encoding.UTF8.GetBytes(File), atEnd: () => during = Directory.GetFiles(folder.FullName));

        AudienceDatabase.Imported(await db.ImportAsync(await db.CampaignAsync(), body, new AudienceOptions { SpoolFolder = folder.FullName }));

        if (!OperatingSystem.IsWindows()) Assert.Empty(during!);
        folder.Delete(); // not recursive: fails if anything was left
    }

    private static byte[] Rows(int count) => Encoding.UTF8.GetBytes("phone,name\n" + string.Concat(Enumerable.Range(0, count).Select(i => $"98765{i:00000},Name {i}\n")));

    /// <summary>A body that does something of ours once all its bytes are read, before it ends.</summary>
    private sealed class Upload(byte[] bytes, Action atEnd) : MemoryStream(bytes)
    {
        private bool _ended;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await base.ReadAsync(buffer, cancellationToken);
            if (read == 0 && !_ended)
            {
                _ended = true;
                atEnd();
            }

            return read;
        }
    }
}

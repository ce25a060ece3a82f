using System.Text;
using OrleansBsp.Server.Campaigns.Audience;

namespace OrleansBsp.Server.Tests.Campaigns.Audience;

public sealed class AudienceImporterTests(AudienceDatabase db) : IClassFixture<AudienceDatabase>
{
    [Fact]
    public async Task A_file_becomes_recipients_in_its_order_and_rejects_with_reasons()
    {
        var campaign = await db.CampaignAsync();

        var summary = await db.ImportedAsync(campaign, """
            name,Phone,city
            Asha,+91 98765 43210,Pune
            Ravi,09876543211,"Navi
            Mumbai"
            Asha again,0091 9876543210,Pune
            Nobody,12,Pune
            Meera,919876543212,
            """.ReplaceLineEndings("\n"));

        Assert.Equal((5, 3, 1, 1), (summary.Rows, summary.Accepted, summary.Duplicates, summary.Invalid));
        Assert.Equal(("utf-8", ",", "Phone"), (summary.Encoding, summary.Delimiter, summary.PhoneColumn));
        Assert.Equal(["name", "city"], summary.Columns);
        Assert.Equal(["+919876543210", "+919876543211", "+919876543212"], summary.Sample.Select(row => row.Phone));
        Assert.Equal("Navi\nMumbai", summary.Sample[1].Values["city"]);
        Assert.Equal([(1, 919876543210), (2, 919876543211), (3, 919876543212)], (await db.RecipientsAsync(campaign)).Select(row => (row.Position, row.Phone)));
        Assert.Equal(["Ravi", "Navi\nMumbai"], (await db.RecipientsAsync(campaign))[1].Values);
        Assert.Equal(
            [
                (3, "Phone", "0091 9876543210", "duplicate", "The number +919876543210 is already in row 1, which is kept."),
                (4, "Phone", "12", "phone_too_short", "\"12\" is too short for a phone number of IN (+91)."),
            ],
            await db.RejectsAsync(summary.AudienceId));
        Assert.Equal(3, await db.ScalarAsync<int>($"select planned from campaign_run where campaign_id = {campaign}"));
    }

    [Fact]
    public async Task A_new_upload_replaces_the_old_audience_without_leftovers()
    {
        var campaign = await db.CampaignAsync();
        var first = await db.ImportedAsync(campaign, "phone\n9876543210\n9876543211\nx\n");

        var second = await db.ImportedAsync(campaign, "phone\n9876543219\n");

        Assert.Equal([(1, 919876543219)], (await db.RecipientsAsync(campaign)).Select(row => (row.Position, row.Phone)));
        Assert.Equal(1, await db.ScalarAsync<int>($"select planned from campaign_run where campaign_id = {campaign}"));
        foreach (var table in new[] { "recipient", "audience_reject" })
            Assert.Equal(0, await db.ScalarAsync<long>($"select count(*) from {table} where audience_id = {first.AudienceId}"));
        Assert.Equal(second.AudienceId, await db.ScalarAsync<long>($"select id from audience where campaign_id = {campaign}"));
    }
}

namespace OrleansBsp.Server.Tests.Campaigns.Audience;

public sealed class SampleFileTests(AudienceDatabase db) : IClassFixture<AudienceDatabase>
{
    [Fact]
    public async Task The_sample_file_imports_without_a_reject()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "OrleansBsp.sln"))) folder = folder.Parent!;
        await using var sample = File.OpenRead(Path.Combine(folder.FullName, "samples", "diwali-2000.csv"));

        var summary = AudienceDatabase.Imported(await db.ImportAsync(await db.CampaignAsync(), sample));

        Assert.Equal((2_000, 2_000, 0, 0), (summary.Rows, summary.Accepted, summary.Duplicates, summary.Invalid));
        Assert.Equal(["name", "city", "course", "slug"], summary.Columns);
    }
}

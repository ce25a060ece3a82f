using OrleansBsp.Core.Campaigns;

namespace OrleansBsp.Core.Tests.Campaigns;

public class CampaignLifecycleTests
{
    [Theory]
    //                                    launch       pause     resume    cancel
    [InlineData(CampaignState.Draft,     "Running      -         -         Cancelled")]
    [InlineData(CampaignState.Scheduled, "Scheduled    Paused    -         Cancelled")]
    [InlineData(CampaignState.Running,   "Running      Paused    Running   Cancelled")]
    [InlineData(CampaignState.Paused,    "-            Paused    Running   Cancelled")]
    [InlineData(CampaignState.Completed, "-            -         -         -")]
    [InlineData(CampaignState.Cancelled, "-            -         -         Cancelled")]
    public void After_WhenDue_FollowsTheTable(CampaignState from, string expected) => AssertRow(from, isDue: true, expected);

    [Theory]
    [InlineData(CampaignState.Draft,     "Scheduled    -         -         Cancelled")]
    [InlineData(CampaignState.Scheduled, "Scheduled    Paused    Scheduled Cancelled")]
    [InlineData(CampaignState.Running,   "Running      Paused    Running   Cancelled")]
    [InlineData(CampaignState.Paused,    "-            Paused    Scheduled Cancelled")]
    [InlineData(CampaignState.Completed, "-            -         -         -")]
    [InlineData(CampaignState.Cancelled, "-            -         -         Cancelled")]
    public void After_BeforeTheStart_NothingMakesItRun(CampaignState from, string expected) => AssertRow(from, isDue: false, expected);

    [Fact]
    public void After_AnyCommandAskedAgain_GivesTheSameState()
    {
        foreach (var state in Enum.GetValues<CampaignState>())
            foreach (var command in Enum.GetValues<CampaignCommand>())
                foreach (var isDue in (bool[])[true, false])
                    if (state.After(command, isDue) is { } after) Assert.Equal(after, after.After(command, isDue));
    }

    private static void AssertRow(CampaignState from, bool isDue, string expected) => Assert.Equal(
        expected.Split(' ', StringSplitOptions.RemoveEmptyEntries),
        Enum.GetValues<CampaignCommand>().Select(command => from.After(command, isDue)?.ToString() ?? "-"));
}

using FsCheck.Xunit;

namespace OrleansBsp.Core.Tests.Campaigns.Model;

public class CampaignModelTests
{
    [Property(MaxTest = 1500, EndSize = 400)]
    public bool Crashes_anywhere_never_send_twice_and_the_books_always_balance(byte planned, byte[] steps, int seed) =>
        CampaignModel.Run(Variant.AsDesigned, planned % 40, steps, seed) is null;

    [Fact]
    public void A_thousand_long_runs_as_designed_hold_everything()
    {
        for (var seed = 0; seed < 1000; seed++) Assert.Null(Run(Variant.AsDesigned, seed));
    }

    [Theory]
    [InlineData(Variant.SendsBeforeTheCheckpoint, "was sent again after")]
    [InlineData(Variant.RepeatsTheUncertain, "was sent again after Lost")]
    [InlineData(Variant.RecordsPastOpenPositions, "never complete")]
    [InlineData(Variant.ReleasesWithoutTheEpoch, "was sent again after")]
    [InlineData(Variant.CountsReportsInsteadOfTransitions, "counted")]
    public void A_broken_engine_is_found_out(Variant variant, string fault)
    {
        var faults = Enumerable.Range(0, 300).Select(seed => Run(variant, seed)).Where(found => found is not null).ToList();
        Assert.Contains(faults, found => found!.Contains(fault));
    }

    private static string? Run(Variant variant, int seed)
    {
        var steps = new byte[300];
        new Random(seed).NextBytes(steps);
        return CampaignModel.Run(variant, planned: 20, steps, seed + 1);
    }
}

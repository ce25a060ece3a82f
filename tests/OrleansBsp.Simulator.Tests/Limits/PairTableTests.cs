using OrleansBsp.Simulator.Limits;

namespace OrleansBsp.Simulator.Tests.Limits;

public sealed class PairTableTests
{
    private const ulong Someone = 61491570006;
    private const long Second = 1_000_000;

    [Fact]
    public void TryTakeToken_Burst_ThenOnePerSixSeconds()
    {
        var pairs = new PairTable();

        Assert.Equal(45, Enumerable.Range(0, 60).Count(_ => pairs.TryTakeToken(Someone, 0, 45, 6)));
        Assert.False(pairs.TryTakeToken(Someone, 5 * Second, 45, 6));
        Assert.True(pairs.TryTakeToken(Someone, 6 * Second, 45, 6));
        Assert.False(pairs.TryTakeToken(Someone, 6 * Second, 45, 6));
        Assert.True(pairs.TryTakeToken(Someone + 1, 6 * Second, 45, 6));
        Assert.Equal(45, Enumerable.Range(0, 60).Count(_ => pairs.TryTakeToken(Someone, 1000 * Second, 45, 6)));
    }

    [Fact]
    public void ReturnToken_GivesOneBack()
    {
        var pairs = new PairTable();
        Assert.True(pairs.TryTakeToken(Someone, 0, 1, 6));

        pairs.ReturnToken(Someone);

        Assert.True(pairs.TryTakeToken(Someone, 0, 1, 6));
    }

    [Fact]
    public void IsWindowOpen_For24Hours()
    {
        var pairs = new PairTable();
        Assert.False(pairs.IsWindowOpen(Someone, 0));

        pairs.OpenWindow(Someone, 0);

        Assert.True(pairs.IsWindowOpen(Someone, (24 * 3600 * Second) - 1));
        Assert.False(pairs.IsWindowOpen(Someone, 24 * 3600 * Second));
    }
}

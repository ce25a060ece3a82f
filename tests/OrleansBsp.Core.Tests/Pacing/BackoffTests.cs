using OrleansBsp.Core.Pacing;

namespace OrleansBsp.Core.Tests.Pacing;

public class BackoffTests
{
    private static readonly Backoff Backoff = new(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(3));

    [Theory]
    [InlineData(0, 100)]
    [InlineData(1, 200)]
    [InlineData(4, 1600)]
    [InlineData(5, 3000)]
    [InlineData(int.MaxValue, 3000)]
    public void Each_failure_doubles_the_wait_up_to_the_longest(int failures, int milliseconds) =>
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), Backoff.After(failures));

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(1, 0, 200)]
    [InlineData(0.5, 0, 100)]
    [InlineData(0, 0.5, 100)]
    [InlineData(0.5, 0.5, 150)]
    public void Spread_is_by_chance_between_a_least_share_and_all_of_it(double random, double least, int milliseconds) =>
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), Backoff.Spread(1, random, least));
}

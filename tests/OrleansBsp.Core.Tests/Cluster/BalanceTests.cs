using FsCheck.Xunit;
using OrleansBsp.Core.Cluster;

namespace OrleansBsp.Core.Tests.Cluster;

public class BalanceTests
{
    [Theory]
    [InlineData(new[] { 3 }, 0)]
    [InlineData(new[] { 2, 1 }, 0)]
    [InlineData(new[] { 2, 0 }, 1)]
    [InlineData(new[] { 5, 4, 0 }, 3)]
    [InlineData(new[] { 0, 0, 0 }, 0)]
    [InlineData(new[] { 100, 100, 0 }, 66)]
    public void Moves_AsFewAsEvenOut(int[] counts, int expected) => Assert.Equal(expected, Balance.Moves(counts, 1000).Count);

    [Fact]
    public void Moves_NeverMoreThanAsked() => Assert.Equal(7, Balance.Moves([100, 0], 7).Count);

    /// <summary>Even at the end; nothing lost; nobody both gives and takes.</summary>
    [Property]
    public bool Moves_LeaveSilosEven(FsCheck.NonNegativeInt[] given)
    {
        var counts = given.Select(count => count.Get % 50).ToArray();
        var moves = Balance.Moves(counts, int.MaxValue);
        var after = counts.ToArray();
        foreach (var (from, to) in moves)
        {
            after[from]--;
            after[to]++;
        }

        return after.Sum() == counts.Sum()
            && (after.Length < 2 || after.Max() - after.Min() <= 1)
            && !moves.Select(move => move.From).Intersect(moves.Select(move => move.To)).Any();
    }
}

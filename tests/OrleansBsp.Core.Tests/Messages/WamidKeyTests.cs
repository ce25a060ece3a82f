using OrleansBsp.Core.Messages;

namespace OrleansBsp.Core.Tests.Messages;

public class WamidKeyTests
{
    // The published test values of FNV-1a with 64 bits: keys are stored, so they must never change.
    [Theory]
    [InlineData("", 0xcbf29ce484222325)]
    [InlineData("a", 0xaf63dc4c8601ec8c)]
    [InlineData("foobar", 0x85944171f73967e8)]
    public void Of_PublishedValues_AreTheSame(string text, ulong key) => Assert.Equal(unchecked((long)key), WamidKey.Of(text));

    [Fact]
    public void Of_WamidsThatDifferInOneCharacter_Differ()
    {
        var keys = Enumerable.Range(0, 100_000).Select(number => WamidKey.Of($"wamid.HBgLNjE0OTE1NzAwMDYVAgARGBI{number:X8}AA==")).ToHashSet();
        Assert.Equal(100_000, keys.Count);
    }
}

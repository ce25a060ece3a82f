using OrleansBsp.Server.Tests;
using Xunit.Abstractions;

// Most of the long classes wait most of the time, so more run at a time than two cores alone would suggest. Not more on bigger machines: all share
// one PostgreSQL and its 200 connections.
[assembly: CollectionBehavior(MaxParallelThreads = 3)]
[assembly: TestCollectionOrderer("OrleansBsp.Server.Tests." + nameof(LongestFirst), "OrleansBsp.Server.Tests")]

namespace OrleansBsp.Server.Tests;

/// <summary>The classes that take longest begin first, and the short ones fill what they leave free: one that began last would be waited for alone.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    private static readonly string[] Long = [".SingleMessageTests", ".Scenarios.", ".PoisonTests", ".TakeoverTests", ".RecorderTests"];

    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections) =>
        testCollections.OrderBy(Rank).ThenBy(collection => collection.DisplayName, StringComparer.Ordinal);

    private static int Rank(ITestCollection collection) =>
        Array.FindIndex(Long, part => collection.DisplayName.Contains(part, StringComparison.Ordinal)) is var place && place >= 0 ? place : Long.Length;
}

using OrleansBsp.Server.Tests.Scenarios;
using Xunit.Abstractions;

[assembly: TestCollectionOrderer("OrleansBsp.Server.Tests.Scenarios." + nameof(ScenariosFirst), "OrleansBsp.Server.Tests")]

namespace OrleansBsp.Server.Tests.Scenarios;

/// <summary>
/// The classes that take longest begin first: the short ones fill what they leave free. A scenario that began last would be waited for alone.
/// </summary>
public sealed class ScenariosFirst : ITestCollectionOrderer
{
    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections) =>
        testCollections.OrderByDescending(collection => collection.DisplayName.Contains(".Scenarios.", StringComparison.Ordinal)).ThenBy(collection => collection.DisplayName, StringComparer.Ordinal);
}

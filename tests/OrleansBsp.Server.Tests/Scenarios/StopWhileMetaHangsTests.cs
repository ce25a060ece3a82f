using OrleansBsp.Simulator.Faults;
using Xunit.Abstractions;

namespace OrleansBsp.Server.Tests.Scenarios;

/// <summary>A server is told to stop while Meta has taken requests and answers none, for longer than a stop may last.</summary>
[Collection(AloneCollection.Name)]
public sealed class StopWhileMetaHangsTests(ITestOutputHelper output) : ScenarioTests(output)
{
    protected override Task<Stage> SetStageAsync() => Stage.SetAsync(settings: ("Meta__SendTimeoutSeconds", "60"));

    [Theory, InlineData(FaultKind.HangBeforeAccept), InlineData(FaultKind.HangAfterAccept)]
    public async Task It_ends_in_order_and_in_time_and_every_recipient_is_explained(FaultKind kind)
    {
        const int People = 2000;
        var campaign = await Stage.LaunchAsync(Audience.Of(People));
        await Stage.WaitForAcceptedAsync(500);
        Stage.Meta.Faults.Add(new FaultRule { Kind = kind });
        await Stage.WaitForAsync(campaign.Id, view => view is { InFlight: > 10, LimitedBy: "waiting for Meta's answers" or "Meta does not answer" }, "Meta hangs");
        await Stage.Server.StopAsync(); // exit code 0, within 25 s
        Stage.Meta.Faults.Clear();

        await Stage.Server.StartAgainAsync();
        await Stage.WaitUntilCompletedAsync(campaign.Id);
        var books = (await Stage.ReckonAsync(campaign.Id)).Books;
        Tell($"unknown: {books.Unknown}");
        Assert.Equal(People, books.Accepted + books.Unknown);
        Assert.Equal(Stage.Meta.Ledger.Count, books.Accepted); // their statuses settle what was never answered
    }
}

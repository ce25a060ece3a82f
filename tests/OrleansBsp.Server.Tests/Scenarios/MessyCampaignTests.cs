using OrleansBsp.Simulator.Fates;
using OrleansBsp.Simulator.Faults;
using Xunit.Abstractions;

namespace OrleansBsp.Server.Tests.Scenarios;

/// <summary>A campaign as it is in production: nothing is wrong with it, and everything happens at once.</summary>
[Collection(AloneCollection.Name)]
public sealed class MessyCampaignTests(ITestOutputHelper output) : ScenarioTests(output)
{
    [Fact]
    public async Task Twenty_thousand_messages_among_errors_and_unruly_webhooks_end_as_Meta_has_them()
    {
        Stage.Meta.Behaviour.Statuses = StatusProfile.Messy;
        // Uncertain by their code, and never accepted: nobody will ever know.
        Stage.Meta.Faults.Add(new FaultRule { Kind = FaultKind.Error, Code = 2, HttpStatus = 500, RecipientsSuffix = "077" });
        var audience = Audience.Of(6000)
            .RefusedOnce(130429, 20).Plain(1000).RefusedOnce(131056, 40).Plain(1000).RefusedOnce(131057, 40).Plain(2000)
            .Refused(131026, 60).Plain(2000).Refused(130472, 40).Plain(1000).Refused(135000, 15).Plain(1000)
            .FailedLater(131026, 40).Plain(1000).FailedLater(131049, 40).Plain(2000).Special(700007, 20).Special(700008, 20).Special(700009, 20);
        audience.Plain(20_000 - audience.Phones.Count);
        var unknown = audience.Phones.Count(phone => phone.EndsWith("077", StringComparison.Ordinal));

        var campaign = await Stage.LaunchAsync(audience);
        await Stage.WaitForAsync(campaign.Id, view => view.Books is { NotReleased: 0, InFlight: 0 }, "everything is released and answered", Wait.Long);
        await Stage.PassRetryTimeAsync(campaign.Id);
        await Stage.WaitForAsync(campaign.Id, view => view.Books is { Retrying: 0, InFlight: 0 }, "everything is answered at last", Wait.Long);
        await Stage.WaitUntilWebhooksAppliedAsync();
        await Stage.PassUncertainWindowAsync(campaign.Id);
        await Stage.WaitUntilCompletedAsync(campaign.Id);

        var books = (await Stage.ReckonAsync(campaign.Id)).Books;
        Assert.Equal(20_000, books.Planned);
        Assert.Equal(60 + 40 + 15, books.Refused);
        Assert.Equal(unknown, books.Unknown);
        Assert.Equal(20_000 - books.Refused - books.Unknown, books.Accepted);
        Assert.Equal(0, books.AcceptedOnly);
        var pace = Assert.Single(Stage.Meta.Ledger.Summarize().Numbers);
        Tell($"accepted {pace.Accepted}; arrived {pace.Arrived}; refusals: {string.Join(", ", Stage.Meta.Ledger.RefusedByCode.Select(code => $"{code.Key}: {code.Value}"))}");
        Assert.InRange(pace.Arrived.MaxPerSecond, 1, 1000);
    }
}

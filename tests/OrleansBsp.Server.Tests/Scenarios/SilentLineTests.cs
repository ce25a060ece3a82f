using Xunit.Abstractions;

namespace OrleansBsp.Server.Tests.Scenarios;

/// <summary>The line to Meta is silent for eight seconds and then delivers everything at once: no number exceeds its limit, and little was sent into the silence.</summary>
public abstract class SilentLineScenario(ITestOutputHelper output) : ScenarioTests(output)
{
    private const int FastLimit = 400;
    private const int SlowLimit = 80;

    private protected async Task StaysSilentAsync(int unknownAtMost)
    {
        await Stage.Api.ConfigureNumberAsync(Stage.Number1000, new { maxPerSecond = FastLimit });
        CampaignView[] campaigns =
        [
            await Stage.LaunchAsync(Audience.Of(4000)), await Stage.LaunchAsync(Audience.Of(4000, start: 1)), await Stage.LaunchAsync(Audience.Of(1400, start: 2), Stage.Number80),
        ];
        await Stage.WaitForAcceptedAsync(2500);
        Stage.Cable!.Hold();
        await Task.Delay(TimeSpan.FromSeconds(8));
        var before = Stage.Meta.Ledger.Count;
        Stage.Cable.Mend();
        await Wait.UntilAsync(() => Task.FromResult(Stage.Meta.Ledger.Count), count => count > before + 2 * FastLimit, "sending goes on");

        var unknown = 0;
        foreach (var campaign in campaigns)
        {
            await Stage.WaitUntilCompletedAsync(campaign.Id);
            var books = (await Stage.ReckonAsync(campaign.Id)).Books;
            Assert.Equal(books.Planned, books.Accepted + books.Unknown);
            unknown += books.Unknown;
        }

        var (fast, slow) = (Stage.MostArrivedPerSecond(Stage.Number1000), Stage.MostArrivedPerSecond(Stage.Number80));
        Tell($"most in a second {fast} of {FastLimit} and {slow} of {SlowLimit}; unknown {unknown}");
        Assert.InRange(fast, 0.8 * FastLimit, FastLimit);
        Assert.InRange(slow, 0.8 * SlowLimit, SlowLimit);
        Assert.InRange(unknown, 0, unknownAtMost);
    }
}

/// <summary>One process.</summary>
[Collection(AloneCollection.Name)]
public sealed class SilentLineTests(ITestOutputHelper output) : SilentLineScenario(output)
{
    protected override Task<Stage> SetStageAsync() => Stage.SetAsync(cable: true);

    /// <summary>Requests time out in the silence, so nobody waits for an answer when they arrive after all.</summary>
    [Fact]
    public Task A_silence_that_outlasts_the_requests_breaks_no_limit() => StaysSilentAsync(unknownAtMost: 300);
}

/// <summary>One process with the time-out that is usual.</summary>
[Collection(AloneCollection.Name)]
public sealed class PatientSilentLineTests(ITestOutputHelper output) : SilentLineScenario(output)
{
    protected override Task<Stage> SetStageAsync() => Stage.SetAsync(cable: true, settings: ("Meta__SendTimeoutSeconds", "20"));

    [Fact]
    public Task A_silence_that_ends_before_the_requests_do_makes_nobody_uncertain() => StaysSilentAsync(unknownAtMost: 0);
}

/// <summary>Three silos; the fast number's campaigns may be owned by two of them.</summary>
[Collection(AloneCollection.Name)]
public sealed class SilosSilentLineTests(ITestOutputHelper output) : SilentLineScenario(output)
{
    protected override Task<Stage> SetStageAsync() => Stage.SetAsync(cable: true, silos: 3);

    [Fact]
    public Task A_silence_breaks_no_limit_where_several_processes_send() => StaysSilentAsync(unknownAtMost: 400);
}

/// <summary>Three silos that send what comes through SQS.</summary>
[Collection(AloneCollection.Name)]
public sealed class QueueSilentLineTests(ITestOutputHelper output) : SilentLineScenario(output)
{
    protected override Task<Stage> SetStageAsync() => Stage.SetAsync(cable: true, silos: 3, sqs: true);

    [Fact]
    public Task A_silence_breaks_no_limit_where_orders_go_through_the_queue() => StaysSilentAsync(unknownAtMost: 400);
}

using Xunit.Abstractions;

namespace OrleansBsp.Server.Tests.Scenarios;

/// <summary>The server's process is halted for a while, as by a machine that was put to sleep, and goes on as if nothing had happened.</summary>
public sealed class StandstillTests(ITestOutputHelper output) : ScenarioTests(output)
{
    [Fact]
    public async Task A_server_that_stood_still_for_ten_seconds_goes_on()
    {
        var campaign = await Stage.LaunchAsync(Audience.Of(3000));
        await Stage.WaitForAcceptedAsync(1000);
        await Stage.Server.SignalAsync("STOP");
        await Task.Delay(TimeSpan.FromSeconds(10)); // the pause itself
        await Stage.Server.SignalAsync("CONT");

        await Stage.WaitUntilCompletedAsync(campaign.Id);
        var books = (await Stage.ReckonAsync(campaign.Id)).Books;
        Assert.Equal(3000, books.Accepted + books.Unknown);
        Tell($"unknown after the pause: {books.Unknown}");
    }
}

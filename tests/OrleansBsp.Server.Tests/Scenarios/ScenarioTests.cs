using Xunit.Abstractions;

namespace OrleansBsp.Server.Tests.Scenarios;

/// <summary>A class of scenarios on one stage, with the server's log beside a failure.</summary>
[Trait("Category", "Scenario")]
public abstract class ScenarioTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int LogLines = 150;

    protected Stage Stage { get; private set; } = null!;

    public async Task InitializeAsync() => Stage = await SetStageAsync();

    public async Task DisposeAsync()
    {
        foreach (var server in (ServerProcess[])[Stage.Server, .. Stage.Silos, .. Stage.Door is { } door ? [door] : Array.Empty<ServerProcess>()])
            foreach (var line in server.Log.TakeLast(LogLines)) output.WriteLine(line);
        await Stage.DisposeAsync();
    }

    /// <summary>The simulator, the database and the server as these scenarios need them.</summary>
    protected virtual Task<Stage> SetStageAsync() => Stage.SetAsync();

    protected void Tell(string figure) => output.WriteLine(figure);
}

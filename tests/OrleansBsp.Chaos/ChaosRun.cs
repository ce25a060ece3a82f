using System.Diagnostics;
using OrleansBsp.Chaos.Plans;
using OrleansBsp.Testing;

namespace OrleansBsp.Chaos;

/// <summary>Rounds until the time is over: for each way of dispatch on a stage of its own.</summary>
internal sealed class ChaosRun(ChaosOptions options, string logFolder, Action<string> tell)
{
    public DateTimeOffset Began { get; } = DateTimeOffset.UtcNow;

    /// <summary>Of the rounds that have ended, in order.</summary>
    public List<RoundResult> Rounds { get; } = [];

    public string Postgres { get; private set; } = "?";

    public TimeSpan Took => Stopwatch.GetElapsedTime(_started);

    public bool HasHeld => Rounds.All(round => round.HasHeld);

    private readonly long _started = Stopwatch.GetTimestamp();

    public async Task RunAsync(CancellationToken stop)
    {
        for (var half = 0; half < options.Dispatches.Count; half++)
        {
            var until = TimeSpan.FromMinutes(options.Minutes) * (half + 1) / options.Dispatches.Count;
            await RunAsync(options.Dispatches[half], until, stop);
        }
    }

    private async Task RunAsync(Dispatch dispatch, TimeSpan until, CancellationToken stop)
    {
        tell($"{options.Silos} silos, a front process, PostgreSQL, Meta{(dispatch == Dispatch.Sqs ? ", SQS" : "")} ...");
        await using var stage = await Stage.SetAsync(ownPostgres: true, cable: true, silos: options.Silos, databaseLines: true, sqs: dispatch == Dispatch.Sqs);
        Postgres = await ReadVersionAsync(stage);
        foreach (var (number, limit) in CampaignStream.Limits) await stage.Api.ConfigureNumberAsync(number, new { maxPerSecond = limit });
        try
        {
            foreach (var round in Plan.Of(options.Seed, options.Silos, dispatch, options.Only))
            {
                if (Took >= until) break;
                tell($"Round {round.Number} ({dispatch})");
                var result = await new RoundRunner(stage, dispatch, tell).RunAsync(round, stop);
                Rounds.Add(result);
                tell($"  {result.Accepted} accepted, {result.Unknown} unknown of {result.Planned}; {(result.Broken.Count == 0 ? "everybody is accounted for" : "BROKEN")}");
                foreach (var broken in result.Broken) tell($"  BROKEN: {broken}");
                foreach (var tooFast in result.TooFast) tell($"  TOO FAST: {tooFast}");
            }
        }
        finally
        {
            if (!HasHeld) await KeepLogsAsync(stage, dispatch);
        }
    }

    private async Task KeepLogsAsync(Stage stage, Dispatch dispatch)
    {
        Directory.CreateDirectory(logFolder);
        foreach (var (name, process) in stage.Silos.Select((silo, index) => ($"silo-{index}", silo)).Append(("front", stage.Server)))
            await File.WriteAllLinesAsync(Path.Combine(logFolder, $"{dispatch}-{name}.log".ToLowerInvariant()), process.Log);
        tell($"The logs of its processes are in {logFolder}.");
    }

    private static async Task<string> ReadVersionAsync(Stage stage)
    {
        await using var command = stage.Database.CreateCommand("show server_version");
        return (string)(await command.ExecuteScalarAsync())!;
    }
}

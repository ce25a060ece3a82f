using System.Runtime.InteropServices;
using OrleansBsp.Load;
using OrleansBsp.Load.Reports;
using OrleansBsp.Load.Rig;
using OrleansBsp.Load.Scenarios;

using var stop = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);

try
{
    var options = LoadOptions.Parse(args);
    await RunAsync(options, Catalogue.Of(options), stop.Token);
    return 0;
}
catch (ArgumentException wrong)
{
    Console.Error.WriteLine($"{wrong.Message}\n\n{LoadOptions.Usage}");
    return 2;
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    Console.Error.WriteLine("Stopped.");
    return 130;
}

static async Task RunAsync(LoadOptions options, IReadOnlyList<IScenario> scenarios, CancellationToken cancel)
{
    Machine? machine = null;
    List<ScenarioResult> results = [];
    foreach (var variants in scenarios.GroupBy(scenario => scenario.Name))
    {
        foreach (var scenario in variants)
        {
            results.Add(new ScenarioResult(scenario.Name, scenario.Variant, await RunsAsync(scenario)));
            if (options.Json is { } file) await JsonReport.WriteAsync(file, machine!, results, cancel);
        }

        FigureTable.Print([.. results.TakeLast(variants.Count())]);
    }

    async Task<List<RunResult>> RunsAsync(IScenario scenario)
    {
        List<RunResult> runs = [];
        for (var i = 1; i <= options.Repeat; i++)
        {
            Console.Error.WriteLine($"{scenario.Name}, {scenario.Variant} ({i} of {options.Repeat}) ...");
            await using var rig = await LoadRig.StartAsync(scenario.Plan, cancel);
            if (machine is null) Console.WriteLine(machine = Machine.Describe(await rig.Books.VersionAsync(cancel)));
            runs.Add(await scenario.RunAsync(rig, cancel));
        }

        return runs;
    }
}

void OnSignal(PosixSignalContext context)
{
    // Children are stopped on the way out, so the signal only cancels.
    context.Cancel = true;
    stop.Cancel();
}

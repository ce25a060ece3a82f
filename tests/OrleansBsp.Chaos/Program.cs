using System.Runtime.InteropServices;
using OrleansBsp.Chaos;
using OrleansBsp.Chaos.Plans;
using OrleansBsp.Chaos.Reports;
using OrleansBsp.Load.Reports;

using var stop = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);

if (args is ["--help" or "-h"])
{
    Console.WriteLine(ChaosOptions.Usage);
    return 0;
}

ChaosOptions options;
try
{
    options = ChaosOptions.Parse(args);
}
catch (ArgumentException wrong)
{
    Console.Error.WriteLine($"{wrong.Message}\n\n{ChaosOptions.Usage}");
    return 2;
}

if (options.PlanOnly)
{
    foreach (var dispatch in options.Dispatches)
        foreach (var round in Plan.Of(options.Seed, options.Silos, dispatch, options.Only).Take(10))
            foreach (var step in round.Steps) Console.WriteLine($"{dispatch} {round.Number}: {step.Fault.What}");
    return 0;
}

var report = Path.GetFullPath(options.Report);
var machine = Machine.Describe("");
Console.WriteLine($"Seed {options.Seed}, {options.Minutes} min");
var run = new ChaosRun(options, Path.Combine("TestResults", "chaos", $"{options.Seed}"), line => Console.WriteLine($"{DateTime.UtcNow:HH:mm:ss} {line}"));
try
{
    await run.RunAsync(stop.Token);
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    Console.Error.WriteLine("Stopped.");
}

Directory.CreateDirectory(Path.GetDirectoryName(report)!);
await File.WriteAllTextAsync(report, MarkdownReport.Write(options, run, machine with { PostgreSql = run.Postgres }));
Console.WriteLine($"Report: {report}");
return !run.HasHeld ? 1 : stop.IsCancellationRequested ? 130 : 0;

void OnSignal(PosixSignalContext context)
{
    // Processes are stopped on the way out, so the signal only cancels.
    context.Cancel = true;
    stop.Cancel();
}

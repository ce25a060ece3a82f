using System.Runtime.InteropServices;
using OrleansBsp.Simulator;
using OrleansBsp.Simulator.Bench;

if (args.Contains("--bench"))
{
    return await BenchCommand.RunAsync(args);
}

var configuration = new ConfigurationBuilder().AddEnvironmentVariables().AddCommandLine(args).Build();
var options = configuration.GetSection("Simulator").Get<SimulatorOptions>() ?? new SimulatorOptions();

var stop = new TaskCompletionSource();
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);

await using var simulator = await SimulatorHost.StartAsync(options);
Console.WriteLine($"Simulator of Meta's Cloud API on {simulator.Url} (HTTP/1.1) and {simulator.Http2Url?.ToString() ?? "no"} (HTTP/2); webhooks to {options.WebhookUrl ?? "nowhere"}.");
await stop.Task;
return 0;

void OnSignal(PosixSignalContext context)
{
    context.Cancel = true;
    stop.TrySetResult();
}

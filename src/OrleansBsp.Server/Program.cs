using OrleansBsp.Server.Cluster;
using OrleansBsp.Server.Hosting;
using OrleansBsp.Server.Settings;
using OrleansBsp.Server.Telemetry;

if (Command.AsksForHelp(args))
{
    Console.WriteLine(Command.Help);
    return 0;
}

if (Command.UnknownOrNull(args) is { } unknown)
{
    Console.Error.WriteLine(unknown);
    return 2;
}

try
{
    if (args is [Command.Health]) return await HealthCommand.RunAsync(Environment.GetEnvironmentVariable(ServerAddress.Name));

    // HTTP/2 takes a buffer of 16 KB from the shared pool for each answer. The pool keeps 32 for a processor by default; the hundreds that are
    // in use at full rate would be garbage, two thirds of all that a message costs. Read once, by the pool's first use.
    Environment.SetEnvironmentVariable("DOTNET_SYSTEM_BUFFERS_SHAREDARRAYPOOL_MAXARRAYSPERPARTITION", "256");

    // Settings are read once. Watching their files for changes watches the whole folder, and in it the data of an embedded PostgreSQL if it lies there.
    var builder = WebApplication.CreateBuilder([.. args, "--hostBuilder:reloadConfigOnChange=false"]);
    if (args is [Command.Migrate]) builder.Configuration["Database:Migrate"] = "true";
    SettingsCheck.ThrowIfWrong(builder.Configuration);
    var dataFolder = DataFolder.Open(builder.Configuration);
    builder.WebHost.UseUrls(ServerAddress.Of(builder.Configuration));
    builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning).AddFilter("Orleans.", LogLevel.Warning).AddFilter("Polly", LogLevel.Error).WithoutAdviceOnCollector();
    builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = Drain.ServicesWithin);

    if (args is not [Command.Migrate]) ServerAddress.ThrowIfTaken(builder.Configuration);
    if (args is not [Command.Migrate] && FrontDoor.IsAll(builder.Configuration))
    {
        await builder.BuildFrontDoor().WarnOfUnknownSettings().RunBoundedAsync();
        return 0;
    }

    await using var start = await Start.PrepareAsync(builder.Configuration, dataFolder, CancellationToken.None);
    if (args is [Command.Migrate]) return 0;
    await builder.BuildServer(start, dataFolder).WarnOfUnknownSettings().RunBoundedAsync();
    return 0;
}
catch (SettingsException wrong)
{
    Console.Error.WriteLine(wrong.Message);
    return SettingsException.ExitCode;
}

using OrleansBsp.Server.Access;
using OrleansBsp.Server.Accounts;
using OrleansBsp.Server.Campaigns;
using OrleansBsp.Server.Cluster;
using OrleansBsp.Server.Contacts;
using OrleansBsp.Server.Conversations;
using OrleansBsp.Server.Hosting;
using OrleansBsp.Server.Http;
using OrleansBsp.Server.PhoneNumbers;
using OrleansBsp.Server.Webhooks;

// HTTP/2 takes a buffer of 16 KB from the shared pool for each answer. The pool keeps 32 for a processor by default; the hundreds that are
// in use at full rate would be garbage, two thirds of all that a message costs. Read once, by the pool's first use.
Environment.SetEnvironmentVariable("DOTNET_SYSTEM_BUFFERS_SHAREDARRAYPOOL_MAXARRAYSPERPARTITION", "256");

var builder = WebApplication.CreateBuilder(args);
var dataFolder = DataFolder.Open(builder.Configuration);
builder.WebHost.UseUrls(builder.Configuration["BSP_URL"] ?? "http://127.0.0.1:8080");
builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning).AddFilter("Orleans", LogLevel.Warning).AddFilter("Polly", LogLevel.Warning);

await using var start = await Start.PrepareAsync(builder.Configuration, dataFolder, CancellationToken.None);
var cluster = builder.Configuration.GetSection("Cluster").Get<BspClusterOptions>() ?? new BspClusterOptions();
builder.UseOrleans(silo => SiloSetup.Configure(silo, cluster, start.Database.ConnectionString));

builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(20)); // a drain ends within 25 s, whatever is away
builder.Services.AddSingleton(start.Database).AddSingleton(start.DatabaseOptions);
builder.Services.AddHttpManner().AddAccess(dataFolder).AddSlices(builder.Configuration, dataFolder);

var app = builder.Build();
app.UseHttpManner();
app.MapOpenApiDocument();
app.MapHealth();
app.MapAccess();
app.MapAccounts();
app.MapPhoneNumbers();
app.MapCampaigns();
app.MapMessages();
app.MapContacts();
app.MapWebhooks();
await app.RunAsync();

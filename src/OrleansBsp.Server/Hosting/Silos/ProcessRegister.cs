using Dapper;
using OrleansBsp.Server.Cluster;
using OrleansBsp.Server.PhoneNumbers;
using OrleansBsp.Server.Storage;
using OrleansBsp.Server.Telemetry;

namespace OrleansBsp.Server.Hosting.Silos;

/// <summary>Says every few seconds that this process is alive, and what it does; at once when it is told to stop, so that others who stop hand nothing to it.</summary>
internal sealed class ProcessRegister(
    Database database, Roles roles, BspClusterOptions cluster, SendClock sendClock, Drain drain, IServiceProvider services, TimeProvider clock, ILogger<ProcessRegister> log) : BackgroundService
{
    /// <summary>Meant to be below a third of the age at which a row is taken for a dead process's.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromSeconds(3);

    private readonly Guid _id = Guid.NewGuid();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var address = services.GetService<ILocalSiloDetails>()?.SiloAddress.ToParsableString();
        using var news = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, drain.Began);
        while (!stoppingToken.IsCancellationRequested)
        {
            var leaving = drain.Began.IsCancellationRequested;
            await TryAsync(ProcessSql.Beat, new { id = _id, name = cluster.SiloName, roles = roles.Names(), version = Product.Version, siloAddress = address, sending = sendClock.SentPerSecond, leaving });
            await Task.Delay(Every, clock, leaving ? stoppingToken : news.Token).ContinueWith(static _ => { }, TaskScheduler.Default);
        }

        await TryAsync(ProcessSql.Remove, new { id = _id });
    }

    private async Task TryAsync(string sql, object arguments)
    {
        try
        {
            using var limit = new CancellationTokenSource(Every);
            await using var connection = await database.Control.OpenConnectionAsync(limit.Token);
            await connection.ExecuteAsync(new CommandDefinition(sql, arguments, cancellationToken: limit.Token));
        }
        catch (Exception failure)
        {
            log.BeatFailed(failure.Message);
        }
    }
}

using Dapper;
using Orleans.Runtime;
using OrleansBsp.Server.Access;
using OrleansBsp.Server.Cluster;
using OrleansBsp.Server.Http;
using OrleansBsp.Server.Storage;

namespace OrleansBsp.Server.Hosting.Silos;

/// <summary>What the cluster consists of at present.</summary>
internal static class ClusterEndpoints
{
    private const double SilentAfter = 10;

    public static void MapCluster(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/api/v1/cluster").WithTags("Cluster");
        api.MapGet("", GetAsync).RequireScope(Scope.Read).WithSummary("The processes, what each does, and what waits").Produces<ClusterView>();
        api.MapGet("/grains", ListGrainsAsync).RequireScope(Scope.Read).WithSummary("Which process owns which campaign, number and shard of the inbox").Produces<Page<OwnedGrainView>>()
            .WithMetadata(new QueryParameters(new QueryParameter("owner", "Only those of the process with this name.")));
    }

    /// <param name="Processes">Those that have been seen within the last minute, and silos that are not running any more.</param>
    public sealed record ClusterView(string ClusterId, IReadOnlyList<ProcessView> Processes, BacklogView Backlog);

    /// <param name="State">Of a silo, Orleans' word: <c>active</c>, <c>joining</c>, <c>shuttingDown</c>, <c>dead</c> …; of others <c>active</c>, or <c>silent</c> after ten seconds.</param>
    /// <param name="SiloAddress">Null: hosts no grains.</param>
    /// <param name="SendingPerSecond">Messages started towards Meta in the last second, a few seconds ago.</param>
    /// <param name="Owns">Campaigns that are not at their end, phone numbers with the right to send, shards of the inbox: by the rows, which decide.</param>
    /// <param name="Activations">Grains in memory by kind: also those that only rest there.</param>
    public sealed record ProcessView(
        string Name, IReadOnlyList<string> Roles, string Version, string State, string? SiloAddress, DateTime? StartedAt, int SendingPerSecond,
        IReadOnlyDictionary<string, int> Owns, IReadOnlyDictionary<string, int> Activations);

    /// <summary>What waits in the database. What waits in SQS is told by <c>/api/v1/queues</c>.</summary>
    /// <param name="Webhooks">Bodies stored and not yet applied.</param>
    /// <param name="OldestSeconds">Age of the oldest of them.</param>
    /// <param name="Timers">Messages that wait for another attempt (<c>retry</c>), its answer (<c>retryInFlight</c>) or Meta's word of them (<c>uncertain</c>).</param>
    public sealed record BacklogView(long Webhooks, double OldestSeconds, IReadOnlyList<TimerView> Timers);

    /// <param name="Of"><c>campaign</c> or <c>single</c>.</param>
    /// <param name="OverdueSeconds">How long the oldest should have gone on already.</param>
    public sealed record TimerView(string Of, string Kind, long Waiting, double OverdueSeconds);

    /// <param name="Key"><c>c:</c> campaign, <c>p:</c> phone number, <c>i:</c> shard of the inbox.</param>
    public sealed record OwnedGrainView(string Key, string Owner, long Epoch, string State);

    private static async Task<IResult> GetAsync(Database database, BspClusterOptions cluster, IGrainFactory grains, TimeProvider clock, CancellationToken cancel)
    {
        await using var connection = await database.Control.OpenConnectionAsync(cancel);
        var rows = (await connection.QueryAsync<ProcessRow>(new CommandDefinition(ProcessSql.Read, cancellationToken: cancel))).ToList();
        var owned = (await connection.QueryAsync<(string Owner, string Kind, int Count)>(new CommandDefinition(ProcessSql.Owned, cancellationToken: cancel))).ToLookup(row => row.Owner);
        var backlog = await connection.QuerySingleAsync<(long Waiting, double OldestSeconds)>(new CommandDefinition(ProcessSql.Backlog, cancellationToken: cancel));
        var timers = (await TimerBacklog.ReadAsync(connection, cancel)).Select(timer => new TimerView(timer.Of, CamelCase(timer.Kind.ToString()), timer.Waiting, Math.Round(timer.OverdueSeconds, 3))).ToList();
        await connection.CloseAsync(); // silos may take long to answer, and those who own something need it meanwhile

        var management = grains.GetGrain<IManagementGrain>(0);
        var silos = (await management.GetDetailedHosts(onlyActive: false, cancel)).ToDictionary(silo => silo.SiloAddress.ToParsableString());
        var activations = (await management.GetSimpleGrainStatistics(cancel)).ToLookup(row => row.SiloAddress.ToParsableString());

        var known = rows.Select(row => new ProcessView(
            row.Name, row.Roles, row.Version, State(row), row.SiloAddress, row.StartedAt, row.SeenSecondsAgo > SilentAfter ? 0 : row.SendingPerSecond, Owns(row.Name, rows.All(other => other.Name != row.Name || other.StartedAt <= row.StartedAt)), Active(row.SiloAddress)));
        var unknown = silos.Values.Where(silo => rows.All(row => row.SiloAddress != silo.SiloAddress.ToParsableString()) && silo.IAmAliveTime > clock.GetUtcNow().UtcDateTime.AddMinutes(-10))
            .Select(silo => new ProcessView(silo.SiloName, [], "", Word(silo.Status), silo.SiloAddress.ToParsableString(), silo.StartTime, 0, Owns(silo.SiloName, rows.All(row => row.Name != silo.SiloName)), Active(silo.SiloAddress.ToParsableString())));
        return Results.Ok(new ClusterView(cluster.ClusterId, [.. known, .. unknown], new BacklogView(backlog.Waiting, Math.Round(backlog.OldestSeconds, 3), timers)));

        string State(ProcessRow row) =>
            row.SiloAddress is { } address && silos.TryGetValue(address, out var silo) ? Word(silo.Status) : row.SeenSecondsAgo > SilentAfter ? "silent" : "active";

        // Ownership is by name: what was a process's that has gone is its successor's of the same name.
        Dictionary<string, int> Owns(string name, bool isLatest) => isLatest ? owned[name].ToDictionary(row => row.Kind, row => row.Count) : [];

        Dictionary<string, int> Active(string? address) => address is null
            ? []
            : activations[address].Where(row => GrainKinds.ByClass.ContainsKey(GrainKinds.Class(row.GrainType)))
                .GroupBy(row => GrainKinds.ByClass[GrainKinds.Class(row.GrainType)]).ToDictionary(kind => kind.Key, kind => kind.Sum(row => row.ActivationCount));
    }

    private static async Task<IResult> ListGrainsAsync(PageRequest page, string? owner, Database database, CancellationToken cancel)
    {
        await using var connection = await database.Control.OpenConnectionAsync(cancel);
        var after = page.TryGetPosition<string>(out var position) ? position : "";
        var rows = (await connection.QueryAsync<OwnedGrainView>(new CommandDefinition(ProcessSql.Grains, new { after, owner, limit = page.RowsToRead }, cancellationToken: cancel))).ToList();
        return Results.Ok(Page.Of(rows, page, row => row, row => row.Key));
    }

    private static string Word(SiloStatus status) => CamelCase(status.ToString());

    private static string CamelCase(string name) => char.ToLowerInvariant(name[0]) + name[1..];

    private sealed class ProcessRow
    {
        public string Name { get; init; } = "";

        public string[] Roles { get; init; } = [];

        public string Version { get; init; } = "";

        public string? SiloAddress { get; init; }

        public DateTime StartedAt { get; init; }

        public double SeenSecondsAgo { get; init; }

        public int SendingPerSecond { get; init; }
    }
}

using Dapper;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.GrainDirectory;
using OrleansBsp.Server.Storage;

namespace OrleansBsp.Server.Cluster;

/// <summary>
/// Where the long-lived grains are, in PostgreSQL, one row each. Conversations, of which there are hundreds of thousands, stay in Orleans' own directory.
/// </summary>
/// <remarks>
/// Orleans keeps its directory in the memory of the silos, and forgets a part of it with each silo that goes: activations on <em>other</em> silos whose entries were there are ended,
/// and some are begun anew elsewhere before they have (decision 9). Entries of silos that are dead or stop are ignored by Orleans, and replaced by whoever is activated next.
/// </remarks>
internal sealed class PostgresDirectory(Database database, IOptions<ClusterOptions> cluster) : IGrainDirectory
{
    public const string Name = "postgres";

    private const string Find = "select grain, silo, activation, membership_version as version from grain_location where cluster_id = @cluster and grain = @grain";

    // Who finds another's row there replaces it only if it is the one that it knows to be over.
    private const string Enter = """
        insert into grain_location as l (cluster_id, grain, silo, activation, membership_version) values (@cluster, @grain, @silo, @activation, @version)
        on conflict (cluster_id, grain) do update set silo = excluded.silo, activation = excluded.activation, membership_version = excluded.membership_version
        where (l.silo, l.activation) = (@formerSilo::text, @former::text)
        """;

    private const string Leave = "delete from grain_location where cluster_id = @cluster and grain = @grain and silo = @silo and activation = @activation";

    private const string LeaveSilos = "delete from grain_location where cluster_id = @cluster and silo = any (@silos)";

    private readonly string _cluster = cluster.Value.ClusterId;

    public Task<GrainAddress?> Register(GrainAddress address) => Register(address, null);

    public async Task<GrainAddress?> Register(GrainAddress address, GrainAddress? previousAddress)
    {
        await using var connection = await database.Control.OpenConnectionAsync();
        while (true)
        {
            var entered = await connection.ExecuteAsync(Enter, new
            {
                cluster = _cluster, grain = address.GrainId.ToString(), silo = Silo(address), activation = address.ActivationId.ToParsableString(), version = address.MembershipVersion.Value,
                formerSilo = previousAddress is null ? null : Silo(previousAddress), former = previousAddress?.ActivationId.ToParsableString(),
            });
            if (entered == 1) return address;
            // Another's, unless it has gone since.
            if (await FindAsync(connection, address.GrainId) is { } there) return there;
        }
    }

    public async Task<GrainAddress?> Lookup(GrainId grainId)
    {
        await using var connection = await database.Control.OpenConnectionAsync();
        return await FindAsync(connection, grainId);
    }

    public async Task Unregister(GrainAddress address)
    {
        await using var connection = await database.Control.OpenConnectionAsync();
        await connection.ExecuteAsync(Leave, new { cluster = _cluster, grain = address.GrainId.ToString(), silo = Silo(address), activation = address.ActivationId.ToParsableString() });
    }

    public async Task UnregisterSilos(List<SiloAddress> siloAddresses)
    {
        try
        {
            await using var connection = await database.Control.OpenConnectionAsync();
            await connection.ExecuteAsync(LeaveSilos, new { cluster = _cluster, silos = siloAddresses.Select(silo => silo.ToParsableString()).ToArray() });
        }
        catch (Exception failure) when (Passing.Is(failure))
        {
            // Who meets an entry of a dead silo takes it out. Orleans would never ask again after a failure.
        }
    }

    private async Task<GrainAddress?> FindAsync(Npgsql.NpgsqlConnection connection, GrainId grain) =>
        (await connection.QuerySingleOrDefaultAsync<Row>(Find, new { cluster = _cluster, grain = grain.ToString() }))?.ToAddress();

    private static string? Silo(GrainAddress address) => address.SiloAddress?.ToParsableString();

    private sealed record Row(string Grain, string Silo, string Activation, long Version)
    {
        public GrainAddress ToAddress() => new()
        {
            GrainId = GrainId.Parse(Grain), SiloAddress = SiloAddress.FromParsableString(Silo), ActivationId = ActivationId.FromParsableString(Activation), MembershipVersion = new MembershipVersion(Version),
        };
    }
}

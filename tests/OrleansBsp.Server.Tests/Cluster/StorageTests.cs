using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Orleans.Runtime;
using Orleans.Serialization;
using Orleans.Storage;
using OrleansBsp.Server.Storage;

namespace OrleansBsp.Server.Tests.Cluster;

/// <summary>Our own script for Orleans' grain storage and membership, and what crosses silos.</summary>
public sealed class StorageTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private readonly IGrainStorage _storage = shared.Server.Services.GetRequiredKeyedService<IGrainStorage>("postgres");

    public sealed class Thing
    {
        public string Name { get; set; } = "";

        public DateTimeOffset? At { get; set; }
    }

    [Fact]
    public async Task A_state_is_written_read_changed_and_cleared()
    {
        var id = GrainId.Create("thing", "w:1:61491570006");
        var state = new GrainState<Thing>(new Thing { Name = "first", At = DateTimeOffset.UnixEpoch });
        await _storage.WriteStateAsync("thing", id, state);
        var read = await ReadAsync("thing", id);
        Assert.Equal(("first", DateTimeOffset.UnixEpoch, true, state.ETag), (read.State!.Name, read.State.At!.Value, read.RecordExists, read.ETag));

        state.State!.Name = "second";
        await _storage.WriteStateAsync("thing", id, state);
        Assert.Equal("second", (await ReadAsync("thing", id)).State!.Name);

        await _storage.ClearStateAsync("thing", id, state);
        var cleared = await ReadAsync("thing", id);
        Assert.False(cleared.RecordExists);
        await _storage.WriteStateAsync("thing", id, cleared);
        Assert.True((await ReadAsync("thing", id)).RecordExists);
    }

    [Fact]
    public async Task Who_has_read_an_older_state_cannot_overwrite_or_clear_the_newer_one()
    {
        var id = GrainId.Create("thing", "w:conflict");
        var first = new GrainState<Thing>(new Thing { Name = "first" });
        await _storage.WriteStateAsync("thing", id, first);
        var other = await ReadAsync("thing", id);
        await _storage.WriteStateAsync("thing", id, other);

        await Assert.ThrowsAsync<InconsistentStateException>(() => _storage.WriteStateAsync("thing", id, first));
        await Assert.ThrowsAsync<InconsistentStateException>(() => _storage.ClearStateAsync("thing", id, first));
        await Assert.ThrowsAsync<InconsistentStateException>(() => _storage.WriteStateAsync("thing", id, new GrainState<Thing>(new Thing())));
    }

    [Fact]
    public async Task Two_states_of_one_key_and_keys_that_look_alike_do_not_collide()
    {
        (string Name, string Key)[] places = [("one", "w:1"), ("two", "w:1"), ("one", "w:01"), ("one", "w:1:2"), ("one", "w:a"), ("one", "w:A")];
        foreach (var (name, key) in places) await _storage.WriteStateAsync(name, GrainId.Create("thing", key), new GrainState<Thing>(new Thing { Name = $"{name} {key}" }));

        foreach (var (name, key) in places) Assert.Equal($"{name} {key}", (await ReadAsync(name, GrainId.Create("thing", key))).State!.Name);
    }

    [Fact]
    public async Task Rows_hold_plain_json_without_names_of_types()
    {
        await _storage.WriteStateAsync("plain", GrainId.Create("thing", "w:plain"), new GrainState<Thing>(new Thing { Name = "x" }));

        Assert.Equal("""{"Name":"x","At":null}""", await shared.Server.ReadAsync<string>("select convert_from(payload, 'UTF8') from orleans_state where state_name = 'plain'"));
    }

    [Fact]
    public async Task Two_silos_on_one_database_see_each_other_and_one_that_leaves_is_seen_leaving()
    {
        var first = shared.Server;
        var here = first.Services.GetRequiredService<ISiloStatusOracle>();
        await using (var second = await TestServer.StartAsync(first.ConnectionString, first.DataFolder, withAccount: false))
        {
            var there = second.Services.GetRequiredService<ISiloStatusOracle>();
            await Eventually.IsTrueAsync(() => here.GetApproximateSiloStatuses(onlyActive: true).Count == 2, "the first silo sees two");
            await Eventually.IsTrueAsync(() => there.GetApproximateSiloStatuses(onlyActive: true).Count == 2, "the second silo sees two");
        }

        await Eventually.IsTrueAsync(() => here.GetApproximateSiloStatuses(onlyActive: true).Count == 1, "the first silo sees one");
        Assert.Equal(1, await first.ReadAsync<int>("select count(*)::int from orleans_silo where status = @active", new { active = (int)SiloStatus.Active }));
    }

    [Fact]
    public async Task Errors_that_pass_still_do_after_a_journey_between_silos()
    {
        var serializer = shared.Server.Services.GetRequiredService<Serializer>();
        await using var connection = new NpgsqlConnection(shared.Server.ConnectionString);
        var shutdown = await Assert.ThrowsAsync<PostgresException>(() => connection.ExecuteAsync("do $$ begin raise exception 'x' using errcode = '57P01'; end $$"));
        var permanent = await Assert.ThrowsAsync<PostgresException>(() => connection.ExecuteAsync("select 1/0"));
        Exception[] passing = [new OwnershipLostException("x"), new TimeoutException(), shutdown, new NpgsqlException("x", new IOException("x")), new OperationCanceledException()];

        foreach (var failure in passing) Assert.True(Passing.Is(Journey(failure)), $"{failure.GetType().Name} became {Journey(failure)}");
        Assert.False(Passing.Is(Journey(permanent)));
        Assert.False(Passing.Is(Journey(new KeyNotFoundException())));

        Exception Journey(Exception failure) => serializer.Deserialize<Exception>(serializer.SerializeToArray(failure))!;
    }

    private async Task<GrainState<Thing>> ReadAsync(string name, GrainId id)
    {
        var state = new GrainState<Thing>(new Thing());
        await _storage.ReadStateAsync(name, id, state);
        return state;
    }
}

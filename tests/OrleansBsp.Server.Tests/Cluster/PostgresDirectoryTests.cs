using System.Net;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using OrleansBsp.Server.Cluster;
using OrleansBsp.Server.Storage;
using OrleansBsp.Server.Tests.Storage;

namespace OrleansBsp.Server.Tests.Cluster;

/// <summary>A grain has one place: whoever enters it, however many at once, and only its own entry is taken out or replaced.</summary>
public sealed class PostgresDirectoryTests : IAsyncLifetime
{
    private static readonly GrainId Grain = GrainId.Create("campaign", "c:1001");
    private static readonly SiloAddress One = SiloAddress.New(IPAddress.Loopback, 11111, 7);
    private static readonly SiloAddress Other = SiloAddress.New(IPAddress.Parse("10.0.0.9"), 11111, 8);

    private Database _database = null!;
    private PostgresDirectory _directory = null!;

    public async Task InitializeAsync()
    {
        _database = new Database(await PostgresServer.CreateDatabaseAsync(), new DatabaseOptions());
        _directory = Directory("one");
    }

    public Task DisposeAsync() => _database.DisposeAsync().AsTask();

    [Fact]
    public async Task Who_is_entered_is_found_with_everything_that_was_said()
    {
        Assert.Null(await _directory.Lookup(Grain));
        var address = Address(One, version: 12);
        Assert.Equal(address, await _directory.Register(address));
        var found = (await _directory.Lookup(Grain))!;
        Assert.Equal((Grain, One, address.ActivationId, new MembershipVersion(12)), (found.GrainId, found.SiloAddress, found.ActivationId, found.MembershipVersion));
    }

    [Fact]
    public async Task Of_many_who_enter_at_once_all_learn_the_same_one()
    {
        var entered = await Task.WhenAll(Enumerable.Range(0, 20).Select(number => Task.Run(() => _directory.Register(Address(number % 2 == 0 ? One : Other)))));
        Assert.Single(entered.Select(address => address!.ActivationId).Distinct());
    }

    [Fact]
    public async Task An_entry_is_replaced_by_who_names_it_and_by_nobody_else()
    {
        var (first, second, third) = (Address(One), Address(Other), Address(Other));
        await _directory.Register(first);
        Assert.True(first.Matches(await _directory.Register(second, third)));
        Assert.True(second.Matches(await _directory.Register(second, first)));
        Assert.True(second.Matches(await _directory.Lookup(Grain)));
    }

    [Fact]
    public async Task Only_an_entry_itself_is_taken_out()
    {
        var (first, second) = (Address(One), Address(One));
        await _directory.Register(first);
        await _directory.Unregister(second);
        Assert.True(first.Matches(await _directory.Lookup(Grain)));
        await _directory.Unregister(first);
        Assert.Null(await _directory.Lookup(Grain));
    }

    [Fact]
    public async Task A_silo_that_is_gone_is_taken_out_of_its_own_cluster_only()
    {
        var elsewhere = Directory("another");
        await _directory.Register(Address(One));
        await elsewhere.Register(Address(One));
        await _directory.UnregisterSilos([One, Other]);
        Assert.Null(await _directory.Lookup(Grain));
        Assert.NotNull(await elsewhere.Lookup(Grain));
    }

    private PostgresDirectory Directory(string cluster) => new(_database, Options.Create(new ClusterOptions { ClusterId = cluster }));

    private static GrainAddress Address(SiloAddress silo, long version = 1) =>
        new() { GrainId = Grain, SiloAddress = silo, ActivationId = ActivationId.NewId(), MembershipVersion = new MembershipVersion(version) };
}

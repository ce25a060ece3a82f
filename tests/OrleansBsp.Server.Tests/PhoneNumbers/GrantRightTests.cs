using OrleansBsp.Core.PhoneNumbers;
using OrleansBsp.Server.Meta;
using OrleansBsp.Server.PhoneNumbers;
using OrleansBsp.Server.Storage;
using OrleansBsp.Server.Tests.Cluster;
using OrleansBsp.Server.Tests.Storage;

namespace OrleansBsp.Server.Tests.PhoneNumbers;

/// <summary>The right to grant: at no moment have two activations it, whoever was taken over from, paused or ended in between.</summary>
public sealed class GrantRightTests : IAsyncLifetime
{
    private static readonly PhoneNumberId Number = new(SampleAccount.Number);
    private static readonly TimeSpan Life = TimeSpan.FromSeconds(4);

    // Of the machine's time of day from its monotonic clock, in the seconds of a test.
    private static readonly TimeSpan Drift = TimeSpan.FromMilliseconds(5);

    private readonly SendClock _clock = new();
    private Database _database = null!;
    private PhoneNumberStore _store = null!;

    public async Task InitializeAsync()
    {
        _database = new Database(await PostgresServer.CreateDatabaseAsync(), new DatabaseOptions());
        _store = new PhoneNumberStore(_database);
        await SampleAccount.AddAsync(_database, new TokenCipher(new byte[32]));
    }

    public async Task DisposeAsync()
    {
        _clock.Dispose();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task Each_owner_waits_for_the_end_of_the_last_right_that_has_begun()
    {
        var first = await TakeAsync();
        Assert.True(await _store.RenewAsync(Number, first.Epoch, Life, CancellationToken.None)); // it begins
        var second = await TakeAsync();
        var third = await TakeAsync();

        Assert.Equal((1, 2, 3), (first.Epoch, second.Epoch, third.Epoch));
        Assert.Equal(TimeSpan.Zero, first.Wait);
        Assert.InRange(second.Wait, TimeSpan.FromTicks(1), Life);
        Assert.InRange(third.Wait, TimeSpan.FromTicks(1), second.Wait); // the second has granted nothing: silos that are lost one after another do not add up

        var before = await GrantsUntilAsync();
        Assert.True(await _store.RenewAsync(Number, third.Epoch, Life, CancellationToken.None));
        var until = await GrantsUntilAsync();
        Assert.True(until > before);
        var fourth = await TakeAsync();
        Assert.InRange(fourth.Wait, TimeSpan.FromTicks(1), Life);
        Assert.Equal(until, await GrantsUntilAsync()); // what it waits for is the end of the third's
    }

    [Fact]
    public async Task A_right_begins_with_its_first_renewal_and_not_by_time_alone()
    {
        await using var right = (await TakeRightAsync())!;
        Assert.NotEqual(TimeSpan.Zero, right.WaitAt(_clock.Now)); // nobody has asked, so it was not renewed
        var before = await DatabaseNowAsync();
        await BegunAsync(right);
        var next = await TakeAsync();
        var after = await DatabaseNowAsync();
        var until = await GrantsUntilAsync();
        Assert.InRange(until, before + Life, after + Life);
        Assert.InRange(next.Wait, until - after, Life);
    }

    [Fact]
    public async Task Only_the_newest_epoch_renews()
    {
        var first = await TakeAsync();
        Assert.True(await _store.RenewAsync(Number, first.Epoch, Life, CancellationToken.None));
        var second = await TakeAsync();

        Assert.False(await _store.RenewAsync(Number, first.Epoch, Life, CancellationToken.None));
        Assert.False(await _store.RenewAsync(Number, second.Epoch + 1, Life, CancellationToken.None));
        Assert.True(await _store.RenewAsync(Number, second.Epoch, Life, CancellationToken.None));
    }

    [Fact]
    public async Task A_right_that_is_given_back_is_free_at_once()
    {
        var first = (await TakeRightAsync())!;
        await BegunAsync(first);
        await first.DisposeAsync();

        Assert.Equal(TimeSpan.Zero, (await TakeAsync()).Wait);
    }

    [Fact]
    public async Task A_right_that_has_not_begun_is_given_back_without_the_one_before_it()
    {
        var first = await TakeAsync(); // paused after its beginning: it neither renews nor gives back, and may wake up at any moment
        Assert.True(await _store.RenewAsync(Number, first.Epoch, Life, CancellationToken.None));
        var second = (await TakeRightAsync())!;
        Assert.NotEqual(TimeSpan.Zero, second.WaitAt(_clock.Now));
        await second.DisposeAsync();

        Assert.InRange((await TakeAsync()).Wait, TimeSpan.FromSeconds(1), Life);
    }

    [Fact]
    public async Task A_right_that_is_given_back_after_the_next_owner_has_taken_the_number_lets_it_begin()
    {
        var first = (await TakeRightAsync())!;
        await BegunAsync(first);
        await using var second = (await TakeRightAsync())!;
        Assert.NotEqual(TimeSpan.Zero, second.Ask(_clock.Now));
        var told = second.From;

        var (stored, before) = (await GrantsFromAsync(), await DatabaseNowAsync());
        first.GrantedUntil = _clock.Now + TimeSpan.FromSeconds(1);
        await first.DisposeAsync();
        var earlier = await GrantsFromAsync();
        Assert.InRange(earlier, before + TimeSpan.FromSeconds(1), await DatabaseNowAsync() + TimeSpan.FromSeconds(1));
        Assert.True(earlier < stored);
        await Eventually.IsTrueAsync(() => second.From < told - (stored - earlier) / 2, "the second knows that it may begin earlier");
        Assert.NotEqual(TimeSpan.Zero, second.WaitAt(second.From + Life)); // nor longer than its first renewal will be good for
        Assert.True(second.From >= first.GrantedUntil, "but not before the end of what the first has granted");
        await Eventually.IsTrueAsync(() => second.Ask(_clock.Now) == TimeSpan.Zero, "it may grant");
    }

    [Fact]
    public async Task A_late_return_does_not_shorten_the_wait_for_any_other_right()
    {
        var first = (await TakeRightAsync())!;
        await BegunAsync(first);
        var second = (await TakeRightAsync())!;
        await using var third = (await TakeRightAsync())!;
        var begin = await GrantsFromAsync();

        await first.DisposeAsync(); // the second may have begun since, for all it knows
        await Task.Delay(TimeSpan.FromSeconds(0.5));
        third.Ask(_clock.Now);
        await Task.Delay(TimeSpan.FromSeconds(0.5));
        await NothingIsEarlierAsync();

        await second.DisposeAsync(); // which has never begun: what it waited for has yet to end, for all it knows
        await Task.Delay(TimeSpan.FromSeconds(0.5));
        await NothingIsEarlierAsync();
        Assert.NotEqual(TimeSpan.Zero, third.Ask(_clock.Now));

        async Task NothingIsEarlierAsync()
        {
            Assert.Equal(begin, await GrantsFromAsync(), Drift);
            var (here, there) = (_clock.Now, await DatabaseNowAsync()); // in this order: on the way the database's time goes on
            Assert.True(third.From >= here + (begin - there) - Drift, "it begins before the end of the one before it");
        }
    }

    [Fact]
    public async Task What_an_owner_knew_that_ended_in_order_is_known_to_the_next_one_only()
    {
        var known = new KnownArrivals(7, [900, -4000], [3]);
        var first = (await TakeRightAsync())!;
        Assert.Null(first.Former);
        first.Arrivals = known;
        var before = _clock.Now;
        await first.DisposeAsync();

        await using var second = (await TakeRightAsync())!;
        var (arrivals, at) = second.Former!.Value;
        Assert.Equivalent(known, arrivals, strict: true);
        Assert.InRange(at, before, _clock.Now);

        await using var third = (await TakeRightAsync())!; // the second is lost, for all that is known
        Assert.Null(third.Former);
    }

    [Fact]
    public async Task What_an_owner_knew_that_ended_late_is_known_before_the_next_one_begins()
    {
        var first = (await TakeRightAsync())!;
        await BegunAsync(first);
        await using var second = (await TakeRightAsync())!;
        second.Ask(_clock.Now);
        first.Arrivals = new KnownArrivals(7, [0], []);
        await first.DisposeAsync();

        await Eventually.IsTrueAsync(() => second.Ask(_clock.Now) == TimeSpan.Zero, "it may grant");
        Assert.Equal(7, second.Former!.Value.Arrivals.First);
    }

    [Fact]
    public async Task Who_has_lost_the_number_is_told_so()
    {
        var lost = 0;
        await using var first = (await GrantRight.TakeAsync(Number, "test", _store, _clock, () => lost++, CancellationToken.None))!;
        first.Ask(_clock.Now);
        await TakeAsync();
        await Eventually.IsTrueAsync(() => lost == 1, "it was told");
        Assert.True(first.IsLost);
    }

    [Fact]
    public async Task Two_activations_never_may_grant_at_the_same_moment()
    {
        await using var first = await TakeRightAsync();
        await BegunAsync(first!);
        await using var second = await TakeRightAsync();
        await Eventually.IsTrueAsync(
            () =>
            {
                var now = _clock.Now;
                var (one, other) = (first!.Ask(now) == TimeSpan.Zero, second!.Ask(now) == TimeSpan.Zero);
                Assert.False(one && other, "both may grant");
                return other;
            }, "the second may grant");
        await Eventually.IsTrueAsync(() => first!.IsLost, "the first has learnt that it is not the owner");
        Assert.NotEqual(TimeSpan.Zero, first!.WaitAt(_clock.Now));
    }

    [Fact]
    public async Task A_right_that_nobody_asks_for_is_not_renewed_and_comes_alive_under_its_epoch_when_somebody_does()
    {
        await using var right = (await TakeRightAsync())!;
        await BegunAsync(right);
        await Eventually.IsTrueAsync(() => right.WaitAt(_clock.Now) > TimeSpan.Zero, "the right has ended in its rest");
        var stored = await GrantsUntilAsync();
        await Task.Delay(TimeSpan.FromSeconds(2.5));
        Assert.True(right.IsResting);
        Assert.Equal(stored, await GrantsUntilAsync());

        Assert.NotEqual(TimeSpan.Zero, right.Ask(_clock.Now));
        await Eventually.IsTrueAsync(() => right.Ask(_clock.Now) == TimeSpan.Zero, "it may grant again");
        Assert.False(right.IsLost);
        Assert.True(await GrantsUntilAsync() > stored);
        Assert.Equal(2, (await TakeAsync()).Epoch);
    }

    [Fact]
    public async Task A_right_that_is_asked_for_is_renewed_for_as_long_as_it_is()
    {
        await using var right = (await TakeRightAsync())!;
        var first = await GrantsUntilAsync();
        await Eventually.IsTrueAsync(
            async () =>
            {
                right.Ask(_clock.Now);
                return await GrantsUntilAsync() > first + 3 * Life;
            }, "it has been renewed beyond any rest");
    }

    [Fact]
    public async Task A_rested_right_whose_number_was_taken_does_not_come_back()
    {
        await using var right = (await TakeRightAsync())!;
        await Eventually.IsTrueAsync(() => right.IsResting && right.WaitAt(_clock.Now) > TimeSpan.Zero, "the right has ended in its rest");
        Assert.Equal(2, (await TakeAsync()).Epoch);
        await Eventually.IsTrueAsync(
            () =>
            {
                Assert.NotEqual(TimeSpan.Zero, right.Ask(_clock.Now));
                return right.IsLost;
            }, "it has learnt that it is not the owner");
        Assert.NotEqual(TimeSpan.Zero, right.Ask(_clock.Now));
    }

    [Fact]
    public async Task An_unknown_number_cannot_be_taken() =>
        Assert.Null(await GrantRight.TakeAsync(new PhoneNumberId("0"), "test", _store, _clock, static () => { }, CancellationToken.None));

    private async Task<RightRow> TakeAsync() => (await _store.TakeAsync(Number, "test", CancellationToken.None))!;

    private Task BegunAsync(GrantRight right) => Eventually.IsTrueAsync(() => right.Ask(_clock.Now) == TimeSpan.Zero, "it may grant");

    private Task<DateTime> GrantsUntilAsync() => ReadAsync("grants_until");

    private Task<DateTime> GrantsFromAsync() => ReadAsync("grants_from");

    private Task<DateTime> DatabaseNowAsync() => ReadAsync("clock_timestamp()");

    private async Task<DateTime> ReadAsync(string what)
    {
        await using var command = _database.Main.CreateCommand($"select {what} from phone_number where id = $1");
        command.Parameters.Add(new Npgsql.NpgsqlParameter { Value = Number.Value });
        return (DateTime)(await command.ExecuteScalarAsync())!;
    }

    private Task<GrantRight?> TakeRightAsync() => GrantRight.TakeAsync(Number, "test", _store, _clock, static () => { }, CancellationToken.None);
}

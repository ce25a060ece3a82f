using Dapper;
using Npgsql;
using OrleansBsp.Server.Contacts;
using OrleansBsp.Server.Storage;
using OrleansBsp.Server.Tests.Storage;

namespace OrleansBsp.Server.Tests.Contacts;

/// <summary>Consent: the wish that counts, and the evidence for it.</summary>
public sealed class ContactStoreTests : IAsyncLifetime
{
    private Database _database = null!;
    private ContactStore _contacts = null!;

    public async Task InitializeAsync()
    {
        _database = new Database(await PostgresServer.CreateDatabaseAsync(), new DatabaseOptions());
        _contacts = new ContactStore(_database);
    }

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Theory]
    [InlineData("61491570006", null)]
    [InlineData(null, "AU.35152453725986374173")]
    public async Task The_first_word_of_a_new_contact_counts(string? phone, string? userId)
    {
        var id = await SetAsync(phone, userId, optOut: true, "marketing");

        Assert.Equal("marketing", (await _contacts.FindAsync(id, CancellationToken.None))!.OptedOut);
        Assert.Single(await _contacts.ReadConsentAsync(id, CancellationToken.None));
    }

    [Theory]
    [InlineData("-all", "all")]
    [InlineData("-marketing", "marketing")]
    [InlineData("-marketing -all", "all")]
    [InlineData("-all -marketing", "all")]
    [InlineData("-all +marketing", "all")]
    [InlineData("-all +all", null)]
    [InlineData("-marketing +all", null)]
    [InlineData("-marketing +marketing", null)]
    [InlineData("+all", null)]
    [InlineData("-marketing +marketing -marketing", "marketing")]
    public async Task The_wishes_of_a_contact_add_up(string wishes, string? expected)
    {
        long id = 0;
        foreach (var wish in wishes.Split(' ')) id = await SetAsync("61491570006", null, wish[0] == '-', wish[1..]);

        Assert.Equal(expected, (await _contacts.FindAsync(id, CancellationToken.None))!.OptedOut);
    }

    [Theory]
    [InlineData("+marketing", "opt-in marketing")]
    [InlineData("+marketing +marketing", "opt-in marketing")]
    [InlineData("-marketing +marketing +marketing", "opt-out marketing, opt-in marketing")]
    [InlineData("-all +marketing", "opt-out all, opt-in marketing")]
    public async Task What_somebody_said_is_evidence_also_where_it_changes_nothing(string wishes, string expected)
    {
        var id = await _contacts.SaveAsync(61491570006, "Asha", CancellationToken.None);
        foreach (var wish in wishes.Split(' ')) await SetAsync("61491570006", null, wish[0] == '-', wish[1..]);

        Assert.Equal(expected, string.Join(", ", (await _contacts.ReadConsentAsync(id, CancellationToken.None)).Reverse<ConsentRow>().Select(row => $"{row.Action} {row.Scope}")));
    }

    [Fact]
    public async Task Repeating_a_wish_adds_no_evidence()
    {
        long id = 0;
        for (var turn = 0; turn < 3; turn++) id = await SetAsync("61491570006", null, optOut: true, "all");

        Assert.Single(await _contacts.ReadConsentAsync(id, CancellationToken.None));
    }

    [Theory]
    [InlineData(true, "marketing", "opt-in, opt-out")]
    [InlineData(false, null, "opt-out, opt-in")]
    public async Task What_was_said_before_and_is_heard_after_is_evidence_only(bool lastOptsOut, string? expected, string evidence)
    {
        var said = new DateTimeOffset(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);
        var id = await HearAsync(lastOptsOut, said.AddSeconds(1));
        for (var turn = 0; turn < 2; turn++) await HearAsync(!lastOptsOut, said);

        Assert.Equal(expected, (await _contacts.FindAsync(id, CancellationToken.None))!.OptedOut);
        Assert.Equal(evidence, string.Join(", ", (await _contacts.ReadConsentAsync(id, CancellationToken.None)).Reverse<ConsentRow>().Select(row => row.Action)));
    }

    [Fact]
    public async Task By_different_clocks_the_opt_out_wins()
    {
        var id = await SetAsync("61491570006", null, optOut: false, "marketing");
        await HearAsync(optOut: true, DateTimeOffset.UtcNow.AddMinutes(-1));
        Assert.Equal("marketing", (await _contacts.FindAsync(id, CancellationToken.None))!.OptedOut);

        await SetAsync("61491570006", null, optOut: true, "marketing");
        await HearAsync(optOut: false, DateTimeOffset.UtcNow.AddMinutes(-1));
        Assert.Equal("marketing", (await _contacts.FindAsync(id, CancellationToken.None))!.OptedOut);
    }

    [Fact]
    public async Task Many_at_once_make_one_contact()
    {
        var ids = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => SetAsync("61491570006", null, optOut: true, "marketing")));

        Assert.Single(ids.Distinct());
        Assert.Equal("marketing", (await _contacts.FindAsync(ids[0], CancellationToken.None))!.OptedOut);
        await using var connection = await _database.Main.OpenConnectionAsync();
        Assert.Equal(1, await connection.ExecuteScalarAsync<int>("select count(*)::int from contact"));
    }

    private Task<long> SetAsync(string? phone, string? userId, bool optOut, string scope) =>
        _contacts.SetConsentAsync(phone, userId, "", optOut, scope, "test", "", null, CancellationToken.None);

    /// <summary>The person's own word, by Meta.</summary>
    private Task<long> HearAsync(bool optOut, DateTimeOffset at) =>
        _contacts.SetConsentAsync("61491570006", null, "", optOut, "marketing", "meta-preference", "", at, CancellationToken.None);
}

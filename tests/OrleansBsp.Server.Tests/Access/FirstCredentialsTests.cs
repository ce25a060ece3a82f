using System.Text.Json.Nodes;
using OrleansBsp.Server.Access;
using OrleansBsp.Server.Storage;
using OrleansBsp.Server.Tests.Storage;

namespace OrleansBsp.Server.Tests.Access;

public sealed class FirstCredentialsTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("bsp-first-").FullName;
    private Database _database = null!;

    private string File => Path.Combine(_folder, "credentials.json");

    public async Task InitializeAsync() => _database = new Database(await PostgresServer.CreateDatabaseAsync(), new DatabaseOptions());

    public async Task DisposeAsync()
    {
        await _database.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task The_first_start_writes_a_file_for_its_owner_only()
    {
        var made = await EnsureAsync();

        var file = JsonNode.Parse(await System.IO.File.ReadAllTextAsync(File))!;
        Assert.Equal("admin@localhost", (string)file["adminEmail"]!);
        Assert.Equal(made.AdminPassword, (string)file["adminPassword"]!);
        Assert.Equal(made.ApiKey, (string)file["apiKey"]!);
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(File));
        Assert.Equal([File], Directory.GetFiles(_folder)); // no draft is left
        Assert.NotNull(await new UserStore(_database, TimeProvider.System).FindAsync(made.AdminEmail, made.AdminPassword!, CancellationToken.None));
        Assert.Equal("first start", await NameAsync(made.ApiKey));
    }

    [Fact]
    public async Task The_second_start_keeps_it()
    {
        var first = await EnsureAsync();
        var written = System.IO.File.GetLastWriteTimeUtc(File);

        Assert.Equal(first, await EnsureAsync());
        Assert.Equal(written, System.IO.File.GetLastWriteTimeUtc(File));
        Assert.Equal((1, 1), (await CountAsync("app_user"), await CountAsync("api_key")));
    }

    [Fact]
    public async Task Starts_at_the_same_time_make_one_user_and_one_key()
    {
        var all = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => EnsureAsync()));

        Assert.Single(all.Distinct());
        Assert.Equal((1, 1), (await CountAsync("app_user"), await CountAsync("api_key")));
    }

    [Fact]
    public async Task Given_credentials_are_made_once_and_their_file_is_only_read()
    {
        var given = Path.Combine(_folder, "given.json");
        var key = ApiKey.Make();
        await System.IO.File.WriteAllTextAsync(given, $$"""{"adminEmail":"first@example.com","adminPassword":"a long password","apiKey":"{{key}}"}""");

        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => FirstCredentials.EnsureGivenAsync(_database, given, CancellationToken.None)));

        Assert.NotNull(await new UserStore(_database, TimeProvider.System).FindAsync("first@example.com", "a long password", CancellationToken.None));
        Assert.Equal("first start", await NameAsync(key));
        Assert.Equal((1, 1), (await CountAsync("app_user"), await CountAsync("api_key")));
        // Later the file does not matter: a revoked key stays revoked, and nothing is made up for a file that is gone.
        await using (var revoke = _database.Main.CreateCommand("delete from api_key")) await revoke.ExecuteNonQueryAsync();
        System.IO.File.Delete(given);
        await FirstCredentials.EnsureGivenAsync(_database, given, CancellationToken.None);
        Assert.Equal((1, 0), (await CountAsync("app_user"), await CountAsync("api_key")));
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("""{"adminEmail":"first@example.com","adminPassword":"a long password","apiKey":"short"}""")]
    [InlineData("""{"adminEmail":"first@example.com","apiKey":"bsp_0123456789012345678901234567890123456789012"}""")]
    public async Task Given_credentials_that_cannot_be_used_stop_the_first_start(string? text)
    {
        var given = Path.Combine(_folder, "given.json");
        if (text is not null) await System.IO.File.WriteAllTextAsync(given, text);
        var refused = await Assert.ThrowsAsync<InvalidDataException>(() => FirstCredentials.EnsureGivenAsync(_database, given, CancellationToken.None));
        Assert.Contains("must hold adminEmail, adminPassword and apiKey", refused.Message, StringComparison.Ordinal);
        Assert.Equal((0, 0), (await CountAsync("app_user"), await CountAsync("api_key")));
    }

    [Fact]
    public async Task A_lost_file_gets_a_new_key_and_resets_nothing()
    {
        var first = await EnsureAsync();
        System.IO.File.Delete(File);
        var second = await EnsureAsync();
        System.IO.File.Delete(File);
        var third = await EnsureAsync();

        Assert.Equal(("admin@localhost", null), (third.AdminEmail, third.AdminPassword));
        Assert.Equal("recovered", await NameAsync(third.ApiKey));
        Assert.Equal("first start", await NameAsync(first.ApiKey));
        Assert.Null(await NameAsync(second.ApiKey)); // one recovered key, however often the file is lost
        Assert.NotNull(await new UserStore(_database, TimeProvider.System).FindAsync(first.AdminEmail, first.AdminPassword!, CancellationToken.None));
        Assert.Equal(third, await EnsureAsync());
    }

    [Fact]
    public async Task A_crash_between_file_and_commit_is_made_good_by_the_next_start()
    {
        var first = await EnsureAsync();
        await using (var command = _database.Main.CreateCommand("delete from app_user; delete from api_key")) await command.ExecuteNonQueryAsync();

        Assert.Equal(first, await EnsureAsync());
        Assert.Equal("first start", await NameAsync(first.ApiKey));
        Assert.NotNull(await new UserStore(_database, TimeProvider.System).FindAsync(first.AdminEmail, first.AdminPassword!, CancellationToken.None));
    }

    [Fact]
    public async Task A_file_that_cannot_be_understood_is_not_overwritten()
    {
        await System.IO.File.WriteAllTextAsync(File, "{ by hand");

        var failure = await Assert.ThrowsAsync<InvalidDataException>(EnsureAsync);

        Assert.Contains(File, failure.Message, StringComparison.Ordinal);
        Assert.Equal("{ by hand", await System.IO.File.ReadAllTextAsync(File));
        Assert.Equal(0, await CountAsync("app_user"));
    }

    [Fact]
    public async Task Neither_key_nor_password_is_in_the_database()
    {
        var made = await EnsureAsync();
        await using var command = _database.Main.CreateCommand("select (select string_agg(u::text, '') from app_user u) || (select string_agg(k::text, '') from api_key k)");
        var all = (string)(await command.ExecuteScalarAsync())!;

        Assert.DoesNotContain(made.ApiKey, all, StringComparison.Ordinal);
        Assert.DoesNotContain(made.AdminPassword!, all, StringComparison.Ordinal);
    }

    private Task<FirstCredentials> EnsureAsync() => FirstCredentials.EnsureAsync(_database, _folder, CancellationToken.None);

    private async Task<string?> NameAsync(string apiKey) =>
        (await new ApiKeyStore(_database, TimeProvider.System).FindAsync(apiKey, CancellationToken.None))?.Name;

    private async Task<int> CountAsync(string table)
    {
        await using var command = _database.Main.CreateCommand($"select count(*)::int from {table}");
        return (int)(await command.ExecuteScalarAsync())!;
    }
}

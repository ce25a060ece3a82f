using System.Security.Cryptography;
using System.Text;
using Dapper;
using Npgsql;
using OrleansBsp.Server.Storage;

namespace OrleansBsp.Server.Access;

/// <summary>The dashboard's users. All of them are administrators for now: the table has no roles.</summary>
public sealed class UserStore(Database database, TimeProvider time)
{
    private static readonly TimeSpan Believed = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);

    // PBKDF2 is slow on purpose: a flood of sign-ins may not take every core from sending.
    private static readonly SemaphoreSlim Verifying = new(1);

    private readonly BriefCache<long, string> _stamps = new(time, Believed, capacity: 10_000);

    /// <summary>The user with this password, or null: which of the two was wrong is not told, nor does the time tell.</summary>
    public async Task<SignedInUser?> FindAsync(string email, string password, CancellationToken cancel)
    {
        // No connection is held while waiting for the slow part: a flood of sign-ins may not empty the pool either.
        var row = await QueryAsync(connection => connection.QuerySingleOrDefaultAsync<UserRow>(
            new CommandDefinition(AccessSql.FindUser, new { email = Normal(email) }, cancellationToken: cancel)), cancel);

        bool right, outdated;
        if (!await Verifying.WaitAsync(LongestWait, cancel)) throw new TimeoutException("Too many sign-ins at the same time.");
        try
        {
            right = Passwords.Verify(row?.PasswordHash, password, out outdated);
        }
        finally
        {
            Verifying.Release();
        }

        if (row is null || !right) return null;
        var hash = row.PasswordHash;
        if (outdated)
        {
            var newHash = Passwords.Hash(password);
            var changed = await QueryAsync(connection => connection.ExecuteAsync(
                new CommandDefinition(AccessSql.Rehash, new { row.Id, oldHash = hash, newHash }, cancellationToken: cancel)), cancel);
            if (changed == 0) return null; // the password was changed meanwhile
            hash = newHash;
        }

        return new SignedInUser(row.Id, row.Email, Stamp(hash));
    }

    /// <summary>
    /// Whether a session made with this stamp still holds: false once the user is gone or the password is another. Noticed within 30 s.
    /// </summary>
    public async ValueTask<bool> HoldsAsync(long id, string stamp, CancellationToken cancel)
    {
        if (_stamps.GetOrNull(id) is { } known && known == stamp) return true;
        var since = time.GetTimestamp();
        var hash = await QueryAsync(connection => connection.ExecuteScalarAsync<string?>(
            new CommandDefinition(AccessSql.PasswordHashOf, new { id }, cancellationToken: cancel)), cancel);
        if (hash is null) return false;
        var current = Stamp(hash);
        _stamps.Put(id, current, since);
        return current == stamp;
    }

    /// <summary>Addresses are kept and compared in lower case.</summary>
    internal static string Normal(string email) => email.Trim().ToLowerInvariant();

    private async Task<T> QueryAsync<T>(Func<NpgsqlConnection, Task<T>> query, CancellationToken cancel)
    {
        await using var connection = await database.Main.OpenConnectionAsync(cancel);
        return await query(connection);
    }

    // Changes with the password, and says nothing about it.
    private static string Stamp(string passwordHash) =>
        Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(passwordHash)).AsSpan(0, 8));

    private sealed record UserRow(long Id, string Email, string PasswordHash);
}

/// <param name="Stamp">Ties a session to the password it was opened with.</param>
public sealed record SignedInUser(long Id, string Email, string Stamp);

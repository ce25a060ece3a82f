using System.Buffers.Text;
using System.Data.Common;
using System.Security.Cryptography;
using Dapper;
using Npgsql;
using OrleansBsp.Server.Http;
using OrleansBsp.Server.Storage;

namespace OrleansBsp.Server.Access;

/// <summary>What is in <c>credentials.json</c>.</summary>
/// <param name="AdminPassword">Null in a file that was made after the first one was lost: the password is known to nobody but its user.</param>
public sealed record FirstCredentials(string AdminEmail, string? AdminPassword, string ApiKey)
{
    public const string FileName = "credentials.json";
    private const string FirstAdmin = "admin@localhost";
    private const string FirstKey = "first start";
    private const string RecoveredKey = "recovered";

    // Any constant will do; it only has to be the same in every process of an installation.
    private const long LockKey = 0x6273_705f_6372_6564;

    /// <summary>Makes sure that someone can get in, and that the data folder says how.</summary>
    /// <remarks>
    /// <para>No user yet: an administrator and an API key are made, and the file is written <em>before</em> they are committed. A crash
    /// in between leaves a file whose credentials do not exist yet; the next start finds it and makes exactly those. So what a person
    /// has read from the file always becomes true, also when the database was emptied and the folder kept.</para>
    /// <para>Users, and a file whose API key exists: kept as it is, also if the password has been changed since.</para>
    /// <para>Users, but no file, or one of another database: one new key with the name "recovered" is made, replacing an earlier
    /// one of that name and nothing else; no password is touched. It gives nothing away, since who can read the folder can also
    /// reach the database, and processes with a folder of their own that is empty at every start leave one such key behind, not hundreds.</para>
    /// </remarks>
    /// <exception cref="InvalidDataException">The file is there and cannot be understood; it is never overwritten then.</exception>
    public static async Task<FirstCredentials> EnsureAsync(Database database, string dataFolder, CancellationToken cancel)
    {
        var file = Path.Combine(dataFolder, FileName);
        await using var connection = await database.Main.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        await ExecuteAsync(connection, AccessSql.FirstStartLock, new { key = LockKey }, cancel);
        var kept = await CredentialsFile.ReadOrNullAsync(file, cancel);
        var credentials = await FirstUserOrNullAsync(connection, cancel) is { } admin
            ? await KeepOrRecoverAsync(connection, file, kept, admin, cancel)
            : await MakeAsync(connection, file, kept, cancel);
        await transaction.CommitAsync(cancel);
        return credentials;
    }

    /// <summary>Makes the credentials of a file that somebody else keeps, if there is no user yet. With users it is not even read.</summary>
    /// <remarks>For several processes with data folders of their own: none of them could tell what another one made up.</remarks>
    /// <exception cref="InvalidDataException">There is no user yet, and the file is missing or cannot be used.</exception>
    public static async Task EnsureGivenAsync(Database database, string file, CancellationToken cancel)
    {
        await using var connection = await database.Main.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        await ExecuteAsync(connection, AccessSql.FirstStartLock, new { key = LockKey }, cancel);
        if (await FirstUserOrNullAsync(connection, cancel) is not null) return;
        var given = await CredentialsFile.ReadOrNullAsync(file, cancel);
        if (given is not { AdminEmail.Length: > 0, AdminPassword.Length: > 0, ApiKey: { } key } || !Access.ApiKey.LooksLikeOne(key))
            throw new InvalidDataException($"{file} must hold adminEmail, adminPassword and apiKey ('{Access.ApiKey.Prefix}' and 32 random bytes in base64url): there is no user yet.");
        await InsertUserAsync(connection, given, cancel);
        if (!await KeyExistsAsync(connection, key, cancel)) await InsertKeyAsync(connection, FirstKey, key, cancel);
        await transaction.CommitAsync(cancel);
    }

    private static async Task<FirstCredentials> MakeAsync(NpgsqlConnection connection, string file, FirstCredentials? kept, CancellationToken cancel)
    {
        // A file without a password belongs to an installation whose users are gone: its key may stay, the password is new.
        var made = new FirstCredentials(
            kept?.AdminEmail ?? FirstAdmin,
            kept?.AdminPassword ?? Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(18)),
            kept?.ApiKey ?? Access.ApiKey.Make());
        if (made != kept) await CredentialsFile.WriteAsync(file, made, cancel);
        await InsertUserAsync(connection, made, cancel);
        if (!await KeyExistsAsync(connection, made.ApiKey, cancel)) await InsertKeyAsync(connection, FirstKey, made.ApiKey, cancel);
        return made;
    }

    private static async Task<FirstCredentials> KeepOrRecoverAsync(
        NpgsqlConnection connection, string file, FirstCredentials? kept, string admin, CancellationToken cancel)
    {
        if (kept is not null && await KeyExistsAsync(connection, kept.ApiKey, cancel)) return kept;
        var recovered = new FirstCredentials(admin, null, Access.ApiKey.Make());
        await ExecuteAsync(connection, AccessSql.DeleteKeysNamed, new { name = RecoveredKey }, cancel);
        await InsertKeyAsync(connection, RecoveredKey, recovered.ApiKey, cancel);
        await CredentialsFile.WriteAsync(file, recovered, cancel);
        return recovered;
    }

    private static Task InsertUserAsync(DbConnection connection, FirstCredentials made, CancellationToken cancel) => ExecuteAsync(
        connection, AccessSql.InsertUser, new { email = UserStore.Normal(made.AdminEmail), passwordHash = Passwords.Hash(made.AdminPassword!) }, cancel);

    private static Task<string?> FirstUserOrNullAsync(DbConnection connection, CancellationToken cancel) =>
        connection.ExecuteScalarAsync<string?>(new CommandDefinition(AccessSql.FirstUserEmail, cancellationToken: cancel));

    private static Task<bool> KeyExistsAsync(DbConnection connection, string key, CancellationToken cancel) =>
        connection.ExecuteScalarAsync<bool>(new CommandDefinition(AccessSql.KeyExists, new { hash = Access.ApiKey.Hash(key) }, cancellationToken: cancel));

    private static Task InsertKeyAsync(DbConnection connection, string name, string key, CancellationToken cancel) =>
        ExecuteAsync(connection, AccessSql.InsertKey, new { name, hash = Access.ApiKey.Hash(key), scopes = new[] { Scope.Admin } }, cancel);

    private static Task ExecuteAsync(DbConnection connection, string sql, object parameters, CancellationToken cancel) =>
        connection.ExecuteAsync(new CommandDefinition(sql, parameters, cancellationToken: cancel));
}

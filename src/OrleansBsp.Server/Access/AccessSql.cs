namespace OrleansBsp.Server.Access;

internal static class AccessSql
{
    // Served by the unique index on key_hash.
    public const string FindKey = "select id, name, scopes from api_key where key_hash = @hash";

    public const string InsertKey = "insert into api_key (name, key_hash, scopes) values (@name, @hash, @scopes) returning id, created_at";

    public const string ListKeys = "select id, name, scopes, created_at as createdAt from api_key where id > @after order by id limit @rows";

    public const string DeleteKey = "delete from api_key where id = @id returning key_hash";

    public const string DeleteKeysNamed = "delete from api_key where name = @name";

    public const string KeyExists = "select exists (select from api_key where key_hash = @hash)";

    public const string FindUser = "select id, email, password_hash as passwordHash from app_user where email = @email";

    public const string PasswordHashOf = "select password_hash from app_user where id = @id";

    public const string InsertUser = "insert into app_user (email, password_hash) values (@email, @passwordHash)";

    public const string FirstUserEmail = "select email from app_user order by id limit 1";

    // Rehashes only what is still there: the password may have been changed meanwhile.
    public const string Rehash = "update app_user set password_hash = @newHash where id = @id and password_hash = @oldHash";

    public const string ListSessionKeys = "select encrypted from session_key order by id";

    public const string InsertSessionKey = "insert into session_key (encrypted) values (@encrypted)";

    /// <summary>Held to the end of the transaction: processes that start together make the first credentials once.</summary>
    public const string FirstStartLock = "select pg_advisory_xact_lock(@key)";
}

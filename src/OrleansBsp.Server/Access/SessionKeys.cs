using System.Security.Cryptography;
using System.Xml.Linq;
using Dapper;
using Microsoft.AspNetCore.DataProtection.Repositories;
using OrleansBsp.Server.Meta;
using OrleansBsp.Server.Storage;

namespace OrleansBsp.Server.Access;

/// <summary>
/// Keeps the keys of the sessions in the database, so that every process reads the sessions of every other one and a restart ends none. Encrypted: who reads the
/// database alone cannot make sessions.
/// </summary>
/// <remarks>
/// Asked when a process starts, and about once a day. The interface is synchronous. Two processes that start on an empty database both make a key; each finds the
/// other's when it meets a session that it cannot read.
/// </remarks>
internal sealed class SessionKeys(Database database, TokenCipher cipher, ILogger<SessionKeys> log) : IXmlRepository
{
    // In the place of an account: no encrypted access token can be put here as a key, nor the other way round.
    private const string Purpose = "session-keys";

    public IReadOnlyCollection<XElement> GetAllElements()
    {
        using var connection = database.Control.OpenConnection();
        return [.. connection.Query<byte[]>(AccessSql.ListSessionKeys).Select(ReadOrNull).OfType<XElement>()];
    }

    public void StoreElement(XElement element, string friendlyName)
    {
        using var connection = database.Control.OpenConnection();
        connection.Execute(AccessSql.InsertSessionKey, new { encrypted = cipher.Encrypt(Purpose, element.ToString(SaveOptions.DisableFormatting)) });
    }

    // With another key of the installation the sessions are lost, which costs a sign-in each; the server goes on with a new one.
    private XElement? ReadOrNull(byte[] stored)
    {
        try
        {
            return XElement.Parse(cipher.Decrypt(Purpose, stored));
        }
        catch (CryptographicException)
        {
            AccessLog.SessionKeyUnreadable(log);
            return null;
        }
    }
}

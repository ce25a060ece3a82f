using Dapper;
using OrleansBsp.Core.PhoneNumbers;
using OrleansBsp.Server.Storage;

namespace OrleansBsp.Server.Conversations;

/// <summary>Takes ownership of conversations and reads them.</summary>
public sealed class ConversationStore(Database database)
{
    /// <summary>Makes the conversation if it is new, and raises its epoch.</summary>
    public async Task<long> TakeAsync(string id, PhoneNumberId number, string address, string owner, CancellationToken cancel)
    {
        await using var connection = await database.Main.OpenConnectionAsync(cancel);
        return await connection.ExecuteScalarAsync<long>(new(ConversationSql.Take, new { id, number = number.Value, address, owner }, cancellationToken: cancel));
    }

    internal ConversationLedger LedgerOf(string id, long epoch) => new(id, epoch, database);

    /// <summary>Conversations with something due that nobody sees to.</summary>
    public async Task<List<string>> FindStaleAsync(CancellationToken cancel)
    {
        await using var connection = await database.Control.OpenConnectionAsync(cancel);
        return [.. await connection.QueryAsync<string>(new(ConversationSql.ReadStale, cancellationToken: cancel))];
    }
}

using Dapper;
using Npgsql;
using OrleansBsp.Core.Messages;
using OrleansBsp.Core.PhoneNumbers;
using OrleansBsp.Server.Campaigns;
using OrleansBsp.Server.Storage;

namespace OrleansBsp.Server.Conversations;

/// <summary>A conversation that has just got a new owner.</summary>
/// <param name="WindowUntil">End of the customer service window; null if the person has never written.</param>
/// <param name="Due">What is to be sent or settled now.</param>
internal sealed record TakenConversation(ConversationLedger Ledger, DateTimeOffset? WindowUntil, List<DueMessage> Due);

/// <summary>Takes ownership of conversations and reads them.</summary>
public sealed class ConversationStore(Database database)
{
    /// <summary>
    /// Makes the conversation if it is new, raises its epoch, and marks as uncertain what a former owner released and left without an answer:
    /// one transaction in one round trip, because a flood of replies brings as many conversations to life.
    /// </summary>
    /// <param name="uncertainWindow">How long a status is waited for.</param>
    internal async Task<TakenConversation> TakeAsync(string id, PhoneNumberId number, string address, string owner, TimeSpan uncertainWindow, CancellationToken cancel)
    {
        await using var connection = await database.Main.OpenConnectionAsync(cancel);
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new(ConversationSql.Take) { Parameters = { Id(), new NpgsqlParameter<string>("number", number.Value), new NpgsqlParameter<string>("address", address), new NpgsqlParameter<string>("owner", owner) } },
                new(ConversationSql.FindUnanswered)
                {
                    Parameters =
                    {
                        Id(), new NpgsqlParameter<short>("uncertainKind", (short)PendingKind.Uncertain), new NpgsqlParameter<short>("inFlightKind", (short)PendingKind.RetryInFlight),
                        new NpgsqlParameter<short>("uncertain", (short)MessageState.Uncertain), new NpgsqlParameter<TimeSpan>("window", uncertainWindow),
                    },
                },
                new(ConversationSql.ReadDue) { Parameters = { Id() } },
            },
        };
        await using var reader = await batch.ExecuteReaderAsync(cancel);
        await reader.ReadAsync(cancel);
        var epoch = reader.GetInt64(0);
        DateTimeOffset? window = reader.IsDBNull(1) ? null : reader.GetFieldValue<DateTimeOffset>(1);
        await reader.NextResultAsync(cancel);
        return new TakenConversation(new ConversationLedger(id, epoch, database), window, await DueMessage.ReadAllAsync(reader, cancel));

        NpgsqlParameter<string> Id() => new("id", id);
    }

    /// <summary>Conversations with something due that nobody sees to.</summary>
    public async Task<List<string>> FindStaleAsync(CancellationToken cancel)
    {
        await using var connection = await database.Control.OpenConnectionAsync(cancel);
        return [.. await connection.QueryAsync<string>(new(ConversationSql.ReadStale, cancellationToken: cancel))];
    }
}

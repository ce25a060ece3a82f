using System.Data.Common;
using OrleansBsp.Core.Messages;
using OrleansBsp.Server.Campaigns;

namespace OrleansBsp.Server.Conversations;

/// <summary>A single message whose time has come.</summary>
internal sealed record DueMessage(long Id, PendingKind Kind, int Attempt)
{
    /// <summary>What <see cref="ConversationSql.ReadDue"/> has found.</summary>
    public static async Task<List<DueMessage>> ReadAllAsync(DbDataReader reader, CancellationToken cancel)
    {
        var due = new List<DueMessage>();
        while (await reader.ReadAsync(cancel)) due.Add(new DueMessage(reader.GetInt64(0), (PendingKind)reader.GetInt16(1), reader.GetInt16(2)));
        return due;
    }
}

/// <summary>A single message as stored.</summary>
/// <param name="Age">Since it was taken, by the database's clock.</param>
internal sealed record StoredMessage(MessageRecord Message, string Type, string Body, TimeSpan Age)
{
    /// <summary>What <see cref="ConversationSql.ReadMessage"/> has found; null if there is no such message.</summary>
    public static async Task<StoredMessage?> ReadAsync(DbDataReader reader)
    {
        if (!await reader.ReadAsync()) return null;
        return new StoredMessage(
            new MessageRecord
            {
                State = (MessageState)reader.GetInt16(1),
                Attempt = reader.GetInt16(2),
                ErrorCode = reader.IsDBNull(3) ? null : reader.GetInt32(3),
                ErrorDetail = reader.IsDBNull(4) ? null : reader.GetString(4),
                Wamid = reader.IsDBNull(5) ? null : reader.GetString(5),
                AcceptedAt = At(6), SentAt = At(7), DeliveredAt = At(8), ReadAt = At(9), FailedAt = At(10),
                Refusals = reader.GetInt16(13),
            },
            reader.GetString(11), reader.GetString(12), reader.GetFieldValue<TimeSpan>(14));

        DateTimeOffset? At(int column) => reader.IsDBNull(column) ? null : reader.GetFieldValue<DateTimeOffset>(column);
    }
}

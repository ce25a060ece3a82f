using Stopwatch = System.Diagnostics.Stopwatch;
using Npgsql;
using NpgsqlTypes;
using OrleansBsp.Core.Messages;
using OrleansBsp.Server.Campaigns;
using OrleansBsp.Server.Events;
using OrleansBsp.Server.Http.Idempotency;
using OrleansBsp.Server.Storage;

namespace OrleansBsp.Server.Conversations;

/// <summary>A single message whose time has come.</summary>
internal sealed record DueMessage(long Id, PendingKind Kind, int Attempt);

/// <summary>A single message as stored.</summary>
internal sealed record StoredMessage(MessageRecord Message, string Type, string Body);

/// <summary>The owned tables of one conversation under one epoch. A lost epoch changes nothing and throws <see cref="OwnershipLostException"/>.</summary>
internal sealed class ConversationLedger(string conversation, long epoch, Database database)
{
    /// <summary>Stores inbound messages, once each.</summary>
    /// <returns>How many were new.</returns>
    public Task<int> AddInboundAsync(ConversationInbound[] messages, DateTimeOffset? windowUntil) => OwnedAsync(async (connection, transaction, told) =>
    {
        var added = new HashSet<string>();
        await using (var insert = Command(ConversationSql.AddInbound, connection, transaction))
        {
            insert.Parameters.Add(new NpgsqlParameter<string[]>("types", [.. messages.Select(message => message.Type)]));
            insert.Parameters.Add(new NpgsqlParameter<string[]>("bodies", [.. messages.Select(message => message.Body)]));
            insert.Parameters.Add(new NpgsqlParameter<string[]>("previews", [.. messages.Select(message => message.Preview)]));
            insert.Parameters.Add(new NpgsqlParameter<string[]>("wamids", [.. messages.Select(message => message.Wamid)]));
            insert.Parameters.Add(new NpgsqlParameter<string?[]>("replies", [.. messages.Select(message => message.ReplyTo)]));
            insert.Parameters.Add(new NpgsqlParameter<DateTime[]>("times", [.. messages.Select(message => message.At.UtcDateTime)]));
            await using var reader = await insert.ExecuteReaderAsync();
            while (await reader.ReadAsync()) added.Add(reader.GetString(1));
        }

        if (added.Count == 0) return 0;
        var last = messages.Where(message => added.Contains(message.Wamid)).MaxBy(message => message.At)!;
        var answered = await FindCampaignAsync(messages, connection, transaction);
        await using (var touch = Command(ConversationSql.Touch, connection, transaction))
        {
            touch.Parameters.Add(new NpgsqlParameter<string>("name", last.Name));
            touch.Parameters.Add(new NpgsqlParameter<int>("unread", added.Count));
            touch.Parameters.Add(Time("windowUntil", windowUntil));
            touch.Parameters.Add(Time("at", last.At));
            touch.Parameters.Add(new NpgsqlParameter<string>("preview", last.Preview));
            touch.Parameters.Add(new NpgsqlParameter("campaign", NpgsqlDbType.Bigint) { Value = (object?)answered?.Campaign ?? DBNull.Value });
            touch.Parameters.Add(new NpgsqlParameter("position", NpgsqlDbType.Integer) { Value = (object?)answered?.Position ?? DBNull.Value });
            await touch.ExecuteNonQueryAsync();
        }

        told.Event = Event("inbound", added.Count, new { conversation, wamids = added });
        return added.Count;
    });

    /// <summary>Stores an outbound message as waiting to be sent, and with it the answer to who asked for it.</summary>
    public Task<long> AddOutboundAsync(string type, string body, string preview, string createdBy, AnswerSlot? slot = null) => OwnedAsync(async (connection, transaction) =>
    {
        await using var insert = Command(ConversationSql.AddOutbound, connection, transaction);
        insert.Parameters.Add(new NpgsqlParameter<string>("type", type));
        insert.Parameters.Add(new NpgsqlParameter<string>("body", body));
        insert.Parameters.Add(new NpgsqlParameter<string>("preview", preview));
        insert.Parameters.Add(new NpgsqlParameter<short>("state", (short)MessageState.Retrying));
        insert.Parameters.Add(new NpgsqlParameter<string>("by", createdBy));
        var id = (long)(await insert.ExecuteScalarAsync())!;
        await SetPendingAsync(id, PendingKind.Retry, 0, TimeSpan.Zero, connection, transaction);
        if (slot is not null) await TakenMessage.Of(id).StoreAsync(slot, transaction);
        return id;
    });

    /// <summary>Commits that this attempt is about to be sent.</summary>
    public Task<bool> ReleaseAsync(long message, int attempt, TimeSpan window) => OwnedAsync(async (connection, transaction) =>
    {
        await using var release = Command(ConversationSql.Release, connection, transaction);
        release.Parameters.Add(new NpgsqlParameter<long>("message", message));
        release.Parameters.Add(new NpgsqlParameter<short>("state", (short)MessageState.InFlight));
        release.Parameters.Add(new NpgsqlParameter<short>("attempt", (short)attempt));
        await release.ExecuteNonQueryAsync();
        await SetPendingAsync(message, PendingKind.RetryInFlight, attempt, window, connection, transaction);
        return true;
    });

    /// <summary>Merges knowledge into one message.</summary>
    /// <returns>The message afterwards; null if there is no such message here.</returns>
    public Task<MessageRecord?> MergeAsync(long message, Func<MessageRecord, MessageRecord> merge, Func<MessageRecord, TimeSpan> wait) => OwnedAsync(async (connection, transaction, told) =>
    {
        if (await ReadAsync(message, connection, transaction) is not { } stored) return null;
        var after = merge(stored.Message);
        if (after == stored.Message) return after;

        await using (var write = Command(ConversationSql.WriteMessage, connection, transaction))
        {
            write.Parameters.Add(new NpgsqlParameter<long>("message", message));
            write.Parameters.Add(new NpgsqlParameter<short>("state", (short)after.State));
            write.Parameters.Add(new NpgsqlParameter<short>("attempt", (short)after.Attempt));
            write.Parameters.Add(new NpgsqlParameter<short>("refusals", (short)after.Refusals));
            write.Parameters.Add(new NpgsqlParameter("code", NpgsqlDbType.Integer) { Value = (object?)after.ErrorCode ?? DBNull.Value });
            write.Parameters.Add(new NpgsqlParameter<string?>("detail", after.ErrorDetail));
            write.Parameters.Add(new NpgsqlParameter<string?>("wamid", after.Wamid));
            write.Parameters.Add(Time("accepted", after.AcceptedAt));
            write.Parameters.Add(Time("sent", after.SentAt));
            write.Parameters.Add(Time("delivered", after.DeliveredAt));
            write.Parameters.Add(Time("read", after.ReadAt));
            write.Parameters.Add(Time("failed", after.FailedAt));
            await write.ExecuteNonQueryAsync();
        }

        if (after.State == MessageState.Retrying) await SetPendingAsync(message, PendingKind.Retry, after.Attempt, wait(after), connection, transaction);
        else if (after.State == MessageState.Uncertain) await SetPendingAsync(message, PendingKind.Uncertain, after.Attempt, wait(after), connection, transaction);
        else await ClearPendingAsync(message, connection, transaction);
        if (after.State != stored.Message.State)
            told.Event = Event("message", 1, new { conversation, message = message.ToString(System.Globalization.CultureInfo.InvariantCulture), state = after.State.ToString() });
        return after;
    });

    /// <summary>Stores which released messages a former owner left without an answer.</summary>
    public Task<bool> MarkUncertainAsync(TimeSpan window) => OwnedAsync(async (connection, transaction) =>
    {
        await using var find = Command(ConversationSql.FindUnanswered, connection, transaction);
        find.Parameters.Add(new NpgsqlParameter<short>("uncertainKind", (short)PendingKind.Uncertain));
        find.Parameters.Add(new NpgsqlParameter<short>("inFlightKind", (short)PendingKind.RetryInFlight));
        find.Parameters.Add(new NpgsqlParameter<short>("uncertain", (short)MessageState.Uncertain));
        find.Parameters.Add(new NpgsqlParameter<TimeSpan>("window", window));
        await find.ExecuteNonQueryAsync();
        return true;
    });

    public async Task<List<DueMessage>> ReadDueAsync(CancellationToken cancel)
    {
        await using var command = database.Main.CreateCommand(ConversationSql.ReadDue);
        command.Parameters.Add(Id());
        command.Parameters.Add(new NpgsqlParameter<short>("inFlightKind", (short)PendingKind.RetryInFlight));
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var due = new List<DueMessage>();
        while (await reader.ReadAsync(cancel)) due.Add(new DueMessage(reader.GetInt64(0), (PendingKind)reader.GetInt16(1), reader.GetInt16(2)));
        return due;
    }

    public async Task<StoredMessage?> ReadAsync(long message, CancellationToken cancel)
    {
        await using var connection = await database.Main.OpenConnectionAsync(cancel);
        return await ReadAsync(message, connection, null);
    }

    private async Task<StoredMessage?> ReadAsync(long message, NpgsqlConnection connection, NpgsqlTransaction? transaction)
    {
        await using var command = Command(ConversationSql.ReadMessage, connection, transaction);
        command.Parameters.Add(new NpgsqlParameter<long>("message", message));
        await using var reader = await command.ExecuteReaderAsync();
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
            reader.GetString(11), reader.GetString(12));

        DateTimeOffset? At(int column) => reader.IsDBNull(column) ? null : reader.GetFieldValue<DateTimeOffset>(column);
    }

    // Which campaign does this person answer? The quoted message says so.
    private static async Task<(long Campaign, int Position)?> FindCampaignAsync(
        ConversationInbound[] messages, NpgsqlConnection connection, NpgsqlTransaction transaction)
    {
        foreach (var quoted in messages.Select(message => message.ReplyTo).OfType<string>())
        {
            await using var find = new NpgsqlCommand(ConversationSql.FindCampaign, connection, transaction);
            find.Parameters.Add(new NpgsqlParameter<long>("key", WamidKey.Of(quoted)));
            find.Parameters.Add(new NpgsqlParameter<string>("wamid", quoted));
            await using var reader = await find.ExecuteReaderAsync();
            if (await reader.ReadAsync()) return (reader.GetInt64(0), reader.GetInt32(1));
        }

        return null;
    }

    private async Task SetPendingAsync(long message, PendingKind kind, int attempt, TimeSpan wait, NpgsqlConnection connection, NpgsqlTransaction transaction)
    {
        await using var set = Command(ConversationSql.SetPending, connection, transaction);
        set.Parameters.Add(new NpgsqlParameter<long>("message", message));
        set.Parameters.Add(new NpgsqlParameter<short>("kind", (short)kind));
        set.Parameters.Add(new NpgsqlParameter<short>("attempt", (short)attempt));
        set.Parameters.Add(new NpgsqlParameter<TimeSpan>("wait", wait));
        await set.ExecuteNonQueryAsync();
    }

    private static async Task ClearPendingAsync(long message, NpgsqlConnection connection, NpgsqlTransaction transaction)
    {
        await using var clear = new NpgsqlCommand(ConversationSql.ClearPending, connection, transaction);
        clear.Parameters.Add(new NpgsqlParameter<long>("message", message));
        await clear.ExecuteNonQueryAsync();
    }

    private NpgsqlBatchCommand Event(string kind, int count, object body) =>
        EventLog.Append($"conversation:{conversation}", kind, count, System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(body));

    private Task<T> OwnedAsync<T>(Func<NpgsqlConnection, NpgsqlTransaction, Task<T>> work) => OwnedAsync((connection, transaction, _) => work(connection, transaction));

    /// <summary>Runs one transaction behind the fence. Not cancelled: what has happened must be stored.</summary>
    private async Task<T> OwnedAsync<T>(Func<NpgsqlConnection, NpgsqlTransaction, Told, Task<T>> work)
    {
        var started = Stopwatch.GetTimestamp();
        try
        {
            await using var connection = await database.Main.OpenConnectionAsync(CancellationToken.None);
            await using var transaction = await connection.BeginTransactionAsync(CancellationToken.None);
            await using (var fence = Command(ConversationSql.Fence, connection, transaction))
            {
                fence.Parameters.Add(new NpgsqlParameter<long>("epoch", epoch));
                await fence.ExecuteNonQueryAsync(CancellationToken.None);
            }

            var told = new Told();
            var result = await work(connection, transaction, told);
            await CommitAsync(connection, transaction, told.Event);
            ConversationMetrics.Written(started);
            return result;
        }
        catch (PostgresException failure) when (OwnershipLostException.Is(failure))
        {
            throw new OwnershipLostException($"conversation {conversation}");
        }
    }

    // Appending locks the head of a shard until the commit, and all who append to it wait. So the two go together: a round trip between them would be part of that time.
    private static async Task CommitAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, NpgsqlBatchCommand? append)
    {
        if (append is null)
        {
            await transaction.CommitAsync(CancellationToken.None);
            return;
        }

        await using var batch = new NpgsqlBatch(connection, transaction) { BatchCommands = { append, new NpgsqlBatchCommand("commit") } };
        await batch.ExecuteNonQueryAsync(CancellationToken.None);
    }

    /// <summary>What a transaction has to tell the event log, at its end.</summary>
    private sealed class Told
    {
        public NpgsqlBatchCommand? Event { get; set; }
    }

    private NpgsqlCommand Command(string sql, NpgsqlConnection connection, NpgsqlTransaction? transaction) => new(sql, connection, transaction) { Parameters = { Id() } };

    private NpgsqlParameter<string> Id() => new("id", conversation);

    private static NpgsqlParameter Time(string name, DateTimeOffset? at) => new(name, NpgsqlDbType.TimestampTz) { Value = (object?)at?.UtcDateTime ?? DBNull.Value };
}

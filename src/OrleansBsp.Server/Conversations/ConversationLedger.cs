using Stopwatch = System.Diagnostics.Stopwatch;
using Npgsql;
using NpgsqlTypes;
using OrleansBsp.Core.Messages;
using OrleansBsp.Server.Campaigns;
using OrleansBsp.Server.Http.Idempotency;
using OrleansBsp.Server.Storage;

namespace OrleansBsp.Server.Conversations;

/// <summary>The owned tables of one conversation under one epoch. A lost epoch changes nothing and throws <see cref="OwnershipLostException"/>.</summary>
internal sealed class ConversationLedger(string conversation, long epoch, Database database)
{
    /// <summary>Stores inbound messages, once each.</summary>
    /// <returns>How many were new.</returns>
    public Task<int> AddInboundAsync(ConversationInbound[] messages, DateTimeOffset? windowUntil) => OwnedAsync(async owned =>
    {
        var added = new HashSet<string>();
        await using (var reader = await owned.QueryAsync(ConversationSql.AddInbound,
            new NpgsqlParameter<string[]>("types", [.. messages.Select(message => message.Type)]),
            new NpgsqlParameter<string[]>("bodies", [.. messages.Select(message => message.Body)]),
            new NpgsqlParameter<string[]>("previews", [.. messages.Select(message => message.Preview)]),
            new NpgsqlParameter<string[]>("wamids", [.. messages.Select(message => message.Wamid)]),
            new NpgsqlParameter<string?[]>("replies", [.. messages.Select(message => message.ReplyTo)]),
            new NpgsqlParameter<DateTime[]>("times", [.. messages.Select(message => message.At.UtcDateTime)])))
        {
            while (await reader.ReadAsync()) added.Add(reader.GetString(1));
        }

        if (added.Count == 0) return 0;
        var last = messages.Where(message => added.Contains(message.Wamid)).MaxBy(message => message.At)!;
        var answered = await FindCampaignAsync(messages, owned);
        owned.Add(ConversationSql.Touch,
            new NpgsqlParameter<string>("name", last.Name),
            new NpgsqlParameter<int>("unread", added.Count),
            Time("windowUntil", windowUntil),
            Time("at", last.At),
            new NpgsqlParameter<string>("preview", last.Preview),
            new NpgsqlParameter("campaign", NpgsqlDbType.Bigint) { Value = (object?)answered?.Campaign ?? DBNull.Value },
            new NpgsqlParameter("position", NpgsqlDbType.Integer) { Value = (object?)answered?.Position ?? DBNull.Value });
        owned.Tell("inbound", added.Count, new { conversation, wamids = added });
        return added.Count;
    });

    /// <summary>Stores an outbound message as waiting to be sent, and with it the answer to who asked for it.</summary>
    public Task<long> AddOutboundAsync(string type, string body, string preview, string createdBy, AnswerSlot? slot = null) => OwnedAsync(async owned =>
    {
        long id;
        await using (var reader = await owned.QueryAsync(ConversationSql.AddOutbound,
            new NpgsqlParameter<string>("type", type),
            new NpgsqlParameter<string>("body", body),
            new NpgsqlParameter<string>("preview", preview),
            new NpgsqlParameter<short>("state", (short)MessageState.Retrying),
            new NpgsqlParameter<string>("by", createdBy)))
        {
            await reader.ReadAsync();
            id = reader.GetInt64(0);
        }

        SetPending(owned, id, PendingKind.Retry, 0, TimeSpan.Zero);
        if (slot is not null) await TakenMessage.Of(id).StoreAsync(slot, owned.Transaction);
        return id;
    });

    /// <summary>What the person has opted out of, if that forbids such a message: "all" or "marketing". Only for an early answer; the release decides.</summary>
    public async Task<string?> FindRefusalAsync(string type, string body)
    {
        await using var command = database.Main.CreateCommand(ConversationSql.FindRefusal);
        command.Parameters.Add(Id());
        command.Parameters.Add(new NpgsqlParameter<string>("type", type));
        command.Parameters.Add(new NpgsqlParameter<string>("body", body));
        return await command.ExecuteScalarAsync() as string;
    }

    /// <summary>Commits that this attempt is about to be sent. Safe to repeat.</summary>
    /// <param name="within">Not if it was taken longer ago.</param>
    public Task<ReleaseAnswer> ReleaseAsync(long message, int attempt, TimeSpan window, TimeSpan within) => OwnedAsync(async owned =>
    {
        await using var reader = await owned.QueryAsync(ConversationSql.Release,
            new NpgsqlParameter<long>("message", message),
            new NpgsqlParameter<short>("retrying", (short)MessageState.Retrying),
            new NpgsqlParameter<short>("inFlight", (short)MessageState.InFlight),
            new NpgsqlParameter<short>("attempt", (short)attempt),
            new NpgsqlParameter<short>("kind", (short)PendingKind.RetryInFlight),
            new NpgsqlParameter<TimeSpan>("wait", window),
            new NpgsqlParameter<TimeSpan>("within", within));
        if (!await reader.ReadAsync()) return ReleaseAnswer.NotWaiting;
        return reader.GetBoolean(0) ? ReleaseAnswer.Released : reader.GetBoolean(1) ? ReleaseAnswer.OptedOut : reader.GetBoolean(2) ? ReleaseAnswer.TooLate : ReleaseAnswer.NotWaiting;
    });

    /// <summary>Puts it off, and says why.</summary>
    /// <param name="attempt">After which it waits; after a later one it waits for something else.</param>
    public Task PostponeAsync(long message, int attempt, string reason, TimeSpan wait) => OwnedAsync(owned =>
    {
        owned.Add(ConversationSql.Postpone,
            new NpgsqlParameter<long>("message", message),
            new NpgsqlParameter<short>("retrying", (short)MessageState.Retrying),
            new NpgsqlParameter<short>("attempt", (short)attempt),
            new NpgsqlParameter<string>("reason", reason),
            new NpgsqlParameter<TimeSpan>("wait", wait));
        return Task.FromResult(true);
    });

    /// <summary>Merges knowledge into one message.</summary>
    /// <returns>The message afterwards; null if there is no such message here.</returns>
    public Task<MessageRecord?> MergeAsync(long message, Func<MessageRecord, MessageRecord> merge, Func<MessageRecord, TimeSpan> wait) => OwnedAsync(async owned =>
    {
        StoredMessage? stored;
        await using (var reader = await owned.QueryAsync(ConversationSql.ReadMessage, new NpgsqlParameter<long>("message", message))) stored = await StoredMessage.ReadAsync(reader);
        if (stored is null) return null;
        var after = merge(stored.Message);
        if (after == stored.Message) return after;

        owned.Add(ConversationSql.WriteMessage,
            new NpgsqlParameter<long>("message", message),
            new NpgsqlParameter<short>("state", (short)after.State),
            new NpgsqlParameter<short>("attempt", (short)after.Attempt),
            new NpgsqlParameter<short>("refusals", (short)after.Refusals),
            new NpgsqlParameter("code", NpgsqlDbType.Integer) { Value = (object?)after.ErrorCode ?? DBNull.Value },
            new NpgsqlParameter<string?>("detail", after.ErrorDetail),
            new NpgsqlParameter<string?>("wamid", after.Wamid),
            Time("accepted", after.AcceptedAt),
            Time("sent", after.SentAt),
            Time("delivered", after.DeliveredAt),
            Time("read", after.ReadAt),
            Time("failed", after.FailedAt));
        if (after.State == MessageState.Retrying) SetPending(owned, message, PendingKind.Retry, after.Attempt, wait(after));
        else if (after.State == MessageState.Uncertain) SetPending(owned, message, PendingKind.Uncertain, after.Attempt, wait(after));
        else owned.Add(ConversationSql.ClearPending, new NpgsqlParameter<long>("message", message));
        if (after.State != stored.Message.State)
            owned.Tell("message", 1, new { conversation, message = message.ToString(System.Globalization.CultureInfo.InvariantCulture), state = after.State.ToString() });
        return after;
    });

    /// <summary>What is to be sent or settled now.</summary>
    public async Task<List<DueMessage>> ReadDueAsync(CancellationToken cancel)
    {
        await using var command = database.Main.CreateCommand(ConversationSql.ReadDue);
        command.Parameters.Add(Id());
        await using var reader = await command.ExecuteReaderAsync(cancel);
        return await DueMessage.ReadAllAsync(reader, cancel);
    }

    public async Task<StoredMessage?> ReadAsync(long message, CancellationToken cancel)
    {
        await using var command = database.Main.CreateCommand(ConversationSql.ReadMessage);
        command.Parameters.Add(Id());
        command.Parameters.Add(new NpgsqlParameter<long>("message", message));
        await using var reader = await command.ExecuteReaderAsync(cancel);
        return await StoredMessage.ReadAsync(reader);
    }

    // Which campaign does this person answer? The quoted message says so.
    private static async Task<(long Campaign, int Position)?> FindCampaignAsync(ConversationInbound[] messages, ConversationTransaction owned)
    {
        foreach (var quoted in messages.Select(message => message.ReplyTo).OfType<string>())
        {
            await using var reader = await owned.QueryAsync(ConversationSql.FindCampaign, new NpgsqlParameter<long>("key", WamidKey.Of(quoted)), new NpgsqlParameter<string>("wamid", quoted));
            if (await reader.ReadAsync()) return (reader.GetInt64(0), reader.GetInt32(1));
        }

        return null;
    }

    private static void SetPending(ConversationTransaction owned, long message, PendingKind kind, int attempt, TimeSpan wait) => owned.Add(ConversationSql.SetPending,
        new NpgsqlParameter<long>("message", message),
        new NpgsqlParameter<short>("kind", (short)kind),
        new NpgsqlParameter<short>("attempt", (short)attempt),
        new NpgsqlParameter<TimeSpan>("wait", wait));

    /// <summary>Runs one transaction behind the fence. Not cancelled: what has happened must be stored.</summary>
    private async Task<T> OwnedAsync<T>(Func<ConversationTransaction, Task<T>> work)
    {
        var started = Stopwatch.GetTimestamp();
        try
        {
            await using var owned = await ConversationTransaction.BeginAsync(conversation, epoch, database);
            var result = await work(owned);
            await owned.CommitAsync();
            ConversationMetrics.Written(started);
            return result;
        }
        catch (PostgresException failure) when (OwnershipLostException.Is(failure))
        {
            throw new OwnershipLostException($"conversation {conversation}");
        }
    }

    private NpgsqlParameter<string> Id() => new("id", conversation);

    private static NpgsqlParameter Time(string name, DateTimeOffset? at) => new(name, NpgsqlDbType.TimestampTz) { Value = (object?)at?.UtcDateTime ?? DBNull.Value };
}

/// <summary>What became of the wish to release a message.</summary>
internal enum ReleaseAnswer
{
    Released,

    /// <summary>It has been settled or released meanwhile.</summary>
    NotWaiting,

    /// <summary>The person has opted out of such messages since it was taken.</summary>
    OptedOut,

    /// <summary>It has waited for too long.</summary>
    TooLate,
}

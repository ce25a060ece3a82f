using Dapper;
using OrleansBsp.Server.Storage;

namespace OrleansBsp.Server.Conversations;

/// <summary>A conversation in the list of the inbox.</summary>
public sealed class ConversationView
{
    public string Id { get; set; } = "";
    public string PhoneNumberId { get; set; } = "";
    public string Address { get; set; } = "";
    public string Name { get; set; } = "";

    /// <summary><c>open</c> or <c>closed</c>.</summary>
    public string State { get; set; } = "";
    public string? Assignee { get; set; }
    public int Unread { get; set; }
    public DateTime? WindowUntil { get; set; }
    public DateTime? LastMessageAt { get; set; }
    public string LastPreview { get; set; } = "";
    public string? CampaignId { get; set; }
    public int? CampaignPosition { get; set; }
}

/// <summary>Where a list of conversations goes on.</summary>
public sealed record ConversationPosition(DateTime? At, string Id);

/// <summary>A message of a thread as stored. A class with setters because Dapper fills it by name.</summary>
public sealed class MessageRow
{
    public long Id { get; set; }
    public string ConversationId { get; set; } = "";
    public string Direction { get; set; } = "";
    public string Type { get; set; } = "";
    public string Body { get; set; } = "{}";
    public string? Preview { get; set; }
    public string? Wamid { get; set; }
    public string? ReplyTo { get; set; }
    public short? State { get; set; }
    public short Attempt { get; set; }
    public int? ErrorCode { get; set; }
    public string? ErrorDetail { get; set; }
    public DateTime CreatedAt { get; set; }
    public DateTime? ReceivedAt { get; set; }
    public DateTime? AcceptedAt { get; set; }
    public DateTime? SentAt { get; set; }
    public DateTime? DeliveredAt { get; set; }
    public DateTime? ReadAt { get; set; }
    public DateTime? FailedAt { get; set; }
}

/// <summary>Reads conversations and their messages for screens.</summary>
public sealed class ConversationReader(Database database)
{
    private const string Conversations = """
        select id, phone_number_id as PhoneNumberId, address, name, state, assignee, unread, window_until as WindowUntil, last_message_at as LastMessageAt,
               last_preview as LastPreview, campaign_id::text as CampaignId, campaign_position as CampaignPosition
        from conversation
        """;

    private const string Messages = """
        select id, conversation_id as ConversationId, direction, type, body::text as Body, preview, wamid, reply_to as ReplyTo, state, attempt,
               error_code as ErrorCode, error_detail as ErrorDetail, created_at as CreatedAt, received_at as ReceivedAt, accepted_at as AcceptedAt,
               sent_at as SentAt, delivered_at as DeliveredAt, read_at as ReadAt, failed_at as FailedAt
        from conversation_message
        """;

    private const string ListSql = Conversations + """
         where last_message_at is not null and (@state::text is null or state = @state)
           and (@q::text is null or name ilike '%' || @q || '%' or address like '%' || @q || '%')
           and (@at::timestamptz is null or (last_message_at, id) < (@at, @id))
        order by last_message_at desc, id desc limit @limit
        """;

    public async Task<List<ConversationView>> ListAsync(ConversationPosition? after, string? state, string? q, int limit, CancellationToken cancel)
    {
        await using var connection = await database.Main.OpenConnectionAsync(cancel);
        return [.. await connection.QueryAsync<ConversationView>(new(ListSql, new { at = after?.At, id = after?.Id, state, q, limit }, cancellationToken: cancel))];
    }

    public async Task<ConversationView?> FindAsync(string id, CancellationToken cancel)
    {
        await using var connection = await database.Main.OpenConnectionAsync(cancel);
        return await connection.QuerySingleOrDefaultAsync<ConversationView>(new(Conversations + " where id = @id", new { id }, cancellationToken: cancel));
    }

    /// <summary>Newest first.</summary>
    public async Task<List<MessageRow>> ThreadAsync(string conversation, long before, int limit, CancellationToken cancel)
    {
        await using var connection = await database.Main.OpenConnectionAsync(cancel);
        return [.. await connection.QueryAsync<MessageRow>(new(
            Messages + " where conversation_id = @conversation and id < @before order by id desc limit @limit", new { conversation, before, limit }, cancellationToken: cancel))];
    }

    public async Task<MessageRow?> FindMessageAsync(long id, CancellationToken cancel)
    {
        await using var connection = await database.Main.OpenConnectionAsync(cancel);
        return await connection.QuerySingleOrDefaultAsync<MessageRow>(new(Messages + " where id = @id", new { id }, cancellationToken: cancel));
    }
}

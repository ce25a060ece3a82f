using System.Text.Json;
using Npgsql;
using OrleansBsp.Server.Events;
using OrleansBsp.Server.Storage;

namespace OrleansBsp.Server.Conversations;

/// <summary>
/// One transaction of a conversation's owner. Commands are kept until an answer is needed, so the fence goes with the first question, and
/// the event and the commit with the last changes: round trips are what a conversation's write costs, and while the head of an event shard
/// is locked all others who append to it wait.
/// </summary>
internal sealed class ConversationTransaction : IAsyncDisposable
{
    private readonly string _conversation;
    private readonly NpgsqlConnection _connection;
    private readonly List<NpgsqlBatchCommand> _kept = [];
    private NpgsqlBatchCommand? _event;
    private bool _isFenced;

    private ConversationTransaction(string conversation, long epoch, NpgsqlConnection connection, NpgsqlTransaction transaction)
    {
        (_conversation, _connection, Transaction) = (conversation, connection, transaction);
        Add(ConversationSql.Fence, new NpgsqlParameter<long>("epoch", epoch));
    }

    /// <summary>For what others have to say in it, after the first question.</summary>
    public NpgsqlTransaction Transaction { get; }

    public static async Task<ConversationTransaction> BeginAsync(string conversation, long epoch, Database database)
    {
        var connection = await database.Main.OpenConnectionAsync(CancellationToken.None);
        try
        {
            return new ConversationTransaction(conversation, epoch, connection, await connection.BeginTransactionAsync(CancellationToken.None));
        }
        catch
        {
            await connection.DisposeAsync(); // else the pool would have lost it
            throw;
        }
    }

    /// <summary>A change, made with the next question or the commit. The conversation is its parameter <c>id</c>.</summary>
    public void Add(string sql, params ReadOnlySpan<NpgsqlParameter> parameters) => _kept.Add(Command(sql, parameters));

    /// <summary>Asks, after all changes so far. Dispose the reader before the next call.</summary>
    public async Task<NpgsqlDataReader> QueryAsync(string sql, params NpgsqlParameter[] parameters)
    {
        await using var batch = Take(Command(sql, parameters));
        var reader = await batch.ExecuteReaderAsync(CancellationToken.None);
        if (!_isFenced) await reader.NextResultAsync(CancellationToken.None); // the fence's answer stands before
        _isFenced = true;
        return reader;
    }

    /// <summary>Appends an event, at the very end.</summary>
    public void Tell(string kind, int count, object body) =>
        _event = EventLog.Append($"conversation:{_conversation}", kind, count, JsonSerializer.SerializeToUtf8Bytes(body));

    public async Task CommitAsync()
    {
        if (_event is not null) _kept.Add(_event);
        await using var batch = Take(new NpgsqlBatchCommand("commit"));
        await batch.ExecuteNonQueryAsync(CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await Transaction.DisposeAsync();
        }
        finally
        {
            await _connection.DisposeAsync(); // also when the roll-back finds the connection broken
        }
    }

    private NpgsqlBatch Take(NpgsqlBatchCommand last)
    {
        var batch = new NpgsqlBatch(_connection, Transaction);
        foreach (var command in _kept) batch.BatchCommands.Add(command);
        batch.BatchCommands.Add(last);
        _kept.Clear();
        return batch;
    }

    private NpgsqlBatchCommand Command(string sql, ReadOnlySpan<NpgsqlParameter> parameters)
    {
        var command = new NpgsqlBatchCommand(sql) { Parameters = { new NpgsqlParameter<string>("id", _conversation) } };
        foreach (var parameter in parameters) command.Parameters.Add(parameter);
        return command;
    }
}

using System.Data;
using Dapper;
using Npgsql;
using OrleansBsp.Core.Messages;
using OrleansBsp.Server.Storage;

namespace OrleansBsp.Server.Webhooks;

public sealed record InboxBody(long Offset, byte[] Body);

public sealed record InboxBacklog(short Shard, long Waiting, double? OldestSeconds);

/// <summary>A part of a webhook that could not be read or applied; its body stays in the inbox.</summary>
public sealed record InboxProblem(long Offset, string Path, string Reason, string Snippet);

public sealed record FoundCampaignMessage(string Wamid, long CampaignId, int Position);

public sealed record FoundSingle(long Id, string? Wamid, string ConversationId);

/// <summary>Reads the raw inbox and keeps its cursors.</summary>
public sealed class InboxStore(Database database)
{
    public async Task<(long Epoch, long Offset)> TakeAsync(short shard, string owner, CancellationToken cancel)
    {
        await using var connection = await database.Control.OpenConnectionAsync(cancel);
        return await connection.QuerySingleAsync<(long, long)>(new(InboxSql.Take, new { shard, owner }, cancellationToken: cancel));
    }

    /// <summary>The next bodies, up to a count and about a size; always one, if there is any.</summary>
    public async Task<List<InboxBody>> ReadAsync(short shard, long after, int maxBodies, int maxBytes, CancellationToken cancel)
    {
        await using var command = database.Main.CreateCommand(InboxSql.Read);
        command.Parameters.Add(new NpgsqlParameter<short>("shard", shard));
        command.Parameters.Add(new NpgsqlParameter<long>("after", after));
        command.Parameters.Add(new NpgsqlParameter<int>("limit", maxBodies));
        command.Parameters.Add(new NpgsqlParameter<long>("bytes", maxBytes));
        // Sequential: a body goes straight into its array, not through a buffer of its size first.
        await using var reader = await command.ExecuteReaderAsync(CommandBehavior.SequentialAccess, cancel);
        var bodies = new List<InboxBody>();
        while (await reader.ReadAsync(cancel)) bodies.Add(new InboxBody(reader.GetInt64(0), reader.GetFieldValue<byte[]>(1)));
        return bodies;
    }

    /// <summary>False: another activation has the shard.</summary>
    public async Task<bool> MoveAsync(short shard, long epoch, long offset, CancellationToken cancel)
    {
        await using var command = database.Main.CreateCommand(InboxSql.Move);
        command.Parameters.Add(new NpgsqlParameter<short>("shard", shard));
        command.Parameters.Add(new NpgsqlParameter<long>("epoch", epoch));
        command.Parameters.Add(new NpgsqlParameter<long>("offset", offset));
        return await command.ExecuteNonQueryAsync(cancel) == 1;
    }

    public async Task AddProblemsAsync(short shard, IReadOnlyList<InboxProblem> problems, CancellationToken cancel)
    {
        WebhookMetrics.PutAside(problems.Count);
        await using var connection = await database.Main.OpenConnectionAsync(cancel);
        await connection.ExecuteAsync(new(InboxSql.AddProblems, new
        {
            shard,
            offsets = problems.Select(problem => problem.Offset).ToArray(),
            paths = problems.Select(problem => problem.Path).ToArray(),
            reasons = problems.Select(problem => problem.Reason).ToArray(),
            snippets = problems.Select(problem => problem.Snippet.Replace('\0', ' ')).ToArray(),
        }, cancellationToken: cancel));
    }

    /// <summary>Campaign messages by Meta's id.</summary>
    public async Task<List<FoundCampaignMessage>> FindCampaignMessagesAsync(IReadOnlyCollection<string> wamids, CancellationToken cancel)
    {
        await using var connection = await database.Main.OpenConnectionAsync(cancel);
        return [.. await connection.QueryAsync<FoundCampaignMessage>(new(InboxSql.FindCampaignMessages,
            new { keys = wamids.Select(WamidKey.Of).ToArray(), wamids = wamids.ToArray() }, cancellationToken: cancel))];
    }

    /// <summary>Single messages by our id or Meta's.</summary>
    public async Task<List<FoundSingle>> FindSinglesAsync(IReadOnlyCollection<long> ids, IReadOnlyCollection<string> wamids, CancellationToken cancel)
    {
        await using var connection = await database.Main.OpenConnectionAsync(cancel);
        return [.. await connection.QueryAsync<FoundSingle>(new(InboxSql.FindSingles, new { ids = ids.ToArray(), wamids = wamids.ToArray() }, cancellationToken: cancel))];
    }

    public async Task<List<InboxBacklog>> BacklogAsync(CancellationToken cancel)
    {
        await using var connection = await database.Control.OpenConnectionAsync(cancel);
        return [.. await connection.QueryAsync<InboxBacklog>(new(InboxSql.Backlog, cancellationToken: cancel))];
    }
}

using System.Diagnostics;
using Npgsql;
using OrleansBsp.Server.Storage;

namespace OrleansBsp.Server.Webhooks;

/// <summary>
/// Appends webhook bodies to the inbox in groups: one write per lane in flight, whatever arrives meanwhile is the next group. A
/// caller is answered after the commit of its group.
/// </summary>
public sealed class InboxAppender : IAsyncDisposable
{
    // Two lanes: while one waits for the disk the other takes. Each group goes to the lane's next shard.
    private const int Lanes = 2;
    private static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(3);

    private const int MaxGroup = 1000;
    private const long MaxWaitingBytes = 64 << 20;

    private readonly NpgsqlDataSource _database;
    private readonly IGrainFactory _grains;
    private readonly ILogger<InboxAppender> _log;
    private readonly Lock _lock = new();
    private readonly Queue<Waiting> _waiting = new();
    private readonly SemaphoreSlim _work = new(0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task[] _lanes;
    private long _waitingBytes;

    public InboxAppender(Database database, IGrainFactory grains, ILogger<InboxAppender> log)
    {
        (_database, _grains, _log) = (database.Main, grains, log);
        WebhookMetrics.Add(this);
        _lanes = [.. Enumerable.Range(0, Lanes).Select(lane => Task.Run(() => RunAsync(lane)))];
    }

    /// <summary>What waits to be stored, without the groups that are being written.</summary>
    public long WaitingBytes
    {
        get { lock (_lock) return _waitingBytes; }
    }

    /// <summary>Age of the oldest body of them.</summary>
    public TimeSpan OldestAge
    {
        get { lock (_lock) return _waiting.TryPeek(out var oldest) ? Stopwatch.GetElapsedTime(oldest.Since) : TimeSpan.Zero; }
    }

    /// <summary>Completes when the body is committed.</summary>
    /// <exception cref="InboxFullException">Too much is waiting; Meta should come again.</exception>
    /// <exception cref="NpgsqlException">The database did not take it; Meta should come again.</exception>
    public Task AppendAsync(byte[] body)
    {
        var waiting = new Waiting(body, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), Stopwatch.GetTimestamp());
        lock (_lock)
        {
            if (_waitingBytes + body.Length > MaxWaitingBytes) throw new InboxFullException();
            _waitingBytes += body.Length;
            _waiting.Enqueue(waiting);
        }

        _work.Release();
        return waiting.Committed.Task;
    }

    public async ValueTask DisposeAsync()
    {
        WebhookMetrics.Remove(this);
        await _stop.CancelAsync();
        await Task.WhenAll(_lanes);
        _stop.Dispose();
        _work.Dispose();
    }

    private async Task RunAsync(int lane)
    {
        for (var turn = lane; ; turn += Lanes)
        {
            try
            {
                await _work.WaitAsync(_stop.Token);
            }
            catch (OperationCanceledException)
            {
                break;
            }

            var group = Take();
            if (group.Count == 0) continue; // another lane took it with its group
            await WriteAsync((short)(turn % InboxSql.Shards), group);
            // A lone webhook is answered at once; in a flood a few milliseconds more make groups that cost half as much.
            if (group.Count > 1) await Task.Delay(Gather, TimeProvider.System, CancellationToken.None);
        }

        for (var rest = Take(); rest.Count > 0; rest = Take()) await WriteAsync((short)(lane % InboxSql.Shards), rest);
    }

    private List<Waiting> Take()
    {
        var group = new List<Waiting>();
        lock (_lock)
        {
            while (group.Count < MaxGroup && _waiting.TryDequeue(out var waiting))
            {
                group.Add(waiting);
                _waitingBytes -= waiting.Body.Length;
            }
        }

        return group;
    }

    private async Task WriteAsync(short shard, List<Waiting> group)
    {
        var started = Stopwatch.GetTimestamp();
        try
        {
            await using var command = _database.CreateCommand(InboxSql.Append);
            command.CommandTimeout = 5;
            command.Parameters.Add(new NpgsqlParameter<short>("shard", shard));
            command.Parameters.Add(new NpgsqlParameter<byte[][]>("bodies", [.. group.Select(waiting => waiting.Body)]));
            await command.ExecuteNonQueryAsync(CancellationToken.None);
        }
        catch (Exception failure)
        {
            // Committed or not, nobody is told that it is: Meta sends it again, and applying twice changes nothing.
            _log.AppendFailed(group.Count, failure.Message);
            foreach (var waiting in group) waiting.Committed.SetException(failure);
            return;
        }

        WebhookMetrics.Appended(group.Count, started);
        foreach (var waiting in group) waiting.Committed.SetResult();
        _ = PokeAsync(shard);
    }

    // Only wakes the shard early; its own look every second is what makes it certain.
    private async Task PokeAsync(short shard)
    {
        try
        {
            await _grains.GetGrain<IInboxGrain>($"i:{shard}").Poke();
        }
        catch (Exception failure)
        {
            _log.PokeFailed(shard, failure.Message);
        }
    }

    private sealed record Waiting(byte[] Body, TaskCompletionSource Committed, long Since);
}

/// <summary>More webhooks are waiting to be stored than memory should hold.</summary>
public sealed class InboxFullException() : Exception("Too many webhooks are waiting to be stored.");

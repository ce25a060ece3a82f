using System.Diagnostics;
using Npgsql;
using OrleansBsp.Core.Pacing;
using OrleansBsp.Server.Storage;

namespace OrleansBsp.Server.Campaigns.Sending;

/// <summary>Which attempt a claim is about.</summary>
internal readonly record struct SendKey(long Campaign, int Position, short Attempt, DateTime Moment);

/// <summary>Whose an attempt is.</summary>
internal enum SendClaim
{
    /// <summary>Ours to send, and nobody else's.</summary>
    Ours,

    /// <summary>Nobody has sent it and nobody will: it came too late, or the campaign does not run. It may be released anew.</summary>
    Nobodys,

    /// <summary>Somebody else's, who may have sent it.</summary>
    Anothers,
}

/// <summary>
/// Makes an attempt that a queue delivers any number of times happen at most once: who sends it has written its claim before. The statement also decides, by the
/// database's clock and the campaign's stored state, that an attempt is not sent at all; then that is written just as finally, and proves it.
/// </summary>
/// <param name="self">The silo that asks; null: nobody can have declared it dead.</param>
internal sealed class SendClaims(Database database, SiloAddress? self, ILogger<SendClaims> log)
{
    /// <summary>How late an attempt may be claimed. Later ones would share a second with those that are on time, and go beyond the number's limit.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromMilliseconds(500);

    private const int Dead = (int)SiloStatus.Dead;

    /// <summary>Claims these for sending. If the answer is lost it asks again, however long that takes: only who claimed them knows that none of them has been posted.</summary>
    /// <param name="cancel">Ends the tries; nothing more should be begun.</param>
    /// <returns>Null: it is not known what was claimed, or this silo has been declared dead, so nothing may be sent.</returns>
    public async Task<Dictionary<SendKey, SendClaim>?> ClaimAsync(IReadOnlyCollection<SendKey> keys, CancellationToken cancel)
    {
        // The same claimer in each try: if an earlier one was committed and its answer lost, its claims are found to be ours.
        var claimer = Guid.NewGuid();
        for (var failures = 0; !cancel.IsCancellationRequested; failures++)
        {
            try
            {
                // Not cancelled half-way: what was claimed and not sent would be uncertain. Bounded by the statement's own limit.
                var claims = await RunAsync(keys, claimer, send: true, CancellationToken.None);
                return claims.Count == keys.Count ? claims : null;
            }
            catch (Exception failure) when (failure is NpgsqlException or TimeoutException or IOException)
            {
                log.ClaimFailed(keys.Count, failure.Message);
                await Task.Delay(Backoff.Ordinary.After(failures), TimeProvider.System, cancel).ContinueWith(static _ => { }, TaskScheduler.Default);
            }
        }

        return null;
    }

    /// <summary>Sees to it that those which nobody has claimed are sent by nobody. Says nothing of any if this silo has been declared dead.</summary>
    /// <exception cref="NpgsqlException">Nothing is known; ask again.</exception>
    public Task<Dictionary<SendKey, SendClaim>> ForbidAsync(IReadOnlyCollection<SendKey> keys, CancellationToken cancel) => RunAsync(keys, Guid.NewGuid(), send: false, cancel);

    private async Task<Dictionary<SendKey, SendClaim>> RunAsync(IReadOnlyCollection<SendKey> keys, Guid claimer, bool send, CancellationToken cancel)
    {
        var started = Stopwatch.GetTimestamp();
        var moments = keys.ToDictionary(key => (key.Campaign, key.Position, key.Attempt));
        await using var connection = await database.Main.OpenConnectionAsync(cancel);
        await using var batch = new NpgsqlBatch(connection) { Timeout = 5 };
        batch.BatchCommands.Add(Command(SendClaimSql.Claim, keys, claimer,
            new NpgsqlParameter<bool>("send", send), new NpgsqlParameter<TimeSpan>("tolerance", Tolerance), new NpgsqlParameter<int>("dead", Dead),
            new NpgsqlParameter<string?>("address", self?.Endpoint.Address.ToString()), new NpgsqlParameter<int?>("port", self?.Endpoint.Port), new NpgsqlParameter<int?>("generation", self?.Generation)));
        batch.BatchCommands.Add(Command(SendClaimSql.Read, keys, claimer));
        var claims = new Dictionary<SendKey, SendClaim>();
        await using (var reader = await batch.ExecuteReaderAsync(cancel))
        {
            while (await reader.ReadAsync(cancel))
            {
                var key = moments[(reader.GetInt64(0), reader.GetInt32(1), reader.GetInt16(2))];
                claims.Add(key, !reader.GetBoolean(3) ? SendClaim.Nobodys : reader.GetBoolean(4) ? SendClaim.Ours : SendClaim.Anothers);
            }

            // The statements are committed when the whole answer has come, and not before.
            while (await reader.NextResultAsync(cancel))
            {
            }
        }

        SendingMetrics.Claimed(keys.Count, started);
        return claims;
    }

    private static NpgsqlBatchCommand Command(string sql, IReadOnlyCollection<SendKey> keys, Guid claimer, params NpgsqlParameter[] more)
    {
        var command = new NpgsqlBatchCommand(sql);
        command.Parameters.Add(new NpgsqlParameter<Guid>("claimer", claimer));
        command.Parameters.Add(new NpgsqlParameter<long[]>("campaigns", [.. keys.Select(key => key.Campaign)]));
        command.Parameters.Add(new NpgsqlParameter<int[]>("positions", [.. keys.Select(key => key.Position)]));
        command.Parameters.Add(new NpgsqlParameter<short[]>("attempts", [.. keys.Select(key => key.Attempt)]));
        command.Parameters.Add(new NpgsqlParameter<DateTime[]>("moments", [.. keys.Select(key => key.Moment)]));
        foreach (var parameter in more) command.Parameters.Add(parameter);
        return command;
    }
}

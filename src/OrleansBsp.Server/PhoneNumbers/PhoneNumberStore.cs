using Dapper;
using OrleansBsp.Core.PhoneNumbers;
using OrleansBsp.Server.Storage;

namespace OrleansBsp.Server.PhoneNumbers;

/// <summary>A phone number as stored, with the state of its account.</summary>
public sealed record PhoneNumberRow(
    string Id, string WabaId, string DisplayNumber, string VerifiedName, string QualityRating, string Status, int Throughput,
    int? MaxPerSecond, int ReservedForReplies, string State, string? StateReason, string? Owner, string WabaState, string? WabaStateReason)
{
    /// <summary>Why this number cannot send at all, in words; null if it can.</summary>
    public string? CannotSend =>
        WabaState != "active" ? $"the WhatsApp Business Account {WabaId} is stopped: {WabaStateReason}"
        : State != "active" ? $"the number is stopped: {StateReason}"
        : Status != "CONNECTED" ? $"Meta reports the number as {Status}"
        : null;

    /// <summary>Messages per second: Meta's limit or the operator's, whichever is lower.</summary>
    public int Limit => Math.Max(1, Math.Min(Throughput, MaxPerSecond ?? int.MaxValue));
}

/// <summary>Reads and writes phone numbers.</summary>
public sealed class PhoneNumberStore(Database database)
{
    public async Task<PhoneNumberRow?> FindAsync(PhoneNumberId id, CancellationToken cancel)
    {
        await using var connection = await database.Control.OpenConnectionAsync(cancel);
        return await connection.QuerySingleOrDefaultAsync<PhoneNumberRow>(new(PhoneNumberSql.ReadOne, new { id = id.Value }, cancellationToken: cancel));
    }

    /// <summary>Those of the given numbers that are ours.</summary>
    public async Task<HashSet<string>> FindKnownAsync(IReadOnlyCollection<string> ids, CancellationToken cancel)
    {
        await using var connection = await database.Main.OpenConnectionAsync(cancel);
        return [.. await connection.QueryAsync<string>(new(PhoneNumberSql.FindKnown, new { ids = ids.ToArray() }, cancellationToken: cancel))];
    }

    public async Task<List<PhoneNumberRow>> ListAsync(string after, int limit, CancellationToken cancel)
    {
        await using var connection = await database.Main.OpenConnectionAsync(cancel);
        return [.. await connection.QueryAsync<PhoneNumberRow>(new(PhoneNumberSql.ReadPage, new { after, limit }, cancellationToken: cancel))];
    }

    /// <summary>Takes the right to grant permits.</summary>
    /// <returns>The epoch, and how long a former owner's right still lasts; null if there is no such number.</returns>
    public async Task<(long Epoch, TimeSpan Wait)?> TakeAsync(PhoneNumberId id, string owner, TimeSpan life, CancellationToken cancel)
    {
        await using var connection = await database.Control.OpenConnectionAsync(cancel);
        return await connection.QuerySingleOrDefaultAsync<(long, TimeSpan)?>(new(PhoneNumberSql.Take, new { id = id.Value, owner, life }, cancellationToken: cancel));
    }

    /// <summary>False: another activation owns the number.</summary>
    public Task<bool> RenewAsync(PhoneNumberId id, long epoch, TimeSpan life, CancellationToken cancel) =>
        ExecuteAsync(PhoneNumberSql.Renew, new { id = id.Value, epoch, life }, cancel);

    /// <summary>How long this owner still has to wait for the end of the right before it: less than it was told, if that one has been given back since.</summary>
    /// <returns>Null: another activation owns the number.</returns>
    public async Task<TimeSpan?> FindWaitAsync(PhoneNumberId id, long epoch, CancellationToken cancel)
    {
        await using var connection = await database.Control.OpenConnectionAsync(cancel);
        return await connection.QuerySingleOrDefaultAsync<TimeSpan?>(new(PhoneNumberSql.ReadWait, new { id = id.Value, epoch }, cancellationToken: cancel));
    }

    /// <summary>Ends a right; if the next owner has taken the number already, it may begin.</summary>
    /// <param name="granted">How far ahead of now permits have been or may have been granted, by this owner or those before it.</param>
    public async Task GiveBackAsync(PhoneNumberId id, long epoch, TimeSpan granted, CancellationToken cancel)
    {
        if (!await ExecuteAsync(PhoneNumberSql.GiveBack, new { id = id.Value, epoch, granted }, cancel))
            await ExecuteAsync(PhoneNumberSql.LetNextBegin, new { id = id.Value, epoch, granted }, cancel);
    }

    /// <summary>Stops the number with a reason for the operator; campaigns on it wait.</summary>
    public Task<bool> StopAsync(PhoneNumberId id, string reason, CancellationToken cancel) =>
        ExecuteAsync(PhoneNumberSql.Stop, new { id = id.Value, reason }, cancel);

    /// <summary>Sets the operator's settings; null leaves a value as it is.</summary>
    public Task<bool> ConfigureAsync(PhoneNumberId id, bool setMax, int? maxPerSecond, int? reservedForReplies, string? state, CancellationToken cancel) =>
        ExecuteAsync(PhoneNumberSql.Configure, new { id = id.Value, setMax, maxPerSecond, reservedForReplies, state }, cancel);

    private async Task<bool> ExecuteAsync(string sql, object arguments, CancellationToken cancel)
    {
        await using var connection = await database.Control.OpenConnectionAsync(cancel);
        return await connection.ExecuteAsync(new(sql, arguments, cancellationToken: cancel)) == 1;
    }
}

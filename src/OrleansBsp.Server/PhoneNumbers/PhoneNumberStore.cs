using System.Text.Json;
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

/// <summary>A right to grant as stored.</summary>
/// <param name="Wait">How long the right before it still lasts.</param>
/// <param name="Ago">How long ago <paramref name="Arrivals"/> was true.</param>
/// <param name="Arrivals"><see cref="KnownArrivals"/> of the owner before; null if that one has not ended in order.</param>
public sealed record RightRow(long Epoch, TimeSpan Wait, TimeSpan? Ago, string? Arrivals);

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
    /// <returns>Null: there is no such number.</returns>
    public async Task<RightRow?> TakeAsync(PhoneNumberId id, string owner, CancellationToken cancel)
    {
        await using var connection = await database.Control.OpenConnectionAsync(cancel);
        return await connection.QuerySingleOrDefaultAsync<RightRow>(new(PhoneNumberSql.Take, new { id = id.Value, owner }, cancellationToken: cancel));
    }

    /// <summary>False: another activation owns the number.</summary>
    public Task<bool> RenewAsync(PhoneNumberId id, long epoch, TimeSpan life, CancellationToken cancel) =>
        ExecuteAsync(PhoneNumberSql.Renew, new { id = id.Value, epoch, life }, cancel);

    /// <summary>What the former owner has left by now for this one, which waits for the end of its right: that may be nearer than it was told at first.</summary>
    /// <returns>Null: another activation owns the number.</returns>
    public async Task<RightRow?> FindFormerAsync(PhoneNumberId id, long epoch, CancellationToken cancel)
    {
        await using var connection = await database.Control.OpenConnectionAsync(cancel);
        return await connection.QuerySingleOrDefaultAsync<RightRow>(new(PhoneNumberSql.ReadFormer, new { id = id.Value, epoch }, cancellationToken: cancel));
    }

    /// <summary>Ends a right; if the next owner has taken the number already, it may begin.</summary>
    /// <param name="granted">How far ahead of now permits have been or may have been granted, by this owner or those before it.</param>
    /// <param name="arrivals">For the next owner; null: nothing is known.</param>
    public async Task GiveBackAsync(PhoneNumberId id, long epoch, TimeSpan granted, KnownArrivals? arrivals, CancellationToken cancel)
    {
        var end = new { id = id.Value, epoch, granted, arrivals = arrivals is null ? null : JsonSerializer.Serialize(arrivals) };
        if (!await ExecuteAsync(PhoneNumberSql.GiveBack, end, cancel)) await ExecuteAsync(PhoneNumberSql.LetNextBegin, end, cancel);
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

using Dapper;
using OrleansBsp.Core.PhoneNumbers;
using OrleansBsp.Server.Storage;
using OrleansBsp.Server.Templates;

namespace OrleansBsp.Server.Accounts;

/// <summary>A WhatsApp Business Account as stored; the token is encrypted.</summary>
public sealed record WabaRow(string Id, string Name, byte[] AccessToken, string TimeZone, string Currency, string State, string? StateReason);

/// <summary>A phone number as Meta lists it.</summary>
/// <param name="Throughput">Messages/s.</param>
public sealed record FetchedNumber(string Id, string DisplayNumber, string VerifiedName, string Quality, string Status, string Level, int Throughput);

/// <summary>A template as Meta lists it; <paramref name="Components"/> is JSON.</summary>
public sealed record FetchedTemplate(
    string Id, string Name, string Language, string Category, string Status, string Format, string Components, string? Quality);

/// <summary>Stores accounts with what was fetched for them.</summary>
public sealed class AccountStore(Database database)
{
    public async Task<WabaRow?> FindAsync(string id, CancellationToken cancel)
    {
        await using var connection = await database.Main.OpenConnectionAsync(cancel);
        return await connection.QuerySingleOrDefaultAsync<WabaRow>(new(AccountSql.FindWaba, new { id }, cancellationToken: cancel));
    }

    public async Task<List<WabaRow>> ListAsync(string after, int limit, CancellationToken cancel)
    {
        await using var connection = await database.Main.OpenConnectionAsync(cancel);
        return [.. await connection.QueryAsync<WabaRow>(new(AccountSql.ListWabas, new { after, limit }, cancellationToken: cancel))];
    }

    /// <summary>All or nothing: the account with its numbers and templates. A stopped account is active again with its new token.</summary>
    public async Task SaveAsync(
        string id, string name, byte[] token, string timeZone, string currency,
        IReadOnlyList<FetchedNumber> numbers, IReadOnlyList<FetchedTemplate> templates, CancellationToken cancel)
    {
        await using var connection = await database.Main.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        await connection.ExecuteAsync(new(AccountSql.UpsertWaba, new { id, name, token, timeZone, currency }, transaction, cancellationToken: cancel));
        await connection.ExecuteAsync(new(AccountSql.UpsertNumbers, new
        {
            wabaId = id,
            ids = numbers.Select(number => number.Id).ToArray(),
            displays = numbers.Select(number => number.DisplayNumber).ToArray(),
            names = numbers.Select(number => number.VerifiedName).ToArray(),
            qualities = numbers.Select(number => number.Quality).ToArray(),
            statuses = numbers.Select(number => number.Status).ToArray(),
            levels = numbers.Select(number => number.Level).ToArray(),
            throughputs = numbers.Select(number => number.Throughput).ToArray(),
        }, transaction, cancellationToken: cancel));
        var syncedAt = await connection.ExecuteScalarAsync<DateTime>(new("select now()", transaction: transaction, cancellationToken: cancel));
        var page = new
        {
            wabaId = id,
            syncedAt,
            ids = templates.Select(template => template.Id).ToArray(),
            names = templates.Select(template => template.Name).ToArray(),
            languages = templates.Select(template => template.Language).ToArray(),
            categories = templates.Select(template => template.Category).ToArray(),
            statuses = templates.Select(template => template.Status).ToArray(),
            formats = templates.Select(template => template.Format).ToArray(),
            components = templates.Select(template => template.Components).ToArray(),
            qualities = templates.Select(template => template.Quality).ToArray(),
        };
        await connection.ExecuteAsync(new(TemplateSql.RemoveReplaced, page, transaction, cancellationToken: cancel));
        await connection.ExecuteAsync(new(TemplateSql.Upsert, page, transaction, cancellationToken: cancel));
        await connection.ExecuteAsync(new(TemplateSql.MarkGone, page, transaction, cancellationToken: cancel));
        await transaction.CommitAsync(cancel);
    }

    /// <summary>Stops every number of the account, with a reason for the operator.</summary>
    /// <param name="token">The stored token that the reason is about; null: about none.</param>
    public async Task StopAsync(string id, string reason, byte[]? token, CancellationToken cancel)
    {
        await using var connection = await database.Control.OpenConnectionAsync(cancel);
        await connection.ExecuteAsync(new(AccountSql.StopWaba, new { id, reason, token }, cancellationToken: cancel));
    }

    /// <summary>The account's numbers whose grains are awake: who sleeps need not be woken to be told what it will read by itself.</summary>
    public async Task<List<PhoneNumberId>> AwakeNumbersOfAsync(string id, CancellationToken cancel)
    {
        await using var connection = await database.Control.OpenConnectionAsync(cancel);
        return [.. (await connection.QueryAsync<string>(new(AccountSql.AwakeNumbersOf, new { id }, cancellationToken: cancel))).Select(number => new PhoneNumberId(number))];
    }

    public async Task<string?> WabaOfAsync(PhoneNumberId number, CancellationToken cancel)
    {
        await using var connection = await database.Control.OpenConnectionAsync(cancel);
        return await connection.ExecuteScalarAsync<string?>(new(AccountSql.WabaOfNumber, new { id = number.Value }, cancellationToken: cancel));
    }

    /// <summary>Stores what a webhook says of a number, which it names by its digits only.</summary>
    /// <returns>The number; null if it is not ours.</returns>
    public async Task<PhoneNumberId?> UpdateNumberAsync(string wabaId, string digits, string? level, int? throughput, string? name, CancellationToken cancel)
    {
        await using var connection = await database.Main.OpenConnectionAsync(cancel);
        var id = await connection.ExecuteScalarAsync<string?>(new(AccountSql.UpdateNumber, new { wabaId, digits, level, throughput, name }, cancellationToken: cancel));
        return id is null ? null : new PhoneNumberId(id);
    }
}

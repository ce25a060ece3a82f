using Dapper;
using OrleansBsp.Core.Webhooks;
using OrleansBsp.Server.Storage;

namespace OrleansBsp.Server.Contacts;

/// <summary>A person, known by phone or by BSUID. A class with setters because Dapper fills it by name.</summary>
public sealed class ContactRow
{
    public long Id { get; set; }
    public long? Phone { get; set; }
    public string? UserId { get; set; }
    public string Name { get; set; } = "";

    /// <summary>"marketing", "all", or null.</summary>
    public string? OptedOut { get; set; }

    public DateTime CreatedAt { get; set; }
}

public sealed record ConsentRow(DateTime At, string Action, string Scope, string Source, string Detail);

/// <summary>Contacts and their consent. A release looks at <c>contact.opted_out</c> in its own statement (<c>CampaignSql</c>, <c>ConversationSql</c>).</summary>
public sealed class ContactStore(Database database)
{
    /// <summary>Sets what a contact wants, with the evidence. Repeating it changes nothing.</summary>
    /// <param name="phone">Digits; null for people known by BSUID only.</param>
    /// <param name="scope">"marketing" or "all".</param>
    /// <param name="at">When it was said; null: now.</param>
    /// <returns>The contact's id.</returns>
    public async Task<long> SetConsentAsync(
        string? phone, string? userId, string name, bool optOut, string scope, string source, string detail, DateTimeOffset? at, CancellationToken cancel)
    {
        await using var connection = await database.Main.OpenConnectionAsync(cancel);
        var arguments = new { phone = long.TryParse(phone, out var digits) ? digits : (long?)null, userId, name, optOut, scope, source, detail, at = at?.UtcDateTime };
        // Nothing comes back if another session made the same contact at the same moment: then it is there now.
        return await connection.ExecuteScalarAsync<long?>(new(ContactSql.SetConsent, arguments, cancellationToken: cancel))
            ?? await connection.ExecuteScalarAsync<long>(new(ContactSql.SetConsent, arguments, cancellationToken: cancel));
    }

    /// <summary>Wishes that people told Meta (reference 7.3).</summary>
    public async Task ApplyPreferencesAsync(IReadOnlyList<Preference> preferences, CancellationToken cancel)
    {
        foreach (var wish in preferences)
        {
            if (!IsPerson(wish.WaId, wish.UserId)) continue;
            await SetConsentAsync(wish.WaId, wish.UserId, "", wish.Change == PreferenceChange.Stop, "marketing", "meta-preference",
                wish.Detail ?? wish.Change.ToString(), wish.At, cancel);
        }
    }

    /// <summary>Statuses that failed because the person stopped marketing from us (Meta's error 131050).</summary>
    public async Task StopMarketingAsync(IReadOnlyList<StatusUpdate> statuses, CancellationToken cancel)
    {
        foreach (var status in statuses)
        {
            if (!IsPerson(status.RecipientId, status.RecipientUserId)) continue;
            await SetConsentAsync(status.RecipientId, status.RecipientUserId, "", true, "marketing", "meta-error", status.Error?.Title ?? "", status.At, cancel);
        }
    }

    // A group has an id of another shape and no consent of its own.
    private static bool IsPerson(string? phone, string? userId) => userId is not null || long.TryParse(phone, out _);

    public async Task<ContactRow?> FindAsync(long id, CancellationToken cancel)
    {
        await using var connection = await database.Main.OpenConnectionAsync(cancel);
        return await connection.QuerySingleOrDefaultAsync<ContactRow>(new(ContactSql.Find, new { id }, cancellationToken: cancel));
    }

    public async Task<List<ContactRow>> ListAsync(long after, long? phone, int limit, CancellationToken cancel)
    {
        await using var connection = await database.Main.OpenConnectionAsync(cancel);
        return [.. await connection.QueryAsync<ContactRow>(new(ContactSql.ReadPage, new { after, phone, limit }, cancellationToken: cancel))];
    }

    public async Task<long> SaveAsync(long phone, string name, CancellationToken cancel)
    {
        await using var connection = await database.Main.OpenConnectionAsync(cancel);
        return await connection.ExecuteScalarAsync<long>(new(ContactSql.Upsert, new { phone, name }, cancellationToken: cancel));
    }

    public async Task<List<ConsentRow>> ReadConsentAsync(long id, CancellationToken cancel)
    {
        await using var connection = await database.Main.OpenConnectionAsync(cancel);
        return [.. await connection.QueryAsync<ConsentRow>(new(ContactSql.ReadConsent, new { id }, cancellationToken: cancel))];
    }
}

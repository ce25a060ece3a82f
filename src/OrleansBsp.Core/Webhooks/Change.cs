using System.Text.Json;
using OrleansBsp.Core.Messages;

namespace OrleansBsp.Core.Webhooks;

/// <summary>One element of <c>changes[]</c> while it is read, with what its parts share. Lives as long as the parsed body.</summary>
internal sealed class Change(JsonElement self, JsonElement value, string? field, string? wabaId, DateTimeOffset? at, string path)
{
    private Contact[]? _contacts;

    /// <summary>The change itself: some keys stand beside <c>value</c> instead of inside.</summary>
    public JsonElement Self => self;

    public JsonElement Value => value;

    /// <summary>Meta's field; null if it was nowhere.</summary>
    public string? Field => @field;

    public string? WabaId => wabaId;

    /// <summary>Time of the entry; messages have none.</summary>
    public DateTimeOffset? At => at;

    public string Path => path;

    /// <summary>Null where the payload names no number.</summary>
    public string? PhoneNumberId { get; } = MetaJson.Text(MetaJson.Child(value, "metadata"u8), "phone_number_id"u8);

    /// <summary>
    /// The contact with one of these ids. Position says nothing: contacts are a set beside the messages, often
    /// shorter, and missing altogether for system notices (reference 5.3).
    /// </summary>
    public Contact? ContactOf(string? waId, string? userId)
    {
        _contacts ??= ReadContacts(value);
        foreach (var contact in _contacts)
        {
            if ((userId is not null && contact.UserId == userId) || (waId is not null && contact.WaId == waId))
            {
                return contact;
            }
        }

        return null;
    }

    private static Contact[] ReadContacts(JsonElement value)
    {
        var list = MetaJson.Child(value, "contacts"u8);
        if (list.ValueKind != JsonValueKind.Array)
        {
            return [];
        }

        var contacts = new List<Contact>();
        foreach (var element in list.EnumerateArray())
        {
            var profile = MetaJson.Child(element, "profile"u8);
            contacts.Add(new(
                MetaJson.Text(element, "wa_id"u8),
                MetaJson.Text(element, "user_id"u8),
                MetaJson.Text(profile, "name"u8),
                MetaJson.Text(profile, "username"u8)));
        }

        return [.. contacts];
    }

    /// <summary>What <c>contacts[]</c> says of a user.</summary>
    internal sealed record Contact(string? WaId, string? UserId, string? Name, string? Username);
}

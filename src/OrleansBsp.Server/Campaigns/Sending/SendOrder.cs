using System.Globalization;
using System.Text.Json;
using OrleansBsp.Server.Queues;

namespace OrleansBsp.Server.Campaigns.Sending;

/// <summary>One attempt of one message, as it travels through the queue. Every delivery of it is the same, to the moment.</summary>
/// <param name="TokenKey">Of the campaign: an order of another installation is not ours.</param>
/// <param name="Limit">Messages per second that the number may send.</param>
/// <param name="Moment">When to post it, by the database's clock.</param>
/// <param name="Permit">Number of its permit, under which its arrival is told.</param>
/// <param name="Body">The request for Meta, as it is posted.</param>
internal sealed record SendOrder(
    int Version, long Campaign, int TokenKey, int Position, int Attempt, string Number, string Waba, long Phone, int Limit, DateTime Moment, long Permit,
    string Body)
{
    /// <summary>Of the format. A process that knows only older ones leaves the order to others.</summary>
    public const int Current = 1;

    private static readonly JsonSerializerOptions Manner = new(JsonSerializerDefaults.Web);

    public SendKey Key => new(Campaign, Position, (short)Attempt, Moment);

    // The default encoder escapes all but ASCII, so nothing in a message is a character that SQS forbids.
    public string ToText() => JsonSerializer.Serialize(this, Manner);

    /// <summary>Null: not an order that we know.</summary>
    public static SendOrder? ParseOrNull(string text)
    {
        try
        {
            return JsonSerializer.Deserialize<SendOrder>(text, Manner) is
            {
                Version: Current, Campaign: > 0, Position: > 0, Attempt: > 0 and <= short.MaxValue, Number.Length: > 0, Waba.Length: > 0, Limit: > 0, Body.Length: > 0,
                Moment.Kind: DateTimeKind.Utc,
            } order ? order : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>What an operator may know of the text of an order; null: not an order that we know.</summary>
    public static MessageNames? NamesOrNull(string text) => ParseOrNull(text) is { } order
        ? new MessageNames(order.Campaign.ToString(CultureInfo.InvariantCulture), order.Position, order.Attempt, order.Number)
        : null;
}

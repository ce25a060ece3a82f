using System.Text.Json.Nodes;
using OrleansBsp.Core.Campaigns;
using OrleansBsp.Core.Messages;
using OrleansBsp.Server.Http;

namespace OrleansBsp.Server.Campaigns;

/// <summary>The books as the contract names them.</summary>
public sealed record BooksView(
    int Planned, int NotReleased, int InFlight, int Retrying, int Accepted, int AcceptedOnly, int Sent, int Delivered, int Read, int Failed,
    int Refused, int Skipped, int Expired, int Cancelled, int Held, int Uncertain, int Unknown)
{
    public static BooksView Of(Books books)
    {
        var counts = books.Counts;
        return new BooksView(
            books.Planned, books.NotReleased, books.InFlight, counts[MessageState.Retrying], books.Accepted, counts[MessageState.Accepted],
            counts[MessageState.Sent], counts[MessageState.Delivered], counts[MessageState.Read], counts[MessageState.Failed],
            counts[MessageState.Refused], counts[MessageState.Skipped], counts[MessageState.Expired], books.Cancelled, counts[MessageState.Held],
            counts[MessageState.Uncertain], counts[MessageState.Unknown]);
    }
}

public sealed record TemplateName(string Name, string Language);

/// <param name="Earliest">When everything could be sent at the best; null when nothing is left.</param>
/// <param name="LimitedBy">What decides it, in words; null while nothing does.</param>
public sealed record ForecastView(DateTime? Earliest, DateTime? Latest, string? LimitedBy)
{
    /// <summary>From what is left and the rate; the late end allows for a third less than the rate.</summary>
    public static ForecastView Of(int left, double perSecond, string? limitedBy, DateTime from)
    {
        if (left == 0 || perSecond <= 0) return new ForecastView(null, null, limitedBy);
        var seconds = left / perSecond;
        return new ForecastView(from.AddSeconds(seconds), from.AddSeconds(seconds * 1.5 + 5), limitedBy);
    }
}

/// <summary>A campaign in the API.</summary>
/// <param name="LimitedBy">What keeps it from sending faster, in words; null while it sends nothing.</param>
/// <param name="InFlight">Messages on their way at this moment, by their owner's word; counts down to zero after a pause.</param>
public sealed record CampaignView(
    string Id, string Name, string PhoneNumberId, TemplateName Template, string Category, JsonNode? Parameters, string DefaultCountry, int? MaxPerSecond,
    [property: WordsOf<CampaignState>] string State, string? StateReason, BooksView Books, int SendingPerSecond, string? LimitedBy, int InFlight, ForecastView? Forecast, string? Silo,
    DateTime CreatedAt, DateTime? StartAt, DateTime? LaunchedAt, DateTime? StartedAt, DateTime? EndedAt)
{
    public static CampaignView Of(CampaignDefinition campaign, CampaignRunRow run, CampaignLive? live, int sendingPerSecond, DateTime now)
    {
        var books = run.Books();
        var isRunning = run.CampaignState == CampaignState.Running;
        var limitedBy = live?.LimitedBy is { Length: > 0 } by ? by : null;
        return new CampaignView(
            Text(campaign.Id), campaign.Name, campaign.PhoneNumberId, new TemplateName(campaign.TemplateName, campaign.TemplateLanguage), campaign.Category,
            JsonNode.Parse(campaign.Parameters), campaign.DefaultCountry, campaign.MaxPerSecond, run.State, run.StateReason, BooksView.Of(books),
            isRunning ? sendingPerSecond : 0, limitedBy, live?.InFlight ?? books.InFlight,
            isRunning && sendingPerSecond > 0 ? ForecastView.Of(books.NotReleased, sendingPerSecond, limitedBy, now) : null,
            live?.Silo ?? run.Owner, campaign.CreatedAt, run.StartAt, run.LaunchedAt, run.StartedAt, run.EndedAt);
    }

    private static string Text(long id) => id.ToString(System.Globalization.CultureInfo.InvariantCulture);
}

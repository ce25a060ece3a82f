using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using OrleansBsp.Core.Campaigns;
using OrleansBsp.Server.Access;
using OrleansBsp.Server.Cluster;
using OrleansBsp.Server.Http;

namespace OrleansBsp.Server.Campaigns;

/// <summary><c>GET …/{id}/live</c>: the campaign as server-sent events, at most two per second, and only when something has changed.</summary>
internal static class CampaignLiveEndpoint
{
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(500);

    // A proxy closes a stream that says nothing; the same view again keeps it open.
    private static readonly TimeSpan AtLeastEvery = TimeSpan.FromSeconds(10);

    public static void Map(RouteGroupBuilder api) => api.MapGet("/{id}/live", StreamAsync).RequireScope(Scope.Read)
        .WithSummary("The campaign as server-sent events named campaign, at most two per second").Produces<CampaignView>(contentType: "text/event-stream");

    private static async Task<IResult> StreamAsync(string id, CampaignStore store, CampaignLiveReader live, Drain drain, TimeProvider clock, CancellationToken cancel)
    {
        if (CampaignId.ParseOrNull(id) is not { } campaign || await store.FindDefinitionAsync(campaign, cancel) is not { } definition)
            return Problems.NotFound("campaign", id);
        return TypedResults.ServerSentEvents(ReadAsync(definition, store, live, clock, drain.Began, cancel));
    }

    private static async IAsyncEnumerable<SseItem<CampaignView>> ReadAsync(
        CampaignDefinition campaign, CampaignStore store, CampaignLiveReader live, TimeProvider clock, CancellationToken stopping, [EnumeratorCancellation] CancellationToken cancel)
    {
        CampaignView? shown = null;
        var shownAt = DateTimeOffset.MinValue;
        while (!cancel.IsCancellationRequested && !stopping.IsCancellationRequested) // a browser comes again by itself, to another process
        {
            var id = new CampaignId(campaign.Id);
            if (await store.FindRunAsync(id, cancel) is not { } run) yield break;
            var (now, perSecond) = await live.ReadAsync(id, run);
            var view = CampaignView.Of(campaign, run, now, perSecond, clock.GetUtcNow().UtcDateTime);
            // The forecast and the parameters (a JSON tree) are compared by what they come from.
            var same = shown is not null && view with { Forecast = null, Parameters = null } == shown with { Forecast = null, Parameters = null };
            if (!same || clock.GetUtcNow() - shownAt >= AtLeastEvery)
            {
                (shown, shownAt) = (view, clock.GetUtcNow());
                yield return new SseItem<CampaignView>(view, "campaign");
            }

            await Task.Delay(Every, clock, cancel);
        }
    }
}

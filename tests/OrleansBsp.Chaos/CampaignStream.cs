using OrleansBsp.Testing;

namespace OrleansBsp.Chaos;

/// <summary>Campaigns one after another: while it runs, three of them have recipients left, two on one number and one on another.</summary>
/// <param name="abandon">Ends it at once, whatever it is doing.</param>
internal sealed class CampaignStream(Stage stage, int round, CancellationToken abandon)
{
    /// <summary>What each number may send in a second: Meta's limit of the slow one, the operator's of the fast one.</summary>
    public static IReadOnlyDictionary<string, int> Limits { get; } = new Dictionary<string, int> { [Stage.Number1000] = 400, [Stage.Number80] = 80 };

    private readonly List<string> _launched = [];
    private int _people = round * 7; // other people in each campaign: a person may be written to only every few seconds

    /// <summary>Every campaign that was launched, also if nobody heard the answer.</summary>
    public IReadOnlyList<string> Launched
    {
        get { lock (_launched) return [.. _launched]; }
    }

    /// <summary>Until it is stopped. What fails meanwhile, because something is broken, is tried again.</summary>
    public Task RunAsync(CancellationToken stop) => Task.WhenAll(
        KeepRunningAsync(Stage.Number1000, 2000, stop), KeepRunningAsync(Stage.Number1000, 3000, stop), KeepRunningAsync(Stage.Number80, 500, stop));

    private async Task KeepRunningAsync(string number, int recipients, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var draft = await Patience.TryAsync(() => stage.DraftAsync(Audience.Of(recipients, Interlocked.Increment(ref _people) % 30), number), stop);
            if (draft is null) return;
            lock (_launched) _launched.Add(draft.Id);
            await Patience.TryAsync(() => LaunchAsync(draft.Id), abandon); // also when it is to stop: the answer may have been lost, and then it runs
            while (await Patience.TryAsync(() => stage.Api.CampaignAsync(draft.Id), stop) is { Books.NotReleased: > 0 }) await Task.Delay(Patience.Pause, CancellationToken.None);
        }
    }

    private async Task<CampaignView> LaunchAsync(string campaign)
    {
        try
        {
            return await stage.Api.LaunchAsync(campaign);
        }
        catch (ApiRefusedException refusal) when (refusal.Problem.Status == 409)
        {
            return await stage.Api.CampaignAsync(campaign); // it was launched, and the answer was lost
        }
    }
}

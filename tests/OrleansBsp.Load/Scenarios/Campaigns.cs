using System.Diagnostics;
using OrleansBsp.Load.Rig;

namespace OrleansBsp.Load.Scenarios;

/// <summary>What several scenarios do with campaigns.</summary>
internal static class Campaigns
{
    private static readonly TimeSpan PollEvery = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan StuckAfter = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan QuietMoment = TimeSpan.FromSeconds(2);

    /// <summary>One campaign for each of the first <paramref name="numbers"/> numbers, with its audience, not launched.</summary>
    /// <param name="maxPerSecond">Of each campaign; null: as fast as its number may.</param>
    public static async Task<long[]> PrepareAsync(LoadRig rig, int numbers, int recipientsEach, CancellationToken cancel, int? maxPerSecond = null)
    {
        var campaigns = new long[numbers];
        for (var i = 0; i < numbers; i++)
        {
            campaigns[i] = await rig.Api.CreateCampaignAsync($"load {i}", World.NumberId(i), cancel, maxPerSecond);
            using var csv = new MemoryStream(rig.Recipients.Csv(recipientsEach));
            await rig.Api.UploadAsync(campaigns[i], csv, recipientsEach, cancel);
        }

        return campaigns;
    }

    public static Task LaunchAsync(LoadRig rig, long[] campaigns, CancellationToken cancel) =>
        Task.WhenAll(campaigns.Select(campaign => rig.Api.CommandAsync(campaign, "launch", cancel)));

    /// <summary>Waits until the books satisfy <paramref name="done"/>; looks ten times a second.</summary>
    /// <param name="look">Called at each look, for what else is sampled.</param>
    /// <exception cref="TimeoutException">Nothing has moved for a minute.</exception>
    public static async Task WaitAsync(LoadRig rig, long[] campaigns, Func<BooksSum, bool> done, Action<BooksSum>? look, CancellationToken cancel)
    {
        var last = new BooksSum(0, 0, 0, 0);
        var moved = Stopwatch.StartNew();
        while (true)
        {
            var books = await rig.Books.ReadAsync(campaigns, cancel);
            look?.Invoke(books);
            if (done(books)) return;
            if (books != last) moved.Restart();
            if (moved.Elapsed > StuckAfter) throw new TimeoutException($"Nothing has moved for {StuckAfter.TotalSeconds:0} s: {books}.");
            last = books;
            rig.ThrowIfEnded();
            await Task.Delay(PollEvery, cancel);
        }
    }

    /// <summary>
    /// Campaigns from start to end whose figures nobody sees. In two rounds, each with a quiet moment after it: the runtime compiles what
    /// has turned out to be hot only when nothing new has been compiled for a while, and what it compiles first it compiles again, better.
    /// </summary>
    public static async Task WarmUpAsync(LoadRig rig, int numbers, int recipientsEach, CancellationToken cancel)
    {
        for (var round = 0; round < 2; round++)
        {
            var campaigns = await PrepareAsync(rig, numbers, recipientsEach / 2, cancel);
            await LaunchAsync(rig, campaigns, cancel);
            await WaitAsync(rig, campaigns, books => books.Read == books.Planned, null, cancel);
            await rig.Simulator.WaitIdleAsync(TimeSpan.FromSeconds(30), cancel);
            await Task.Delay(QuietMoment, cancel);
        }

        await rig.Simulator.ResetAsync(cancel);
    }
}
